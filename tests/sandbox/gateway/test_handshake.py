"""HELLO, IDENTIFY, READY, heartbeats, and every close code where Discord sends it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.gateway.intents import PRIVILEGED, Intent
from tests.support.raw_gateway import PROPERTIES, RawGateway

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place


async def test_hello_ready_and_guilds(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        hello = await gateway.receive()
        assert hello["op"] == 10
        assert hello["d"]["heartbeat_interval"] == 41_250
        ready = await gateway.identify(intents=1)
        assert ready["v"] == 10
        assert ready["user"]["id"] == str(place.app.user_id)
        assert ready["application"] == {"id": str(place.app.id), "flags": 0}
        assert ready["guilds"] == [{"id": str(place.guild.id), "unavailable": True}]
        assert ready["resume_gateway_url"] == server.gateway_url
        assert "shard" not in ready
        guild = await gateway.until("GUILD_CREATE")
        assert [member["user"]["id"] for member in guild["members"]] == [str(place.app.user_id)]
        assert guild["member_count"] == len(server.world.members[place.guild.id])
        assert str(place.guild.id) in {role["id"] for role in guild["roles"]}
        assert "mod-room" in {channel["name"] for channel in guild["channels"]}


async def test_without_the_guild_intent_guilds_stay_unavailable(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(Intent.GUILD_MESSAGES))
        assert await gateway.quiet() == []


async def test_heartbeats_are_answered_before_and_after_identify(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.send(1, None)
        await gateway.until_op(11)
        await gateway.identify()
        await gateway.send(1, gateway.seq)
        await gateway.until_op(11)


async def test_asked_for_heartbeat(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        server.gateway.ask_heartbeat()
        await gateway.until_op(1)


async def test_missing_heartbeats_close_and_the_session_can_be_resumed(server: Server) -> None:
    usual, server.gateway.tuning.heartbeat_ms = server.gateway.tuning.heartbeat_ms, 1000
    async with RawGateway(server) as gateway:
        await gateway.identify()
        server.gateway.tuning.heartbeat_ms = usual
        assert await gateway.closed() == 4009
        async with RawGateway(server) as again:
            await again.resume(gateway)
            await again.until("RESUMED")


async def test_regular_heartbeats_keep_it_open(server: Server) -> None:
    server.gateway.tuning.heartbeat_ms = 1000
    async with RawGateway(server) as gateway:
        await gateway.identify()
        # longer in all than the second and a half that one may be late
        for _ in range(5):
            await asyncio.sleep(0.35)
            await gateway.send(1, gateway.seq)
            await gateway.until_op(11)
        assert len(server.gateway.connections) == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4002),
        ("[]", 4002),
        ('"text"', 4002),
        ("", 4002),
        (b"\x83m\x00\x00\x00\x02op", 4002),
        (b"\xff\xfe\xfd", 4002),
        ('{"d": 1}', 4001),
        ('{"op": 0, "d": null}', 4001),
        ('{"op": 5, "d": null}', 4001),
        ('{"op": 7, "d": null}', 4001),
        ('{"op": 9, "d": null}', 4001),
        ('{"op": 12, "d": null}', 4001),
        ('{"op": "1", "d": null}', 4001),
        ('{"op": 2, "d": null}', 4002),
        ('{"op": 6, "d": []}', 4002),
        ('{"op": 1, "d": "one"}', 4002),
        ('{"op": 3, "d": {"status": "online", "activities": [], "since": null, "afk": false}}', 4003),
        ('{"op": 4, "d": {"guild_id": "1"}}', 4003),
        ('{"op": 8, "d": {"guild_id": "1", "query": "", "limit": 0}}', 4003),
    ],
)
async def test_rubbish_and_untimely_frames(server: Server, frame: str | bytes, code: int) -> None:
    async with RawGateway(server) as gateway:
        if isinstance(frame, str):
            await gateway.socket.send_str(frame)
        else:
            await gateway.socket.send_bytes(frame)
        assert await gateway.closed() == code


@pytest.mark.parametrize(("size", "code"), [(4096, None), (4097, 4002)])
async def test_largest_payload(server: Server, size: int, code: int | None) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        frame = '{"op":1,"d":null,"x":"' + "x" * (size - 24) + '"}'
        assert len(frame) == size
        await gateway.socket.send_str(frame)
        if code is None:
            await gateway.until_op(11)
        else:
            assert await gateway.closed() == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4004),
        ({"token": ...}, 4004),
        ({"properties": ...}, 4002),
        ({"intents": ...}, 4013),
        ({"intents": "1"}, 4013),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 17}, 4013),
        ({"intents": 1 << 26}, 4013),
        ({"intents": True}, 4013),
        ({"shard": [1, 1]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": ["0", "1"]}, 4010),
        ({"shard": 0}, 4010),
        *(({"intents": int(intent)}, 4014) for intent in PRIVILEGED),
    ],
)
async def test_refused_identify(server: Server, fields: dict[str, Any], code: int) -> None:
    async with RawGateway(server) as gateway:
        await gateway.send_identify(**({"intents": 1} | fields))
        assert await gateway.closed() == code
        assert server.gateway.sessions == {}


@pytest.mark.parametrize("intent", list(PRIVILEGED))
@pytest.mark.parametrize("limited", [False, True])
async def test_privileged_intents_pass_when_approved(
    server: Server, place: Place, intent: Intent, limited: bool
) -> None:
    flags = {Intent.GUILD_PRESENCES: 12, Intent.GUILD_MEMBERS: 14, Intent.MESSAGE_CONTENT: 18}
    place.app.flags = 1 << (flags[intent] + limited)
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(intent))


async def test_every_other_intent_passes(server: Server) -> None:
    async with RawGateway(server) as gateway:
        unprivileged = sum(intent for intent in Intent if intent not in PRIVILEGED)
        await gateway.identify(intents=unprivileged)


@pytest.mark.parametrize("op", [2, 6])
async def test_identify_only_once(server: Server, op: int) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        if op == 2:
            await gateway.send_identify()
        else:
            await gateway.resume(gateway)
        assert await gateway.closed() == 4005


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("v=9&encoding=json", 4012),
        ("v=6", 4012),
        ("v=11&encoding=json", 4012),
        ("v=ten", 4012),
        ("v=10&encoding=etf", 4002),
        ("v=10&encoding=json&compress=gzip", 4002),
    ],
)
async def test_refused_addresses(server: Server, query: str, code: int) -> None:
    async with RawGateway(server, query) as gateway:
        assert await gateway.closed() == code


async def test_a_plain_request_is_no_gateway(server: Server) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/gateway") as response:
        assert response.status == 426


async def test_sends_are_limited_by_the_minute(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        for _ in range(119):
            await gateway.send(1, gateway.seq)
        for _ in range(119):
            await gateway.until_op(11)
        await gateway.send(1, gateway.seq)
        assert await gateway.closed() == 4008


async def test_sends_are_counted_anew_in_the_next_window(server: Server) -> None:
    server.gateway.tuning.send_seconds = 0.3
    server.gateway.tuning.sends = 5
    async with RawGateway(server) as gateway:
        await gateway.identify()
        for sends in (4, 5):
            for _ in range(sends):
                await gateway.send(1, gateway.seq)
            for _ in range(sends):
                await gateway.until_op(11)
            await asyncio.sleep(0.35)


async def test_sharding_becomes_a_must(server: Server) -> None:
    server.gateway.tuning.guilds_per_shard = 0
    async with RawGateway(server) as gateway:
        await gateway.send_identify()
        assert await gateway.closed() == 4011
    server.gateway.tuning.guilds_per_shard = 1
    async with RawGateway(server) as gateway:
        await gateway.identify()


async def test_an_error_of_the_server_is_4000(server: Server, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async with RawGateway(server) as gateway:
        user = server.world.users.pop(place.app.user_id)
        await gateway.send_identify()
        assert await gateway.closed() == 4000
        server.world.users[user.id] = user
    assert "the gateway failed" in caplog.text


async def test_identify_needs_five_seconds_in_between(server: Server) -> None:
    server.gateway.tuning.identify_seconds = 60
    async with RawGateway(server) as first, RawGateway(server) as second:
        await first.identify()
        await second.send_identify()
        assert (await second.until_op(9))["d"] is False
        server.gateway.tuning.max_concurrency = 2
        await second.identify(shard=[1, 2])


async def test_identify_again_after_the_wait(server: Server) -> None:
    server.gateway.tuning.identify_seconds = 1.5
    async with RawGateway(server) as first, RawGateway(server) as second:
        await first.identify()
        await second.send_identify()
        assert (await second.until_op(9))["d"] is False
        await asyncio.sleep(1.55)
        await second.identify()


async def test_used_up_session_starts_end_every_session(server: Server, http: Any) -> None:
    server.gateway.tuning.session_starts = 2
    async with RawGateway(server) as first, RawGateway(server) as second, RawGateway(server) as third:
        assert (await http.get("/gateway/bot")).json["session_start_limit"]["remaining"] == 2
        await first.identify()
        await second.identify()
        limit = (await http.get("/gateway/bot")).json["session_start_limit"]
        assert limit["remaining"] == 0
        assert 0 < limit["reset_after"] <= 86_400_000
        await third.send_identify()
        assert await third.closed() == 4004
        assert await first.closed() == 4004
        assert server.gateway.sessions == {}


async def test_identify_presence_in_the_form_of_discord_py(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(
            presence={"status": "idle", "game": {"name": "chess", "type": 0}, "since": 0, "afk": False}
        )
        assert next(iter(server.presences.values()))["status"] == "idle"


async def test_refused_connections(server: Server) -> None:
    server.faults.refuse_connections(times=1)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with aiohttp.ClientSession() as session:
            await session.ws_connect(f"{server.gateway_url}?v=10")
    assert refused.value.status == 503
    async with RawGateway(server) as gateway:
        await gateway.identify(properties=PROPERTIES)
