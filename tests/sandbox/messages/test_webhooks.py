"""Incoming webhooks over REST."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.model import Overwrite, Webhook
from sandbox.permissions import P
from tests.support.bodies import V2, button, row, text, wrong

if TYPE_CHECKING:
    from sandbox.model import Channel
    from sandbox.server import Server
    from tests.support.stand_in import Answer, Http, Place

Json = dict[str, Any]


def code(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json["code"]


@pytest.fixture
def general(place: Place) -> Channel:
    """#general, where the bot may manage webhooks."""
    channel = place.channel("general")
    channel.overwrites.append(Overwrite(id=place.app.user_id, type=1, allow=int(P.MANAGE_WEBHOOKS)))
    return channel


@pytest.fixture
async def hook(http: Http, general: Channel) -> Json:
    return (await http.post(f"/channels/{general.id}/webhooks", json={"name": "Newsroom"})).json


def by_token(hook: Json) -> str:
    return f"/webhooks/{hook['id']}/{hook['token']}"


async def test_made_listed_changed_removed(server: Server, http: Http, place: Place, general: Channel) -> None:
    events: list[Any] = []
    server.world.subscribe(events.append)
    image = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()
    path = f"/channels/{general.id}/webhooks"
    made = (await http.post(path, json={"name": "Newsroom", "avatar": image})).json
    assert (made["type"], made["name"], made["user"]["username"]) == (1, "Newsroom", "Rostrum")
    assert made["application_id"] == str(place.app.id)
    assert made["avatar"]
    assert [one["id"] for one in (await http.get(path)).json] == [made["id"]]
    assert code(await http.get(f"/guilds/{place.guild.id}/webhooks")) == (403, 50013)
    polls = place.channel("polls")
    moved = (await http.patch(f"/webhooks/{made['id']}", json={"name": "Press", "channel_id": str(polls.id)})).json
    assert (moved["name"], moved["channel_id"]) == ("Press", str(polls.id))
    # there the bot may not manage webhooks, but it owns this one
    assert (await http.get(f"/webhooks/{made['id']}")).json["name"] == "Press"
    assert code(await http.delete(f"/webhooks/{made['id']}")) == (403, 50013)
    assert (await http.delete(by_token(made), auth=False)).status == 204
    assert code(await http.get(f"/webhooks/{made['id']}")) == (404, 10015)
    assert {event.name for event in events} == {"WEBHOOKS_UPDATE"}
    assert len(events) == 4


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": "x" * 81}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "my Discord hook"}, "name", "USERNAME_INVALID_CONTAINS"),
        ({"name": "x", "avatar": "http://a.example"}, "avatar", "IMAGE_INVALID"),
    ],
)
async def test_what_is_no_webhook(http: Http, general: Channel, body: Json, path: str, expected: str) -> None:
    assert wrong(await http.post(f"/channels/{general.id}/webhooks", json=body)) == {path: expected}


async def test_fifteen_in_a_channel(http: Http, general: Channel) -> None:
    for number in range(15):
        assert (await http.post(f"/channels/{general.id}/webhooks", json={"name": str(number)})).status == 200
    assert code(await http.post(f"/channels/{general.id}/webhooks", json={"name": "more"})) == (400, 30007)


async def test_permission(http: Http, place: Place) -> None:
    for request in (
        http.post(f"/channels/{place.channel('polls').id}/webhooks", json={"name": "x"}),
        http.get(f"/channels/{place.channel('polls').id}/webhooks"),
    ):
        assert code(await request) == (403, 50013)


async def test_token(http: Http, hook: Json) -> None:
    assert "user" not in (await http.get(by_token(hook), auth=False)).json
    assert code(await http.get(f"/webhooks/{hook['id']}/wrong", auth=False)) == (401, 50027)
    assert code(await http.post("/webhooks/5/wrong", json={"content": "x"}, auth=False)) == (404, 10015)
    renamed = await http.patch(by_token(hook), json={"name": "Renamed"}, auth=False)
    assert renamed.json["name"] == "Renamed"


