"""RESUME with replay, sessions that outlive a socket, and those that do not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.gateway import session as sessions
from sandbox.gateway.intents import Intent
from tests.support.raw_gateway import RawGateway

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place

MESSAGES = int(Intent.GUILDS | Intent.GUILD_MESSAGES)


def say(server: Server, place: Place, text: str) -> None:
    channel = place.channel("general")
    data = {"id": "1", "channel_id": str(channel.id), "content": text, "author": {"id": "2"}, "mentions": []}
    server.world.emit("MESSAGE_CREATE", data, guild_id=place.guild.id, channel_id=channel.id)


async def detached(server: Server) -> None:
    async with asyncio.timeout(30):
        while any(session.connection is not None for session in server.gateway.sessions.values()):
            await asyncio.sleep(0.01)


async def test_missed_events_are_replayed_in_order(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway, RawGateway(server) as again:
        await gateway.identify(intents=MESSAGES)
        await gateway.until("GUILD_CREATE")
        assert server.faults.drop_socket() == 2
        assert await gateway.closed() == 1006
        assert await again.closed() == 1006
        await detached(server)
        assert not server.gateway.online(place.app.user_id)
        for text in ("one", "two", "three"):
            say(server, place, text)
        async with RawGateway(server) as third:
            await third.resume(gateway)
            seen = [await third.until("MESSAGE_CREATE") for _ in range(3)]
            assert [message["id"] for message in seen] == ["1"] * 3
            assert third.seq == (gateway.seq or 0) + 3
            resumed = await third.receive()
            assert resumed["t"] == "RESUMED"
            assert resumed["s"] == (gateway.seq or 0) + 4
            assert server.gateway.online(place.app.user_id)
            say(server, place, "four")
            await third.until("MESSAGE_CREATE")


async def test_resume_from_an_earlier_number_replays_again(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=MESSAGES)
        await gateway.until("GUILD_CREATE")
        say(server, place, "one")
        await gateway.until("MESSAGE_CREATE")
        async with RawGateway(server) as again:
            await again.resume(gateway, seq=1)
            assert [(await again.receive())["t"] for _ in range(4)][1:] == ["GUILD_CREATE", "MESSAGE_CREATE", "RESUMED"]
            assert await gateway.closed() == 4000


async def test_invalid_numbers(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        await gateway.quiet()
        for seq in (-1, 3):
            async with RawGateway(server) as again:
                await again.resume(gateway, seq=seq)
                assert await again.closed() == 4007
        async with RawGateway(server) as again:
            await again.resume(gateway, seq=2)
            await again.until("RESUMED")


async def test_a_wrong_token_or_shape_does_not_resume(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        for token, seq, code in (("wrong", 1, 4004), (gateway.token, "1", 4002), (gateway.token, None, 4002)):
            async with RawGateway(server) as again:
                await again.send(6, {"token": token, "session_id": gateway.session_id, "seq": seq})
                assert await again.closed() == code


async def test_unknown_and_foreign_sessions_are_invalid(server: Server, place: Place) -> None:
    place.build.application("Other", "other-token", place.guild)
    async with RawGateway(server) as gateway, RawGateway(server, token="other-token") as other:
        await gateway.identify()
        await other.resume(gateway)
        assert (await other.until_op(9))["d"] is False
        other.session_id = "0" * 32
        await other.resume(other, seq=1)
        assert (await other.until_op(9))["d"] is False
        await other.identify()


@pytest.mark.parametrize(("code", "resumable"), [(1000, False), (1001, False), (4000, True), (4900, True)])
async def test_saying_goodbye_ends_the_session(server: Server, code: int, resumable: bool) -> None:
    async with RawGateway(server) as gateway, RawGateway(server) as again:
        await gateway.identify()
        await gateway.quiet()
        await gateway.socket.close(code=code)
        await detached(server)
        await again.resume(gateway)
        if resumable:
            await again.until("RESUMED")
        else:
            assert (await again.until_op(9))["d"] is False


async def test_a_session_lapses_after_a_while(server: Server) -> None:
    server.gateway.tuning.resume_seconds = 0.05
    async with RawGateway(server) as gateway, RawGateway(server) as again:
        await gateway.identify()
        await gateway.socket.close(code=4000)
        await detached(server)
        await asyncio.sleep(0.1)
        server.gateway.expire()
        await again.resume(gateway)
        assert (await again.until_op(9))["d"] is False


async def test_too_much_missed_cannot_be_replayed(
    server: Server, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "KEPT_EVENTS", 3)
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=MESSAGES)
        await gateway.until("GUILD_CREATE")
        await gateway.socket.close(code=4000)
        await detached(server)
        for text in ("one", "two", "three"):
            say(server, place, text)
        async with RawGateway(server) as again:
            await again.resume(gateway)
            await again.until("RESUMED")
            await again.socket.close(code=4000)
        await detached(server)
        for text in ("four", "five", "six", "seven"):
            say(server, place, text)
        async with RawGateway(server) as third:
            await third.resume(again)
            assert (await third.until_op(9))["d"] is False
        assert server.gateway.sessions == {}


async def test_reconnect_is_asked_for_and_resumed(server: Server) -> None:
    async with RawGateway(server) as gateway, RawGateway(server) as again:
        await gateway.identify()
        assert server.faults.reconnect() == 2
        assert (await gateway.until_op(7))["d"] is None
        await gateway.socket.close(code=4000)
        await again.resume(gateway)
        await again.until("RESUMED")


@pytest.mark.parametrize("resumable", [True, False])
async def test_invalid_session_on_request(server: Server, resumable: bool) -> None:
    async with RawGateway(server) as gateway, RawGateway(server) as again:
        await gateway.identify()
        assert server.faults.invalidate_session(resumable=resumable) == 1
        assert (await gateway.until_op(9))["d"] is resumable
        await gateway.socket.close(code=4000)
        await again.resume(gateway)
        if resumable:
            await again.until("RESUMED")
        else:
            assert (await again.until_op(9))["d"] is False
            await again.identify()


async def test_one_token_may_have_several_sessions(server: Server, place: Place) -> None:
    async with RawGateway(server) as first, RawGateway(server) as second:
        await first.identify(intents=MESSAGES)
        await second.identify(intents=MESSAGES)
        say(server, place, "both")
        await first.until("MESSAGE_CREATE")
        await second.until("MESSAGE_CREATE")
        await first.socket.close(code=1000)
        await second.quiet()
        assert server.gateway.online(place.app.user_id)
