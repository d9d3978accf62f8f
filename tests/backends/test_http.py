"""Addresses, keys, waits, and the client that all share."""

import ssl
from datetime import UTC, datetime

import httpx
import pytest

from bot.backends.http import base_of, is_address, is_key, new_client, read_some, retry_after_of
from tests.backends.servers import ModelServer, Raw

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Sat, 28 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sat, 28 Nov 2026 12:00:30"}, 30),
        ({"retry-after": "Sat, 28 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Sat, 28 Nov 2099 11:00:00 GMT"}, 86_400),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "99999999"}, 86_400),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 99 Nov 2026"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_of(httpx.Headers(headers), NOW) == seconds


def test_addresses_that_can_be_asked() -> None:
    assert all(is_address(text) for text in ("https://a.example", "http://127.0.0.1:8080/v1", "http://[::1]:1/v1"))
    wrong = ("", "ftp://a", "a.example", "https://", "http://u:p@a", "http://a:b", "http://[::1", "http://a\x00b")
    assert not any(is_address(text) for text in wrong)


def test_an_address_without_a_path_gets_the_usual_one() -> None:
    assert base_of("https://a.example", "/v1") == base_of("https://a.example/", "/v1") == "https://a.example/v1"
    assert base_of("https://a.example/api/v2/", "/v1") == "https://a.example/api/v2"


def test_keys_that_a_header_can_carry() -> None:
    assert is_key("sk-abc_123")
    assert not any(is_key(text) for text in ("", "a b", "schlüssel", "a\nb"))


async def test_nothing_is_followed_and_certificates_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ssl.SSLContext] = []

    def transport(**options: object) -> httpx.AsyncBaseTransport:
        context = options["verify"]
        assert isinstance(context, ssl.SSLContext)
        seen.append(context)
        return httpx.AsyncBaseTransport()

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", transport)
    client = new_client()
    assert not client.follow_redirects
    assert all(context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname for context in seen)
    assert seen


async def test_this_machine_is_not_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, certificates: ssl.SSLContext
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    async with ModelServer.openai() as server, new_client(tls=certificates) as client:
        answer = await client.get(f"{server.address}/models")
        assert answer.status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.get("http://models.example/")


async def test_no_more_is_read_than_allowed(client: httpx.AsyncClient) -> None:
    async with ModelServer.openai() as server:
        server.will(Raw((b"x" * 1000,), ending="forever"))
        async with client.stream("GET", f"{server.address}/models") as answer:
            assert await read_some(answer, 5000) == (b"x" * 5000, False)
        async with client.stream("GET", f"{server.address}/models") as answer:
            body, is_whole = await read_some(answer, 5000)
            assert is_whole
            assert b"test-model" in body
