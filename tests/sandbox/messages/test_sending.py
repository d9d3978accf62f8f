"""Sending over REST: what comes back, what is refused, who is pinged."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from PIL import Image

from sandbox.errors import SlowMode
from sandbox.permissions import P
from tests.support.bodies import V2, button, gallery, poll, row, section, select, text, wrong
from tests.support.messages import Heard, allow, code, deny, said

if TYPE_CHECKING:
    from sandbox.model import Channel, Message
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

Json = dict[str, Any]


async def test_a_message_comes_back_whole_and_is_told(server: Server, http: Http, general: Channel, path: str) -> None:
    events = Heard(server)
    answer = await http.post(path, json={"content": " hello ", "nonce": "n", "tts": False})
    sent = answer.json
    assert answer.status == 200
    assert (sent["content"], sent["type"], sent["nonce"], sent["author"]["bot"]) == ("hello", 0, "n", True)
    assert [event.name for event in events] == ["MESSAGE_CREATE"]
    assert events[0].data["guild_id"] == str(general.guild_id)
    assert events[0].data["nonce"] == "n"
    assert general.last_message_id == int(sent["id"])
    read = await http.get(f"{path}/{sent['id']}")
    assert "nonce" not in read.json


async def test_wrong_bodies_are_refused_at_their_paths(server: Server, http: Http, path: str) -> None:
    long = await http.post(path, json={"content": "x" * 2_001})
    assert wrong(long) == {"content": "BASE_TYPE_MAX_LENGTH"}
    many = await http.post(path, json={"components": [row(button("a"), button("a"))], "embeds": [{"title": "x" * 257}]})
    assert wrong(many) == {
        "embeds.0.title": "BASE_TYPE_MAX_LENGTH",
        "components.0.components.1.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED",
    }
    assert server.world.messages  # nothing of it was stored
    assert all(message.content != "x" * 2_001 for message in server.world.messages[int(path.split("/")[2])].values())


@pytest.mark.parametrize(
    "body", [{}, {"content": ""}, {"content": " \n"}, {"embeds": [{}]}, {"flags": V2}, {"flags": V2, "components": []}]
)
async def test_empty_messages(http: Http, path: str, body: Json) -> None:
    assert code(await http.post(path, json=body)) == (400, 50006)


async def test_layout_and_flag_go_together(http: Http, path: str) -> None:
    parts = [text(), section(), row(select())]
    assert wrong(await http.post(path, json={"components": parts}))["components.0"] == "UNION_TYPE_CHOICES"
    sent = (await http.post(path, json={"components": parts, "flags": V2})).json
    assert sent["flags"] == V2
    assert [part["id"] for part in sent["components"]] == [1, 2, 5]
    mixed = await http.post(path, json={"components": parts, "flags": V2, "content": "x"})
    assert wrong(mixed) == {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"}


async def test_flags_that_a_bot_cannot_set_are_passed_over(http: Http, path: str) -> None:
    sent = (await http.post(path, json={"content": "x", "flags": 1 << 6 | 1 << 7 | 1 << 2 | 1 << 12})).json
    assert sent["flags"] == 1 << 2 | 1 << 12


async def test_an_enforced_nonce_sends_once(http: Http, path: str) -> None:
    body = {"content": "once", "nonce": "delivery-7", "enforce_nonce": True}
    first, second = await asyncio.gather(http.post(path, json=body), http.post(path, json=body))
    assert first.json["id"] == second.json["id"]
    other = await http.post(path, json={**body, "nonce": "delivery-8"})
    free = await http.post(path, json={**body, "enforce_nonce": False})
    assert len({first.json["id"], other.json["id"], free.json["id"]}) == 3


@pytest.mark.parametrize(
    ("bit", "body", "status"),
    [
        (P.VIEW_CHANNEL, {"content": "x"}, (403, 50001)),
        (P.SEND_MESSAGES, {"content": "x"}, (403, 50013)),
        (P.EMBED_LINKS, {"embeds": [{"title": "x"}]}, (403, 50013)),
        (P.SEND_POLLS, {"poll": poll()}, (403, 50013)),
        (P.SEND_TTS_MESSAGES, {"content": "x", "tts": True}, (403, 50013)),
    ],
)
async def test_permissions(
    http: Http, place: Place, general: Channel, path: str, bit: P, body: Json, status: tuple[int, int]
) -> None:
    allow(place, general, P.SEND_TTS_MESSAGES)
    assert (await http.post(path, json=body)).status == 200
    general.overwrites.clear()
    deny(place, general, bit)
    assert code(await http.post(path, json=body)) == status


async def test_attach_files(http: Http, place: Place, general: Channel, path: str) -> None:
    files = {"files[0]": ("a.txt", b"a")}
    assert (await http.post(path, json={}, files=files)).status == 200
    deny(place, general, P.ATTACH_FILES)
    assert code(await http.post(path, json={}, files=files)) == (403, 50013)


async def test_where_one_cannot_write(http: Http, place: Place) -> None:
    for name, status in (("motions", (400, 40058)), ("Commons", (400, 50008)), ("mod-room", (403, 50001))):
        found = place.channel(name)
        assert code(await http.post(f"/channels/{found.id}/messages", json={"content": "x"})) == status
    assert code(await http.post("/channels/5/messages", json={"content": "x"})) == (404, 10003)
    assert code(await http.post("/channels/x/messages", json={"content": "x"})) == (400, 50035)


async def test_direct_messages(http: Http, place: Place) -> None:
    build, bot = place.build, place.world.users[place.app.user_id]
    friend = build.direct(bot, place.user("Ada"))
    stranger = build.direct(bot, build.person("Stranger"))
    robot = build.direct(bot, place.world.users[build.application("Other", "t", place.guild).user_id])
    foreign = build.direct(place.user("Ada"), place.user("Ben"))
    for channel, expected in ((stranger, (403, 50007)), (robot, (403, 50007)), (foreign, (403, 50001))):
        assert code(await http.post(f"/channels/{channel.id}/messages", json={"content": "x"})) == expected
    sent = (await http.post(f"/channels/{friend.id}/messages", json={"content": "hello"})).json
    assert "guild_id" not in sent
    theirs = place.build.message(friend, place.user("Ada"), "hi")
    assert code(await http.delete(f"/channels/{friend.id}/messages/{theirs.id}")) == (403, 50003)
    assert (await http.delete(f"/channels/{friend.id}/messages/{sent['id']}")).status == 204


async def test_threads_wake_and_lock(server: Server, http: Http, place: Place, general: Channel) -> None:
    thread = place.build.thread(general, "talk", place.user("Ada"))
    assert thread.thread is not None
    path = f"/channels/{thread.id}/messages"
    mine = (await http.post(path, json={"content": f"hello <@{place.user('Esi').id}>"})).json
    assert (thread.thread.message_count, thread.thread.total_message_sent) == (1, 1)
    assert {place.app.user_id, place.user("Esi").id} <= thread.thread.members.keys()
    thread.thread.archived = True
    assert code(await http.patch(f"{path}/{mine['id']}", json={"content": "y"})) == (400, 50083)
    assert code(await http.delete(f"{path}/{mine['id']}")) == (400, 50083)
    assert code(await http.put(f"{path}/{mine['id']}/reactions/%F0%9F%91%8D/@me")) == (400, 50083)
    events = Heard(server)
    assert (await http.post(path, json={"content": "x"})).status == 200
    assert not thread.thread.archived
    assert [event.name for event in events] == ["THREAD_UPDATE", "MESSAGE_CREATE"]
    assert (await http.delete(f"{path}/{mine['id']}")).status == 204
    assert (thread.thread.message_count, thread.thread.total_message_sent) == (1, 2)
    thread.thread.locked = True
    deny(place, general, P.MANAGE_THREADS)
    assert code(await http.post(path, json={"content": "x"})) == (403, 160005)
    deny(place, general, P.SEND_MESSAGES_IN_THREADS)
    assert code(await http.post(path, json={"content": "x"})) == (403, 50013)


async def test_replies(server: Server, http: Http, place: Place, general: Channel, path: str) -> None:
    first = said(server, general, "Chika")

    def reply(message_id: int, **fields: object) -> Json:
        return {"content": "yes", "message_reference": {"message_id": str(message_id), **fields}}

    sent = (await http.post(path, json=reply(first.id))).json
    assert (sent["type"], sent["referenced_message"]["id"]) == (19, str(first.id))
    assert [user["id"] for user in sent["mentions"]] == [str(first.author_id)]
    edited = await http.patch(f"{path}/{sent['id']}", json={"content": "no"})
    assert [user["id"] for user in edited.json["mentions"]] == [str(first.author_id)]
    quiet = await http.post(path, json=reply(first.id) | {"allowed_mentions": {"parse": []}})
    assert quiet.json["mentions"] == []
    assert wrong(await http.post(path, json=reply(5))) == {"message_reference": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"}
    lost = (await http.post(path, json=reply(5, fail_if_not_exists=False))).json
    assert (lost["type"], "message_reference" in lost) == (0, False)
    elsewhere = said(server, place.channel("polls"), "Chika")
    found = await http.post(path, json=reply(elsewhere.id, channel_id=str(elsewhere.channel_id)))
    assert wrong(found) == {"message_reference": "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"}
    system = place.build.message(general, place.user("Ada"), "", type=7)
    assert wrong(await http.post(path, json=reply(system.id))) == {
        "message_reference": "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
    }
    await http.delete(f"{path}/{first.id}")
    assert (await http.get(f"{path}/{sent['id']}")).json["referenced_message"] is None
    deny(place, general, P.READ_MESSAGE_HISTORY)
    assert code(await http.post(path, json=reply(int(sent["id"])))) == (403, 160002)


async def test_forwards(server: Server, http: Http, place: Place, path: str) -> None:
    original = said(server, place.channel("polls"), "Chika", "the original", embeds=[{"title": "t"}])

    def forward(message: Message, **body: object) -> Json:
        where = {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel_id)}
        return {"message_reference": where, **body}

    sent = (await http.post(path, json=forward(original))).json
    (snapshot,) = sent["message_snapshots"]
    assert (snapshot["message"]["content"], "author" in snapshot["message"]) == ("the original", False)
    assert (sent["content"], sent["flags"], sent["message_reference"]["type"]) == ("", 1 << 14, 1)
    talk = await http.post(path, json=forward(original, content="look"))
    assert wrong(talk) == {"message_reference": "MESSAGE_FORWARD_CANNOT_HAVE_CONTENT"}
    asked = said(server, place.channel("polls"), "Chika", "", poll=poll())
    assert wrong(await http.post(path, json=forward(asked))) == {
        "message_reference": "MESSAGE_REFERENCE_CANNOT_BE_FORWARDED"
    }
    hidden = place.build.message(place.channel("mod-room"), place.user("Ben"), "secret")
    assert code(await http.post(path, json=forward(hidden))) == (403, 50001)


async def test_who_is_pinged(http: Http, place: Place, general: Channel, path: str) -> None:
    ada, ben = place.user("Ada"), place.user("Ben")
    moderator = next(role for role in place.world.roles.values() if role.name == "Moderator")
    closed = place.build.role(place.guild, "Closed")
    content = f"<@{ada.id}> <@!{ben.id}> <@&{moderator.id}> <@&{closed.id}> @everyone <@5> `<@{place.app.user_id}>`"

    async def pinged(**body: object) -> tuple[list[str], list[str], bool]:
        sent = (await http.post(path, json={"content": content, **body})).json
        return [user["username"] for user in sent["mentions"]], sent["mention_roles"], sent["mention_everyone"]

    assert await pinged() == (["ada", "ben"], [str(moderator.id)], False)
    assert await pinged(allowed_mentions={"parse": []}) == ([], [], False)
    assert await pinged(allowed_mentions={"users": [str(ben.id), "7"]}) == (["ben"], [], False)
    assert await pinged(allowed_mentions={"parse": ["roles"], "users": [str(ada.id)]}) == (
        ["ada"],
        [str(moderator.id)],
        False,
    )
    allow(place, general, P.MENTION_EVERYONE)
    assert await pinged() == (["ada", "ben"], [str(moderator.id), str(closed.id)], True)
    assert await pinged(allowed_mentions={"parse": ["everyone"]}) == ([], [], True)
    shown = {"components": [text(f"<@{ada.id}>"), text(content)], "flags": V2, "content": None}
    assert (await pinged(**shown))[0] == ["ada", "ben"]


async def test_slow_mode_holds_people_back_and_not_bots(server: Server, http: Http, place: Place) -> None:
    slow = place.build.channel(place.guild, "slow", rate_limit_per_user=30)
    said(server, slow, "Chika")
    with pytest.raises(SlowMode) as caught:
        said(server, slow, "Chika")
    assert (caught.value.status, caught.value.code) == (429, 20016)
    assert 25 < caught.value.body()["retry_after"] <= 30
    said(server, slow, "Esi")
    said(server, slow, "Ada")
    said(server, slow, "Ada")  # the owner may all
    for _ in range(2):
        assert (await http.post(f"/channels/{slow.id}/messages", json={"content": "x"})).status == 200


async def test_uploads_come_back_with_addresses_that_serve_them(http: Http, path: str) -> None:
    files = {"files[0]": ("my notes.txt", b"notes"), "files[1]": ("pic.png", picture())}
    listed = [{"id": "0", "description": "what was said"}, {"id": "1"}]
    sent = (await http.post(path, json={"content": "x", "attachments": listed}, files=files)).json
    notes, pic = sent["attachments"]
    assert (notes["filename"], notes["title"], notes["description"]) == ("my_notes.txt", "my notes", "what was said")
    assert (notes["size"], notes["content_type"]) == (5, "text/plain; charset=utf-8")
    assert (pic["width"], pic["height"], pic["content_type"]) == (3, 2, "image/png")
    async with http.session.get(notes["url"]) as response:
        assert await response.read() == b"notes"


async def test_files_shown_in_embeds_and_components_leave_the_list(http: Http, path: str) -> None:
    files = {"files[0]": ("chart.png", picture()), "files[1]": ("raw.json", b"{}")}
    body = {"embeds": [{"image": {"url": "attachment://chart.png"}, "title": "t"}]}
    sent = (await http.post(path, json=body, files=files)).json
    assert [one["filename"] for one in sent["attachments"]] == ["raw.json"]
    image = sent["embeds"][0]["image"]
    assert (image["url"].rsplit("/", 1)[1], image["width"], image["height"]) == ("chart.png", 3, 2)
    parts = [gallery("attachment://chart.png"), {"type": 13, "file": {"url": "attachment://raw.json"}}]
    sent = (await http.post(path, json={"components": parts, "flags": V2}, files=files)).json
    assert sent["attachments"] == []
    media, file = sent["components"][0]["items"][0]["media"], sent["components"][1]
    assert (media["width"], media["content_type"], media["attachment_id"]) == (3, "image/png", media["id"])
    assert (file["name"], file["size"], file["file"]["url"].rsplit("/", 1)[1]) == ("raw.json", 2, "raw.json")
    async with http.session.get(media["url"]) as response:
        assert await response.read() == picture()
    missing = {"embeds": [{"image": {"url": "attachment://nope.png"}, "title": "t"}]}
    assert "image" not in (await http.post(path, json=missing)).json["embeds"][0]


async def test_too_many_and_too_large_files(http: Http, path: str) -> None:
    many = {f"files[{number}]": ("a.txt", b"a") for number in range(11)}
    assert code(await http.post(path, json={}, files=many)) == (400, 30015)
    assert code(await http.post(path, data=one_file(10 * 1024 * 1024 + 1))) == (413, 40005)
    assert (await http.post(path, data=one_file(10 * 1024 * 1024))).status == 200


def one_file(size: int) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("files[0]", io.BytesIO(bytes(size)), filename="a.bin", content_type="application/octet-stream")
    return form


def picture() -> bytes:
    """A PNG of 3 by 2 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (3, 2)).save(out, "PNG")
    return out.getvalue()
