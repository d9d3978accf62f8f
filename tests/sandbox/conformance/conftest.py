"""The tour, taken once for each test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.driver import Stage
from sandbox.permissions import ALL, P
from tests.sandbox.conformance import tour_guild, tour_interactions, tour_messages
from tests.sandbox.conformance.tour import Record, Tour, TourBot
from tests.support.guild import role_of_bot
from tests.support.raw_bot import COMMANDS, Raw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import discord

    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

STEPS = (
    tour_guild.channels,
    tour_guild.threads,
    tour_guild.lose_and_regain_sight,
    tour_messages.writing,
    tour_messages.reacting,
    tour_messages.voting,
    tour_messages.webhooks,
    tour_interactions.command_routes,
    tour_interactions.commands,
    tour_interactions.controls,
    tour_interactions.refused_callbacks,
    tour_guild.roles_and_members,
    tour_guild.events,
    tour_guild.the_guild,
    tour_guild.accounts,
    tour_guild.a_second_guild,
)


@pytest.fixture
async def tour(server: Server, place: Place, start: Callable[..., Awaitable[TourBot]]) -> AsyncIterator[Tour]:
    """A client with all rights but Administrator that has been everywhere and is still connected."""
    record, client = Record(server), TourBot()
    tour_interactions.add_commands(client)
    role_of_bot(place).permissions = int(ALL) & ~int(P.ADMINISTRATOR)
    place.app.flags |= 1 << 13 | 1 << 15 | 1 << 19
    await start(client)
    async with Stage(server) as stage:
        taken = Tour(server, client, stage, place, record)
        for step in STEPS:
            await step(taken)
        yield taken


@pytest.fixture
async def raw(server: Server, http: Http, bot: discord.Client, place: Place) -> AsyncIterator[Raw]:  # noqa: ARG001
    """A bot that is online and answers only what a test sends, with Ada in front of it."""
    assert (await http.put(f"/applications/{place.app.id}/commands", json=COMMANDS)).status == 200
    async with Stage(server) as stage:
        yield Raw(server, http, await stage.person("Ada"))