async def test_writing(server: Server, http: Http, general: Channel, hook: Json) -> None:
    path = by_token(hook)
    assert (await http.post(path, json={"content": "quiet"}, auth=False)).status == 204
    sent = (await http.post(f"{path}?wait=true", json={"content": "@everyone"}, auth=False)).json
    assert (sent["webhook_id"], sent["author"]["username"], sent["author"]["bot"]) == (hook["id"], "Newsroom", True)
    assert sent["mention_everyone"] is True
    named = {"content": "x", "username": "Reuters", "avatar_url": "https://a.example/r.png"}
    as_other = (await http.post(f"{path}?wait=true", json=named, auth=False)).json
    assert as_other["author"]["username"] == "Reuters"
    assert as_other["author"]["avatar"]
    assert [one.content for one in list(server.world.messages[general.id].values())[-3:]] == ["quiet", "@everyone", "x"]
    assert code(await http.post(path, json={}, auth=False)) == (400, 50006)
    assert wrong(await http.post(path, json={"content": "x", "username": "Clyde"}, auth=False)) == {
        "username": "USERNAME_INVALID_CONTAINS"
    }
    press = (await http.post(f"{path}?wait=true", json={"components": [text()], "flags": V2}, auth=False)).json
    assert press["components"][0]["content"] == "Words"
    files = (await http.post(f"{path}?wait=true", json={}, files={"files[0]": ("a.txt", b"a")}, auth=False)).json
    assert files["attachments"][0]["filename"] == "a.txt"


async def test_its_messages(http: Http, place: Place, general: Channel, hook: Json) -> None:
    path = by_token(hook)
    sent = (await http.post(f"{path}?wait=true", json={"content": "x", "username": "A"}, auth=False)).json
    one = f"{path}/messages/{sent['id']}"
    assert (await http.get(one, auth=False)).json["content"] == "x"
    edited = (await http.patch(one, json={"content": "y"}, auth=False)).json
    assert (edited["content"], edited["author"]["username"]) == ("y", "A")
    other = place.build.message(general, place.user("Ada"), "x")
    for request in (http.get, http.delete):
        assert code(await request(f"{path}/messages/{other.id}", auth=False)) == (404, 10008)
    mine = await http.patch(f"/channels/{general.id}/messages/{sent['id']}", json={"content": "z"})
    assert code(mine) == (403, 50005)
    assert (await http.delete(one, auth=False)).status == 204
    assert code(await http.get(one, auth=False)) == (404, 10008)


async def test_threads_and_forum_posts(server: Server, http: Http, place: Place, general: Channel, hook: Json) -> None:
    thread = place.build.thread(general, "talk", place.user("Ada"))
    path = by_token(hook)
    sent = (await http.post(f"{path}?wait=true&thread_id={thread.id}", json={"content": "x"}, auth=False)).json
    assert sent["channel_id"] == str(thread.id)
    one = f"{path}/messages/{sent['id']}"
    assert code(await http.get(one, auth=False)) == (404, 10008)
    assert (await http.get(f"{one}?thread_id={thread.id}", auth=False)).status == 200
    foreign = place.build.thread(place.channel("polls"), "elsewhere", place.user("Ada"))
    assert code(await http.post(f"{path}?thread_id={foreign.id}", json={"content": "x"}, auth=False)) == (404, 10003)
    assert code(await http.post(path, json={"content": "x", "thread_name": "n"}, auth=False)) == (400, 220003)
    forum = place.channel("motions")
    forum.overwrites.append(Overwrite(id=place.app.user_id, type=1, allow=int(P.MANAGE_WEBHOOKS)))
    press = by_token((await http.post(f"/channels/{forum.id}/webhooks", json={"name": "Press"})).json)
    assert code(await http.post(press, json={"content": "x"}, auth=False)) == (400, 220001)
    post = (await http.post(f"{press}?wait=1", json={"content": "x", "thread_name": "Motion"}, auth=False)).json
    assert post["id"] == post["channel_id"]
    assert post["author"]["username"] == "Press"
    assert server.world.channels[int(post["id"])].name == "Motion"
    both = await http.post(f"{press}?thread_id={post['id']}", json={"content": "x", "thread_name": "n"}, auth=False)
    assert code(both) == (400, 220002)


async def test_components_of_a_webhook_that_no_application_owns(http: Http, place: Place, general: Channel) -> None:
    plain = Webhook(
        id=place.world.next_id(),
        guild_id=place.guild.id,
        channel_id=general.id,
        name="Plain",
        token="secret",
        user_id=place.user("Ada").id,
    )
    place.world.save(plain)
    path = f"/webhooks/{plain.id}/secret?wait=true"
    parts = {"content": "x", "components": [row(button(style=5, custom_id="", url="https://a.example"))]}
    assert (await http.post(path, json=parts, auth=False)).json["components"] == []
    shown = await http.post(f"{path}&with_components=true", json=parts, auth=False)
    assert len(shown.json["components"]) == 1
    pressed = {"content": "x", "components": [row(button())]}
    assert code(await http.post(f"{path}&with_components=true", json=pressed, auth=False)) == (400, 50035)
