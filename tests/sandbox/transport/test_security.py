"""Loopback only, own Host and Origin only, and nobody acts for people without the capability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.security import cookie_name
from sandbox.server import Options, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.stand_in import Place


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])  # noqa: S104 - refused
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Server(Options(host=host, port=0))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
async def test_loopback_addresses_are_fine(host: str) -> None:
    async with (
        Server(Options(host=host, port=0)) as server,
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/api/v10/gateway") as response,
    ):
        assert response.status == 200
        assert (await response.json())["url"] == server.gateway_url


@pytest.mark.parametrize("path", ["/", "/people", "/api/v10/gateway", "/gateway", "/static/boot.js"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil:{port}"]
)
async def test_foreign_hosts_are_misdirected(
    server: Server, browser: aiohttp.ClientSession, path: str, host: str
) -> None:
    headers = {"Host": host.format(port=server.port)}
    async with browser.get(f"{server.url}{path}", headers=headers) as response:
        assert response.status == 421


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
async def test_own_hosts_are_welcome(server: Server, browser: aiohttp.ClientSession, host: str) -> None:
    headers = {"Host": host.format(port=server.port)}
    async with browser.get(f"{server.url}/", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}"],
)
@pytest.mark.parametrize("path", ["/people", "/api/v10/gateway", "/gateway"])
async def test_foreign_origins_are_forbidden(
    server: Server, browser: aiohttp.ClientSession, origin: str, path: str
) -> None:
    token = {"Authorization": f"Bearer {server.gatekeeper.capability}"}
    headers = token | {"Origin": origin.format(port=server.port)}
    async with browser.get(f"{server.url}{path}", headers=headers) as response:
        assert response.status == 403


async def test_own_origin_is_welcome(server: Server, browser: aiohttp.ClientSession) -> None:
    headers = {"Origin": server.url, "Authorization": f"Bearer {server.gatekeeper.capability}"}
    async with browser.get(f"{server.url}/people", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("path", ["/people", "/people/1/world", "/people/control", "/people/1/events"])
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer ", "Bot stand-in-token"])
async def test_people_need_the_capability(
    server: Server, browser: aiohttp.ClientSession, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with browser.get(f"{server.url}{path}", headers=headers) as response:
        assert response.status == 401
        assert await response.json() == {"code": 0, "message": "401: Unauthorized"}


async def test_the_capability_is_exchanged_for_a_cookie(
    server: Server, place: Place, browser: aiohttp.ClientSession
) -> None:
    url = f"{server.url}/people/enter"
    async with browser.post(url, json={"token": server.gatekeeper.capability}) as response:
        assert response.status == 204
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith(f"{cookie_name(server.port)}=")
        assert server.gatekeeper.capability not in cookie
        assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    async with browser.get(f"{server.url}/people/{place.user('Ada').id}/world") as response:
        assert response.status == 200
    browser.cookie_jar.clear()
    forged = {"Cookie": f"{cookie_name(server.port)}={'f' * 64}"}
    async with browser.get(f"{server.url}/people", headers=forged) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    "body", ['{"token": "wrong"}', '{"token": 5}', "{}", "[]", "nonsense", "", '{"token": "\\u00fc"}']
)
async def test_entering_with_something_else(server: Server, browser: aiohttp.ClientSession, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with browser.post(f"{server.url}/people/enter", data=body, headers=headers) as response:
        assert response.status == 401
        assert "Set-Cookie" not in response.headers


def test_the_capability_is_new_each_time_unless_given() -> None:
    first, second = Server(Options(port=0)), Server(Options(port=0))
    assert first.gatekeeper.capability != second.gatekeeper.capability
    assert len(first.gatekeeper.capability) >= 32
    assert Server(Options(port=0, capability="given")).page_url.endswith("/#given")


async def test_the_page_may_do_little(server: Server, browser: aiohttp.ClientSession) -> None:
    for path in ("/", "/static/boot.js"):
        async with browser.get(f"{server.url}{path}") as response:
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'")
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
    async with browser.get(f"{server.url}/static/boot.js") as response:
        assert response.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    ["../server.py", "..%2Fserver.py", "%2e%2e/server.py", "../../pyproject.toml", "/etc/passwd", "nothing.js", ""],
)
async def test_only_the_pages_files_are_served(server: Server, path: str) -> None:
    import asyncio  # noqa: PLC0415 - sent raw, since clients tidy such paths up

    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /static/{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.split(b" ", 2)[1] == b"404"


@pytest.mark.parametrize(
    ("name", "kind", "manner"),
    [
        ("evil.html", "text/html", "attachment"),
        ("evil.svg", "image/svg+xml", "attachment"),
        ("evil.xhtml", "application/xhtml+xml", "attachment"),
        ("script.js", "text/javascript", "attachment"),
        ("noidea", "application/octet-stream", "attachment"),
        ("fine.png", "image/png", "inline"),
        ("fine.txt", "text/plain", "inline"),
        ("ü ber.json", "application/json", "attachment"),
    ],
)
async def test_uploads_never_run(
    server: Server, browser: aiohttp.ClientSession, name: str, kind: str, manner: str
) -> None:
    server.world.put_file(77, b"<script>alert(1)</script>")
    async with browser.get(f"{server.url}/cdn/attachments/1/77/{name}") as response:
        assert response.status == 200
        assert await response.read() == b"<script>alert(1)</script>"
        assert response.headers["Content-Type"].split(";")[0] == kind
        assert response.headers["Content-Disposition"].startswith(f"{manner}; filename*=UTF-8''")
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("number", ["78", "x", "-1", "9" * 30])
async def test_an_upload_that_is_not_there(server: Server, browser: aiohttp.ClientSession, number: str) -> None:
    async with browser.get(f"{server.url}/cdn/attachments/1/{number}/a.txt") as response:
        assert response.status == 404


async def test_faces_are_pictures(server: Server, place: Place, browser: aiohttp.ClientSession) -> None:
    for path in (
        "embed/avatars/0.png",
        f"avatars/{place.user('Ada').id}/abc.png",
        "emojis/5.webp",
        "icons/1/x.png?size=64",
    ):
        async with browser.get(f"{server.url}/cdn/{path}") as response:
            assert response.headers["Content-Type"] == "image/png"
            assert (await response.read()).startswith(b"\x89PNG")
