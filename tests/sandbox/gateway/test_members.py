"""Member chunks (op 8) and presences (op 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.gateway.intents import PRIVILEGED, Intent
from tests.support.raw_gateway import RawGateway

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place

MEMBERS = int(Intent.GUILDS | Intent.GUILD_MEMBERS)


@pytest.fixture(autouse=True)
def approved(place: Place) -> None:
    place.app.flags = sum(PRIVILEGED.values())


async def ask(gateway: RawGateway, place: Place, **body: Any) -> dict[str, Any]:
    await gateway.send(8, {"guild_id": str(place.guild.id), **body})
    return await gateway.until("GUILD_MEMBERS_CHUNK")


async def test_everybody_comes_in_chunks_of_a_thousand(server: Server, place: Place) -> None:
    for number in range(1_500):
        place.build.person(f"Person {number}", place.guild)
    count = len(server.world.members[place.guild.id])
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=MEMBERS)
        first = await ask(gateway, place, query="", limit=0, nonce="all")
        second = await gateway.until("GUILD_MEMBERS_CHUNK")
        assert [len(first["members"]), len(second["members"])] == [1_000, count - 1_000]
        assert [(chunk["chunk_index"], chunk["chunk_count"]) for chunk in (first, second)] == [(0, 2), (1, 2)]
        assert {first["nonce"], second["nonce"]} == {"all"}
        assert len({member["user"]["id"] for chunk in (first, second) for member in chunk["members"]}) == count


async def test_everybody_needs_the_members_intent(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        await gateway.send(8, {"guild_id": str(place.guild.id), "query": "", "limit": 0})
        assert await gateway.quiet() == []


async def test_a_name_begins_with_the_query(server: Server, place: Place) -> None:
    server.world.members[place.guild.id][place.user("Ben").id].nick = "Adversary"
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        chunk = await ask(gateway, place, query="AD", limit=10)
        assert {member["user"]["username"] for member in chunk["members"]} == {"ada", "ben"}
        chunk = await ask(gateway, place, query="ad", limit=1)
        assert len(chunk["members"]) == 1
        chunk = await ask(gateway, place, query="zz", limit=1)
        assert (chunk["members"], chunk["chunk_count"]) == ([], 1)


async def test_at_most_a_hundred_for_a_query(server: Server, place: Place) -> None:
    for number in range(120):
        place.build.person(f"Zoe {number}", place.guild)
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        assert len((await ask(gateway, place, query="zoe", limit=110))["members"]) == 100
        assert len((await ask(gateway, place, query="zoe", limit=0))["members"]) == 100


async def test_by_ids_with_those_not_found(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        ada = str(place.user("Ada").id)
        chunk = await ask(gateway, place, user_ids=[ada, "12345"])
        assert [member["user"]["id"] for member in chunk["members"]] == [ada]
        assert chunk["not_found"] == ["12345"]
        assert "nonce" not in chunk
        chunk = await ask(gateway, place, user_ids=ada)
        assert "not_found" not in chunk


@pytest.mark.parametrize(("nonce", "kept"), [("n" * 32, True), ("n" * 33, False), ("é" * 17, False), (5, False)])
async def test_nonce_is_bounded(server: Server, place: Place, nonce: Any, kept: bool) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        assert ("nonce" in await ask(gateway, place, user_ids=["1"], nonce=nonce)) is kept


@pytest.mark.parametrize(
    "body",
    [
        {"query": "", "limit": 0},
        {"guild_id": "x", "query": "", "limit": 0},
        {"guild_id": ["1"], "query": "", "limit": 0},
        {"guild_id": "1"},
        {"guild_id": "1", "query": "", "user_ids": ["1"]},
        {"guild_id": "1", "query": "", "limit": -1},
        {"guild_id": "1", "query": "", "limit": "1"},
    ],
)
async def test_malformed_requests_close(server: Server, body: dict[str, Any]) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.send(8, body)
        assert await gateway.closed() == 4002


@pytest.mark.parametrize(("count", "closes"), [(100, False), (101, True)])
async def test_at_most_a_hundred_ids(server: Server, place: Place, count: int, closes: bool) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.send(8, {"guild_id": str(place.guild.id), "user_ids": [str(n) for n in range(count)]})
        if closes:
            assert await gateway.closed() == 4002
        else:
            assert len((await gateway.until("GUILD_MEMBERS_CHUNK"))["not_found"]) == count


async def test_a_foreign_guild_is_not_answered(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        await gateway.send(8, {"guild_id": "12345", "user_ids": ["1"]})
        assert await gateway.quiet() == []


async def test_presences_need_their_intent(server: Server, place: Place) -> None:
    own = str(place.app.user_id)
    async with RawGateway(server) as having, RawGateway(server) as lacking:
        await having.identify(intents=int(Intent.GUILD_PRESENCES), presence={"status": "dnd", "activities": []})
        await lacking.identify(intents=1, presence={"status": "dnd", "activities": []})
        chunk = await ask(having, place, user_ids=[own], presences=True)
        assert [(each["user"]["id"], each["status"]) for each in chunk["presences"]] == [(own, "dnd")]
        assert "presences" not in await ask(lacking, place, user_ids=[own], presences=True)


async def test_large_threshold_decides_who_is_in_guild_create(server: Server, place: Place) -> None:
    for number in range(60):
        place.build.person(f"Person {number}", place.guild)
    count = len(server.world.members[place.guild.id])
    for threshold, expected in ((count, count), (50, 1), (..., 1)):
        async with RawGateway(server) as gateway:
            await gateway.identify(intents=int(Intent.GUILDS | Intent.GUILD_PRESENCES), large_threshold=threshold)
            assert len((await gateway.until("GUILD_CREATE"))["members"]) == expected


async def test_status_and_activity_are_told(server: Server, place: Place) -> None:
    async with RawGateway(server) as watcher, RawGateway(server) as gateway:
        await watcher.identify(intents=int(Intent.GUILD_PRESENCES))
        await gateway.identify(intents=1)
        await watcher.quiet()
        await gateway.quiet()
        activities = [{"name": "an argument", "type": 3}]
        await gateway.send(3, {"since": None, "activities": activities, "status": "idle", "afk": False})
        presence = await watcher.until("PRESENCE_UPDATE")
        assert (presence["user"], presence["status"]) == ({"id": str(place.app.user_id)}, "idle")
        assert presence["activities"][0]["name"] == "an argument"
        await gateway.send(3, {"since": None, "activities": [], "status": "invisible", "afk": False})
        assert (await watcher.until("PRESENCE_UPDATE"))["status"] == "offline"
        assert await gateway.quiet() == []


async def test_a_bot_that_has_gone_is_shown_offline(server: Server, place: Place) -> None:
    place.build.application("Watcher", "watcher-token", place.guild, flags=place.app.flags)
    async with RawGateway(server, token="watcher-token") as watcher, RawGateway(server) as gateway:
        await watcher.identify(intents=int(Intent.GUILD_PRESENCES))
        await watcher.quiet()
        await gateway.identify(intents=1)
        assert (await watcher.until("PRESENCE_UPDATE"))["status"] == "online"
        await gateway.socket.close(code=1000)
        gone = await watcher.until("PRESENCE_UPDATE")
        assert (gone["user"]["id"], gone["status"], gone["client_status"]) == (str(place.app.user_id), "offline", {})
        assert place.app.user_id not in server.presences


@pytest.mark.parametrize(
    "body",
    [
        {"status": "busy", "activities": []},
        {"status": "online", "activities": {}},
        {"status": "online", "activities": ["chess"]},
        {"status": "online", "activities": [{"type": 0}]},
    ],
)
async def test_malformed_presences_close(server: Server, body: dict[str, Any]) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.send(3, body)
        assert await gateway.closed() == 4002


async def test_voice_and_soundboard_are_tolerated(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        await gateway.send(
            4, {"guild_id": str(place.guild.id), "channel_id": None, "self_mute": False, "self_deaf": False}
        )
        await gateway.send(31, {"guild_ids": [str(place.guild.id)]})
        assert await gateway.quiet() == []
