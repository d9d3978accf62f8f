"""Frames of real clients, damaged: the gateway answers or closes with one of Discord's codes, and never fails."""

from __future__ import annotations

import logging
from random import Random
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.sandbox.conformance.damage import RUBBISH, damaged
from tests.support.raw_gateway import PROPERTIES, ClosedByServer, RawGateway

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place

# 4000 would be the stand-in's own failure; 4009 and 4008 need time or number
CODES = {4001, 4002, 4003, 4004, 4005, 4007, 4010, 4013, 4014}


def frames(server: Server, place: Place) -> list[dict[str, Any]]:
    token, guild = server.options.bot_token, str(place.guild.id)
    activity = {"name": "a debate", "type": 0}
    presence = {"status": "idle", "since": 0, "activities": [activity], "afk": False}
    identify = {"token": token, "intents": 1, "properties": PROPERTIES, "shard": [0, 1], "presence": presence}
    return [
        {"op": 1, "d": 5},
        {"op": 2, "d": identify | {"compress": True, "large_threshold": 250}},
        {"op": 3, "d": presence},
        {"op": 4, "d": {"guild_id": guild, "channel_id": None, "self_mute": False, "self_deaf": False}},
        {"op": 6, "d": {"token": token, "session_id": "a" * 32, "seq": 1}},
        {"op": 8, "d": {"guild_id": guild, "query": "", "limit": 0, "presences": True, "nonce": "n"}},
        {"op": 8, "d": {"guild_id": guild, "user_ids": [guild], "limit": 100}},
        {"op": 31, "d": {"guild_ids": [guild]}},
    ]


@pytest.mark.parametrize("identified", [False, True])
async def test_damaged_frames(server: Server, place: Place, identified: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    chance = Random(7)
    place.app.flags |= 1 << 15
    good = frames(server, place)
    codes: set[int | None] = set()
    async with RawGateway(server) as healthy:
        await healthy.identify()
        for number in range(150):
            frame = damaged(good[number % len(good)], chance, chance.choice((1, 1, 2, 4)))
            if number % 10 == 0:
                frame = chance.choice(RUBBISH)
            async with RawGateway(server) as gateway:
                await gateway.receive()
                if identified:
                    await gateway.identify(intents=3)
                await gateway.socket.send_str(orjson.dumps(frame).decode())
                try:
                    await gateway.quiet()
                except ClosedByServer as end:
                    codes.add(end.code)
        assert await healthy.quiet("READY") == []
    assert codes <= CODES, codes
    assert {4001, 4002} <= codes
    assert (4003 in codes) is not identified
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
