"""The people protocol over HTTP as the page speaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.driver import Refused, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Server
    from tests.support.stand_in import Place


@pytest.fixture
async def session(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that has entered: the cookie is all it has."""
    async with aiohttp.ClientSession(server.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as opened:
        async with opened.post("/people/enter", json={"token": server.gatekeeper.capability}) as response:
            assert response.status == 204
        yield opened


async def test_nobody_without_the_capability(server: Server, place: Place) -> None:
    uid = place.user("Ada").id
    async with aiohttp.ClientSession(server.url) as session:
        for method, path in (
            ("GET", "/people"),
            ("GET", f"/people/{uid}/world"),
            ("GET", f"/people/{uid}/channels/1/messages"),
            ("GET", f"/people/{uid}/events"),
            ("POST", f"/people/{uid}/acts/post"),
        ):
            async with session.request(method, path, json={}) as response:
                assert response.status == 401, path
                assert (await response.json())["code"] == 0
    with pytest.raises(Refused) as refused:
        await Stage.connect(server.url, "wrong")
    assert refused.value.status == 401


async def test_acts_and_errors(session: aiohttp.ClientSession, place: Place) -> None:
    uid, general = place.user("Ada").id, place.channel("general").id
    body: dict[str, Any] = {"channel_id": str(general), "content": "by hand"}
    async with session.post(f"/people/{uid}/acts/post", json=body) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        message = await response.json()
    assert message["content"] == "by hand"
    async with session.get(f"/people/{uid}/channels/{general}/messages", params={"limit": "1"}) as response:
        assert [one["id"] for one in await response.json()] == [message["id"]]
    async with session.post(f"/people/{uid}/acts/typing", json={"channel_id": str(general)}) as response:
        assert (response.status, await response.json()) == (200, {})
    async with session.post(f"/people/{uid}/acts/post", json=body | {"content": "x" * 2001}) as response:
        assert response.status == 400
        error = await response.json()
        assert error["code"] == 50035
        assert error["errors"]["content"]["_errors"]
    for path, status in (
        (f"/people/{uid}/channels/{general}/messages?limit=0", 400),
        (f"/people/{uid}/channels/{general}/messages?limit=101", 400),
        (f"/people/{uid}/channels/{general}/messages?before=x", 400),
        (f"/people/{uid}/channels/1/messages", 404),
        (f"/people/{uid}/channels/x/pins", 404),
        (f"/people/{place.user('Chika').id}/channels/{place.channel('mod-room').id}/messages", 403),
        (f"/people/{place.app.user_id}/world", 404),
        ("/people/99999999999999999999999/world", 404),
    ):
        async with session.get(path) as response:
            assert response.status == status, path
    for data in (b"[]", b'"x"', b"{"):
        headers = {"Content-Type": "application/json"}
        async with session.post(f"/people/{uid}/acts/post", data=data, headers=headers) as response:
            assert response.status == 400


async def test_uploads(session: aiohttp.ClientSession, place: Place) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", f'{{"channel_id": "{place.channel("general").id}", "content": ""}}')
    form.add_field("files[0]", b"some text", filename="a b.txt")
    async with session.post(f"/people/{place.user('Ada').id}/acts/post", data=form) as response:
        assert response.status == 200
        [attachment] = (await response.json())["attachments"]
    async with session.get(attachment["url"]) as response:
        assert await response.read() == b"some text"


async def test_the_world_of_one_person(session: aiohttp.ClientSession, place: Place) -> None:
    async with session.get(f"/people/{place.user('Chika').id}/world") as response:
        world = await response.json()
    assert world["user"]["global_name"] == "Chika"
    [guild] = world["guilds"]
    assert {"roles", "members", "channels", "threads", "emojis", "my_permissions"} <= guild.keys()
    names = [one["name"] for one in guild["channels"]]
    assert "general" in names
    assert "mod-room" not in names
    assert all(int(one["my_permissions"]) for one in [*guild["channels"], *guild["threads"]])
    assert world["private_channels"] == []
