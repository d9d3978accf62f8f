"""What people hear: only what they see, and channels come and go with their rights."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox import people_http
from sandbox.driver import NotFound, Stage, WaitedInVain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

VIEW = 1 << 10


class Ears:
    """The events of one person, to be waited for by name."""

    def __init__(self, server: Server, uid: int) -> None:
        self.all: list[tuple[str, dict[str, Any]]] = []
        self.end = server.people.listen(uid, lambda name, data: self.all.append((name, data)))

    def names(self) -> list[str]:
        return [name for name, _ in self.all]

    def of(self, name: str) -> list[dict[str, Any]]:
        return [data for known, data in self.all if known == name]


@pytest.fixture
def ears(server: Server, place: Place) -> Callable[[str], Ears]:
    return lambda name: Ears(server, place.user(name).id)


async def test_only_what_one_sees(server: Server, ears: Callable[[str], Ears]) -> None:
    ben, chika = ears("Ben"), ears("Chika")
    async with Stage(server) as stage:
        person = await stage.person("Ben")
        await person.post("#mod-room", "quiet")
        await person.typing("#mod-room")
        await person.post("#general", "loud")
    assert [one["content"] for one in ben.of("MESSAGE_CREATE")] == ["quiet", "loud"]
    assert ben.of("TYPING_START")
    assert [one["content"] for one in chika.of("MESSAGE_CREATE")] == ["loud"]
    assert not chika.of("TYPING_START")
    chika.end()
    async with Stage(server) as stage:
        await (await stage.person("Ben")).post("#general", "after the end")
    assert len(chika.of("MESSAGE_CREATE")) == 1


async def test_a_channel_comes_and_goes_with_rights(
    http: Http, server: Server, place: Place, ears: Callable[[str], Ears]
) -> None:
    app_role = next(role for role in server.world.roles.values() if role.tags)
    app_role.permissions |= 1 << 3
    server.world.save(app_role)
    chika = ears("Chika")
    room, everyone = place.channel("mod-room"), place.guild.id
    overwrite = f"/channels/{room.id}/permissions/{place.user('Chika').id}"
    assert (await http.put(overwrite, json={"type": 1, "allow": str(VIEW), "deny": "0"})).status == 204
    [shown] = [one for one in chika.of("CHANNEL_UPDATE") if one["id"] == str(room.id)]
    assert int(shown["my_permissions"]) & VIEW
    async with Stage(server) as stage:
        await (await stage.person("Chika")).see("#mod-room")
    assert (await http.delete(overwrite)).status == 204
    assert [one["id"] for one in chika.of("CHANNEL_DELETE")] == [str(room.id)]
    # a role does it, too: whoever may not view anything loses every channel
    body = {"permissions": "0"}
    chika.all.clear()
    assert (await http.patch(f"/guilds/{everyone}/roles/{everyone}", json=body)).status == 200
    gone = {one["id"] for one in chika.of("CHANNEL_DELETE")}
    assert str(place.channel("general").id) in gone
    assert chika.of("GUILD_ROLE_UPDATE")


async def test_channels_made_and_deleted(http: Http, server: Server, place: Place, ears: Callable[[str], Ears]) -> None:
    app_role = next(role for role in server.world.roles.values() if role.tags)
    app_role.permissions |= 1 << 3
    server.world.save(app_role)
    chika = ears("Chika")
    made = await http.post(f"/guilds/{place.guild.id}/channels", json={"name": "new", "type": 0})
    assert [one["name"] for one in chika.of("CHANNEL_CREATE")] == ["new"]
    hidden = [{"id": str(place.guild.id), "type": 0, "allow": "0", "deny": str(VIEW)}]
    body = {"name": "hidden", "type": 0, "permission_overwrites": hidden}
    secret = await http.post(f"/guilds/{place.guild.id}/channels", json=body)
    assert [one["name"] for one in chika.of("CHANNEL_CREATE")] == ["new"]
    for answer in (made, secret):
        assert (await http.delete(f"/channels/{answer.json['id']}")).status == 200
    assert [one["id"] for one in chika.of("CHANNEL_DELETE")] == [made.json["id"]]


async def test_private_threads(server: Server, place: Place, ears: Callable[[str], Ears]) -> None:
    chika, ada = ears("Chika"), ears("Ada")
    async with Stage(server) as stage:
        ben = await stage.person("Ben")
        general = str(place.channel("general").id)
        made = await ben.act("thread", {"channel_id": general, "name": "Secret", "type": 12})
        await ben.post(made["id"], "between us")
    assert not [one for one in chika.all if "THREAD" in one[0]]
    assert not chika.of("MESSAGE_CREATE")
    assert [one["name"] for one in ada.of("THREAD_CREATE")] == ["Secret"]


async def test_joining_and_leaving_a_server(server: Server, place: Place, ears: Callable[[str], Ears]) -> None:
    from sandbox.members import join_guild, leave_guild  # noqa: PLC0415

    other = place.build.guild("Another Place", place.user("Ben"))
    place.build.channel(other, "hall")
    chika = ears("Chika")
    join_guild(server, other, place.user("Chika").id)
    [guild] = chika.of("GUILD_CREATE")
    assert (guild["name"], [one["name"] for one in guild["channels"]]) == ("Another Place", ["hall"])
    leave_guild(server.world, other, place.user("Chika").id)
    assert [one["id"] for one in chika.of("GUILD_DELETE")] == [str(other.id)]
    chika.all.clear()
    async with Stage(server) as stage:
        await (await stage.person("Ben")).post("#hall", "still here?")
    assert chika.all == []


async def test_reactions_say_me_to_each(server: Server, ears: Callable[[str], Ears]) -> None:
    async with Stage(server) as stage:
        ada, ben = await stage.person("Ada"), await stage.person("Ben")
        message = await ada.post("#general", "Lunch?")
        await ben.react(message, "👍")
        hears = {"Ada": ears("Ada"), "Ben": ears("Ben")}
        await ada.edit(message, "Lunch at noon?")
    for name, me in (("Ada", False), ("Ben", True)):
        [update] = hears[name].of("MESSAGE_UPDATE")
        assert update["reactions"][0]["me"] is me


async def test_over_the_socket(server: Server, place: Place) -> None:
    headers = {"Authorization": f"Bearer {server.gatekeeper.capability}"}
    uid = place.user("Ada").id
    async with aiohttp.ClientSession(headers=headers) as session, Stage(server) as stage:
        async with session.ws_connect(f"{server.url}/people/{uid}/events") as socket:
            assert await socket.receive_json(timeout=30) == {"t": "HELLO", "d": {}, "s": 1}
            await (await stage.person("Ben")).post("#general", "hello there")
            event = await socket.receive_json(timeout=30)
            assert (event["t"], event["d"]["content"], event["s"]) == ("MESSAGE_CREATE", "hello there", 2)
            await socket.send_str("rubbish")
            message = await socket.receive(timeout=30)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == 1003
        for wrong in ("1", "x", str(place.app.user_id)):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{server.url}/people/{wrong}/events")
            assert refused.value.status == 404
    streams: dict[int, list[Any]] = server.people._streams
    async with asyncio.timeout(30):
        while streams.get(uid):  # closing is noticed a moment later
            await asyncio.sleep(0.01)


async def test_a_reader_that_does_not_keep_up_is_let_go(
    server: Server, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_http, "MOST_WAITING", 20)
    headers = {"Authorization": f"Bearer {server.gatekeeper.capability}"}
    address = f"{server.url}/people/{place.user('Ada').id}/events"
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(address) as socket:
        await socket.receive_json(timeout=30)
        for n in range(100):  # all at once: the sender has had no turn
            server.world.emit("NEWS", {"n": n})
        received = [await socket.receive(timeout=30) for _ in range(21)]
        assert received[-1].type is aiohttp.WSMsgType.CLOSE
        assert received[-1].data == 1013


async def test_waits_tell_what_was_seen(stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await ben.post("#general", "Something else")
    with pytest.raises(WaitedInVain, match=r"(?s)Ada waited 0\.05 s in #general for .*'Tea'.*Ben: Something else"):
        await ada.wait_message("#general", "Tea", timeout=0.05)
    with pytest.raises(WaitedInVain, match="it is\n  Ben: Something else"):
        await ada.wait_until(message, lambda one: "Tea" in one.text, timeout=0.05)
    with pytest.raises(WaitedInVain, match="the message to go away"):
        await ada.wait_gone(message, timeout=0.05)
    with pytest.raises(WaitedInVain, match="last: False"):
        await ada.wait(lambda: False, timeout=0.05)

    def missing() -> None:
        message.button("Yes")

    with pytest.raises(WaitedInVain, match="has no 'Yes'"):
        await ada.wait(missing, timeout=0.05)
    with pytest.raises(WaitedInVain, match="the command 'nothing'"):
        await ada.wait_command("#general", "nothing", timeout=0.05)
    with pytest.raises(NotFound, match="there is no application 'Nobody'"):
        await stage.wait_online("Nobody")


async def test_waits_wake_on_events(stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    waiting = asyncio.create_task(ada.wait_message("#general", "Tea", timeout=30))
    await asyncio.sleep(0)
    await ben.post("#general", "Coffee")
    posted = await ben.post("#general", "Tea")
    assert (await waiting).id == posted.id
    changed = asyncio.create_task(ada.wait_until(posted, lambda one: one.text == "Green tea", timeout=30))
    await ben.edit(posted, "Green tea")
    assert (await changed).edited
    after = asyncio.create_task(ada.wait_message("#general", "tea", after=posted, timeout=30))
    await ben.post("#general", "More tea")
    assert (await after).text == "More tea"
