"""Reactions and pins over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from sandbox.model import Emoji
from sandbox.permissions import P
from sandbox.reactions import react
from tests.support.bodies import wrong
from tests.support.messages import Heard, code, deny

if TYPE_CHECKING:
    from sandbox.model import Channel, Message
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

THUMB = quote("👍")


async def test_reactions(server: Server, http: Http, place: Place, path: str, theirs: Message) -> None:
    heard, one = Heard(server), f"{path}/{theirs.id}/reactions"
    assert (await http.put(f"{one}/{THUMB}/@me")).status == 204
    assert (await http.put(f"{one}/{THUMB}/@me")).status == 204
    assert [(event.name, event.data["emoji"]["name"]) for event in heard] == [("MESSAGE_REACTION_ADD", "👍")]
    assert heard[0].data["member"]["roles"]
    seen = (await http.get(f"{path}/{theirs.id}")).json["reactions"]
    assert [(reaction["count"], reaction["me"]) for reaction in seen] == [(1, True)]
    for name in ("Ada", "Ben", "Esi"):
        react(server, theirs, place.user(name).id, "👍")
    users = (await http.get(f"{one}/{THUMB}")).json
    assert [user["username"] for user in users] == ["ada", "ben", "esi", "Rostrum"]
    last = (await http.get(f"{one}/{THUMB}", params={"after": users[1]["id"], "limit": "1"})).json
    assert [user["username"] for user in last] == ["esi"]
    assert (await http.delete(f"{one}/{THUMB}/{place.user('Ada').id}")).status == 204
    assert (await http.delete(f"{one}/{THUMB}/@me")).status == 204
    assert len(theirs.reactions[0].users) == 2
    heard.clear()
    assert (await http.delete(f"{one}/{THUMB}")).status == 204
    assert (await http.put(f"{one}/{THUMB}/@me")).status == 204
    assert (await http.delete(one)).status == 204
    assert heard.take() == ["MESSAGE_REACTION_REMOVE_EMOJI", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE_ALL"]
    assert theirs.reactions == []
    assert code(await http.delete(f"{one}/{THUMB}/@me")) == (404, 10014)


async def test_which_reactions(http: Http, place: Place, path: str, theirs: Message) -> None:
    one = f"{path}/{theirs.id}/reactions"
    for unknown in ("nope", "nope:123456789012345678", "x", quote("👍👍")):
        assert code(await http.put(f"{one}/{unknown}/@me")) == (404, 10014)
    blob = Emoji(id=place.world.next_id(), guild_id=place.guild.id, name="blob", animated=True)
    place.world.save(blob)
    assert (await http.put(f"{one}/blob:{blob.id}/@me")).status == 204
    for face in ("❤️", "1️⃣", "🇩🇪", "👩‍🚀", "👍🏽", "⚖️", "✅"):
        assert (await http.put(f"{one}/{quote(face)}/@me")).status == 204, face
    for number in range(12):
        assert (await http.put(f"{one}/{quote(chr(0x1F600 + number))}/@me")).status == 204
    assert code(await http.put(f"{one}/{quote('🦊')}/@me")) == (400, 30010)


async def test_who_may_react(
    server: Server, http: Http, place: Place, general: Channel, path: str, theirs: Message
) -> None:
    react(server, theirs, place.user("Ada").id, "👍")
    one = f"{path}/{theirs.id}/reactions"
    deny(place, general, P.ADD_REACTIONS)
    assert code(await http.put(f"{one}/{quote('🦊')}/@me")) == (403, 50013)
    assert (await http.put(f"{one}/{THUMB}/@me")).status == 204  # one more of a kind needs no permission
    deny(place, general, P.MANAGE_MESSAGES)
    for target in (f"{one}/{THUMB}/{place.user('Ada').id}", f"{one}/{THUMB}", one):
        assert code(await http.delete(target)) == (403, 50013)
    deny(place, general, P.READ_MESSAGE_HISTORY)
    assert code(await http.put(f"{one}/{THUMB}/@me")) == (403, 50013)


@pytest.mark.parametrize("place_of", ["messages/pins", "pins"])
async def test_pins(server: Server, http: Http, place: Place, general: Channel, place_of: str) -> None:
    path = f"/channels/{general.id}/{place_of}"
    bot = place.world.users[place.app.user_id]
    first, second = place.build.message(general, bot, "first"), place.build.message(general, bot, "second")
    heard = Heard(server)
    for message in (first, second, second):
        assert (await http.put(f"{path}/{message.id}")).status == 204
    assert heard.take() == ["MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "MESSAGE_CREATE"] * 2
    note = server.world.messages[general.id][general.last_message_id or 0]
    assert (note.type, note.reference) == (
        6,
        {
            "type": 0,
            "channel_id": str(general.id),
            "message_id": str(second.id),
            "guild_id": str(general.guild_id),
        },
    )
    found = (await http.get(path)).json
    listed = found if isinstance(found, list) else [item["message"] for item in found["items"]]
    assert [message["content"] for message in listed] == ["second", "first"]
    assert listed[0]["pinned"] is True
    assert (await http.delete(f"{path}/{second.id}")).status == 204
    assert second.pinned_at is None
    assert code(await http.put(f"{path}/{note.id}")) == (403, 50021)
    deny(place, general, P.PIN_MESSAGES)
    assert code(await http.put(f"{path}/{second.id}")) == (403, 50013)


async def test_at_most_250_pins_in_pages(http: Http, place: Place, general: Channel) -> None:
    now = place.world.now()
    bot = place.world.users[place.app.user_id]
    for number in range(249):
        place.build.message(general, bot, str(number), pinned_at=now - timedelta(seconds=300 - number))
    path = f"/channels/{general.id}/messages/pins"
    one, more = place.build.message(general, bot, "a"), place.build.message(general, bot, "b")
    assert (await http.put(f"{path}/{one.id}")).status == 204
    assert code(await http.put(f"{path}/{more.id}")) == (400, 30003)
    seen, params = 0, {"limit": "50"}
    while True:
        page = (await http.get(path, params=params)).json
        seen += len(page["items"])
        if not page["has_more"]:
            break
        params["before"] = page["items"][-1]["pinned_at"]
    assert seen == 250
    assert list(wrong(await http.get(path, params={"limit": "51"}))) == ["limit"]
    assert list(wrong(await http.get(path, params={"before": "then"}))) == ["before"]
