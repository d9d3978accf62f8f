"""Editing, deleting, history, publishing and typing over REST."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.history import snowflake_floor
from sandbox.permissions import P
from tests.support.bodies import V2, button, gallery, poll, row, text, wrong
from tests.support.messages import Heard, code, deny

if TYPE_CHECKING:
    from sandbox.model import Channel, Message
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

Json = dict[str, Any]
THUMB = quote("👍")


async def test_an_edit_keeps_what_it_does_not_name(server: Server, http: Http, place: Place, path: str) -> None:
    ada = place.user("Ada")
    body = {"content": f"one <@{ada.id}>", "embeds": [{"title": "t"}], "components": [row(button())]}
    sent = (await http.post(path, json=body)).json
    heard = Heard(server)
    edited = (await http.patch(f"{path}/{sent['id']}", json={"content": "two"})).json
    assert heard.take() == ["MESSAGE_UPDATE"]
    assert (edited["content"], edited["mentions"]) == ("two", [])
    assert (edited["embeds"], edited["components"]) == (sent["embeds"], sent["components"])
    assert edited["edited_timestamp"] is not None
    bare = (await http.patch(f"{path}/{sent['id']}", json={"embeds": None, "components": []})).json
    assert (bare["content"], bare["embeds"], bare["components"]) == ("two", [], [])
    assert code(await http.patch(f"{path}/{sent['id']}", json={"content": ""})) == (400, 50006)
    assert wrong(await http.patch(f"{path}/{sent['id']}", json={"content": "x" * 2_001})) == {
        "content": "BASE_TYPE_MAX_LENGTH"
    }


async def test_an_edit_leads_into_layout_and_not_out_of_it(http: Http, path: str) -> None:
    sent = (await http.post(path, json={"content": "plain <@5>"})).json
    one = f"{path}/{sent['id']}"
    legacy = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert wrong(await http.patch(one, json={"components": [text()], "flags": V2})) == {"content": legacy}
    turned = (await http.patch(one, json={"components": [text()], "flags": V2, "content": None})).json
    assert (turned["flags"], turned["content"]) == (V2, "")
    kept = (await http.patch(one, json={"components": [text("other")], "flags": 0})).json
    assert (kept["flags"], kept["components"][0]["content"]) == (V2, "other")
    assert wrong(await http.patch(one, json={"content": "back"})) == {"content": legacy}
    assert wrong(await http.patch(one, json={"embeds": [{"title": "back"}]})) == {"embeds": legacy}
    assert code(await http.patch(one, json={"components": []})) == (400, 50006)


async def test_others_messages_cannot_be_edited(
    http: Http, place: Place, general: Channel, path: str, theirs: Message
) -> None:
    one = f"{path}/{theirs.id}"
    assert code(await http.patch(one, json={"content": "mine"})) == (403, 50005)
    hidden = await http.patch(one, json={"flags": 1 << 2})
    assert hidden.status == 200
    assert theirs.flags == 1 << 2
    deny(place, general, P.MANAGE_MESSAGES)
    assert code(await http.patch(one, json={"flags": 0})) == (403, 50013)
    assert code(await http.patch(f"{path}/5", json={"content": "x"})) == (404, 10008)


async def test_embeds_can_be_hidden_and_shown(http: Http, path: str) -> None:
    sent = (await http.post(path, json={"embeds": [{"title": "t"}]})).json
    assert (await http.patch(f"{path}/{sent['id']}", json={"flags": 1 << 2})).json["embeds"] == []
    shown = (await http.patch(f"{path}/{sent['id']}", json={"flags": 0})).json
    assert (shown["embeds"][0]["title"], shown["edited_timestamp"]) == ("t", None)


async def test_system_messages_and_polls_stay_as_they_are(
    http: Http, place: Place, general: Channel, path: str
) -> None:
    bot = place.world.users[place.app.user_id]
    note = place.build.message(general, bot, "", type=7)
    assert code(await http.patch(f"{path}/{note.id}", json={"content": "x"})) == (403, 50021)
    starter = place.build.message(general, bot, "", type=21)
    assert code(await http.delete(f"{path}/{starter.id}")) == (403, 50021)
    asked = (await http.post(path, json={"poll": poll()})).json
    assert code(await http.patch(f"{path}/{asked['id']}", json={"content": "x"})) == (400, 520003)


async def test_attachments_are_kept_dropped_and_added(http: Http, path: str) -> None:
    files = {"files[0]": ("a.txt", b"a"), "files[1]": ("b.txt", b"b")}
    sent = (await http.post(path, json={"content": "x"}, files=files)).json
    one, (first, second) = f"{path}/{sent['id']}", sent["attachments"]
    kept = (await http.patch(one, json={"content": "y"})).json["attachments"]
    assert [file["id"] for file in kept] == [first["id"], second["id"]]
    dropped = (await http.patch(one, json={"attachments": [{"id": second["id"], "description": "b"}]})).json
    assert [(file["filename"], file["description"]) for file in dropped["attachments"]] == [("b.txt", "b")]
    added = (await http.patch(one, json={}, files={"files[0]": ("c.txt", b"c")})).json
    assert [file["filename"] for file in added["attachments"]] == ["b.txt", "c.txt"]
    both = {"attachments": [{"id": second["id"]}, {"id": "0", "filename": "d.txt"}]}
    swapped = (await http.patch(one, json=both, files={"files[0]": ("x.txt", b"d")})).json
    assert [file["filename"] for file in swapped["attachments"]] == ["b.txt", "d.txt"]
    assert wrong(await http.patch(one, json={"attachments": [{"id": "77"}]})) == {
        "attachments.0.id": "ATTACHMENT_NOT_FOUND"
    }


async def test_files_go_with_their_message(http: Http, path: str) -> None:
    files = {"files[0]": ("a.txt", b"a"), "files[1]": ("b.txt", b"b")}
    sent = (await http.post(path, json={"content": "x"}, files=files)).json
    first, second = sent["attachments"]

    async def found(file: Json) -> int:
        async with http.session.get(file["url"]) as response:
            return response.status

    await http.patch(f"{path}/{sent['id']}", json={"attachments": [{"id": second["id"]}]})
    assert [await found(first), await found(second)] == [404, 200]
    await http.delete(f"{path}/{sent['id']}")
    assert await found(second) == 404


async def test_a_kept_file_is_found_by_name_only_if_it_is_named(http: Http, path: str) -> None:
    body = {"components": [gallery("attachment://a.txt")], "flags": V2}
    sent = (await http.post(path, json=body, files={"files[0]": ("a.txt", b"a")})).json
    number = sent["components"][0]["items"][0]["media"]["attachment_id"]
    again = {"components": [text(), gallery("attachment://a.txt")]}
    assert (await http.patch(f"{path}/{sent['id']}", json=again)).status == 200
    bare = again | {"attachments": [{"id": number}]}
    missing = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
    assert wrong(await http.patch(f"{path}/{sent['id']}", json=bare)) == {"components.1.items.0.media.url": missing}
    named = again | {"attachments": [{"id": number, "filename": "a.txt"}]}
    edited = (await http.patch(f"{path}/{sent['id']}", json=named)).json
    assert edited["components"][1]["items"][0]["media"]["attachment_id"] == number


async def test_deleting(server: Server, http: Http, place: Place, general: Channel, path: str, theirs: Message) -> None:
    heard = Heard(server)
    assert (await http.delete(f"{path}/{theirs.id}")).status == 204
    assert heard[0].data == {
        "id": str(theirs.id),
        "channel_id": str(general.id),
        "guild_id": str(general.guild_id),
    }
    assert code(await http.delete(f"{path}/{theirs.id}")) == (404, 10008)
    deny(place, general, P.MANAGE_MESSAGES)
    other = place.build.message(general, place.user("Esi"), "x")
    assert code(await http.delete(f"{path}/{other.id}")) == (403, 50013)
    mine = (await http.post(path, json={"content": "x"})).json
    assert (await http.delete(f"{path}/{mine['id']}")).status == 204


async def test_bulk_delete(server: Server, http: Http, place: Place, general: Channel, path: str) -> None:
    build, chika = place.build, place.user("Chika")
    ids = [str(build.message(general, chika, str(number)).id) for number in range(101)]
    bulk = f"{path}/bulk-delete"
    assert code(await http.post(bulk, json={"messages": ids[:1]})) == (400, 50016)
    assert code(await http.post(bulk, json={"messages": ids})) == (400, 50016)
    assert wrong(await http.post(bulk, json={"messages": [ids[0], ids[0]]})) == {
        "messages.1": "SET_TYPE_ALREADY_CONTAINS_VALUE"
    }
    floor = snowflake_floor(server.world.now() - timedelta(days=14, seconds=1))
    assert code(await http.post(bulk, json={"messages": [ids[0], str(floor)]})) == (400, 50034)
    heard = Heard(server)
    fresh = snowflake_floor(server.world.now() - timedelta(days=13, hours=23))
    assert (await http.post(bulk, json={"messages": [*ids[:99], str(fresh)]})).status == 204
    assert heard.take() == ["MESSAGE_DELETE_BULK"]
    assert [one for one in ids if int(one) in server.world.messages[general.id]] == ids[99:]
    deny(place, general, P.MANAGE_MESSAGES)
    assert code(await http.post(bulk, json={"messages": ids[:2]})) == (403, 50013)
    direct = build.direct(place.world.users[place.app.user_id], chika)
    assert code(await http.post(f"/channels/{direct.id}/messages/bulk-delete", json={"messages": ids[:2]})) == (
        403,
        50003,
    )


async def test_history(http: Http, place: Place) -> None:
    channel = place.build.channel(place.guild, "long")
    bot, chika = place.world.users[place.app.user_id], place.user("Chika")
    ids = [place.build.message(channel, bot, str(number)).id for number in range(120)]
    place.build.message(channel, chika, "for Esi only", ephemeral_to=place.user("Esi").id, flags=64)
    path = f"/channels/{channel.id}/messages"

    async def page(**params: object) -> list[int]:
        answer = await http.get(path, params={key: str(value) for key, value in params.items()})
        return [int(message["id"]) for message in answer.json]

    assert await page() == ids[:-51:-1]
    assert await page(limit=100) == ids[:-101:-1]
    assert await page(before=ids[10], limit=5) == ids[9:4:-1]
    assert await page(after=ids[10], limit=5) == ids[15:10:-1]
    assert await page(after=ids[10] - 1, limit=1) == [ids[10]]
    assert await page(around=ids[10], limit=5) == ids[12:7:-1]
    assert await page(before=ids[0]) == []
    for params, path_of in (({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"before": "x"}, "before")):
        assert list(wrong(await http.get(path, params=params))) == [path_of]
    both = {"before": str(ids[5]), "after": str(ids[1])}
    assert (await http.get(path, params=both)).status == 400
    deny(place, channel, P.READ_MESSAGE_HISTORY)
    assert await page() == []
    assert code(await http.get(f"{path}/{ids[0]}")) == (403, 50013)


async def test_ten_thousand_messages_are_read_quickly(http: Http, place: Place) -> None:
    channel = place.build.channel(place.guild, "huge")
    bot = place.world.users[place.app.user_id]
    for number in range(10_000):
        place.build.message(channel, bot, str(number))
    started, before, seen = time.process_time(), str(1 << 62), 0
    while page := (await http.get(f"/channels/{channel.id}/messages", params={"before": before, "limit": "100"})).json:
        assert [message["content"] for message in page] == [str(9_999 - seen - place) for place in range(len(page))]
        before, seen = page[-1]["id"], seen + len(page)
    assert seen == 10_000
    assert time.process_time() - started < 10


async def test_content_of_others_is_withheld_without_approval(
    http: Http, place: Place, path: str, theirs: Message
) -> None:
    other = (await http.get(f"{path}/{theirs.id}")).json
    assert (other["content"], other["embeds"]) == ("", [])
    theirs.mentions = [place.app.user_id]
    assert (await http.get(f"{path}/{theirs.id}")).json["content"] == "hers"
    theirs.mentions = []
    place.app.flags |= 1 << 19
    assert (await http.get(f"{path}/{theirs.id}")).json["content"] == "hers"


async def test_publishing(http: Http, place: Place, path: str) -> None:
    news = place.channel("announcements")
    sent = (await http.post(f"/channels/{news.id}/messages", json={"content": "news"})).json
    one = f"/channels/{news.id}/messages/{sent['id']}/crosspost"
    assert (await http.post(one)).json["flags"] == 1
    assert code(await http.post(one)) == (400, 40033)
    plain = (await http.post(path, json={"content": "x"})).json
    assert code(await http.post(f"{path}/{plain['id']}/crosspost")) == (400, 50024)


async def test_typing(server: Server, http: Http, place: Place, general: Channel) -> None:
    heard = Heard(server)
    assert (await http.post(f"/channels/{general.id}/typing")).status == 204
    assert (heard[0].name, heard[0].data["user_id"]) == ("TYPING_START", str(place.app.user_id))
    assert heard[0].data["member"]["user"]["bot"] is True
    deny(place, general, P.SEND_MESSAGES)
    assert code(await http.post(f"/channels/{general.id}/typing")) == (403, 50013)


async def test_an_ephemeral_message_is_no_message_to_rest(
    http: Http, place: Place, general: Channel, path: str
) -> None:
    bot = place.world.users[place.app.user_id]
    secret = place.build.message(general, bot, "secret", ephemeral_to=place.user("Esi").id, flags=64)
    for answer in (
        await http.get(f"{path}/{secret.id}"),
        await http.patch(f"{path}/{secret.id}", json={"content": "x"}),
        await http.delete(f"{path}/{secret.id}"),
        await http.put(f"{path}/{secret.id}/reactions/{THUMB}/@me"),
        await http.put(f"{path}/pins/{secret.id}"),
    ):
        assert code(answer) == (404, 10008)
    quoting = {"content": "x", "message_reference": {"message_id": str(secret.id)}}
    assert wrong(await http.post(path, json=quoting)) == {"message_reference": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"}
