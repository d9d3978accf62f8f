"""A stand-in whose clock can be moved, and a bot that answers by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.driver import Stage
from sandbox.interactions import ANSWER_SECONDS, core
from sandbox.server import Options, Server
from tests.support.raw_bot import COMMANDS, Clock, Raw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord

    from tests.support.stand_in import Http, Place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(options: Options, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """It waits longer than Discord for a first answer, as that of tests.support.running does; see `three_seconds`."""
    monkeypatch.setattr(core, "ANSWER_SECONDS", 4 * ANSWER_SECONDS)
    async with Server(options, clock) as running:
        running.limits.enforce = False
        yield running
    assert running.unknown_routes == []
    assert running.spec is None or [str(one) for one in running.spec.violations] == []


@pytest.fixture
def three_seconds(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is too late: the deadline is Discord's."""
    del server
    monkeypatch.setattr(core, "ANSWER_SECONDS", ANSWER_SECONDS)


@pytest.fixture
async def raw(server: Server, http: Http, bot: discord.Client, place: Place) -> AsyncIterator[Raw]:  # noqa: ARG001
    made = await http.put(f"/applications/{place.app.id}/commands", json=COMMANDS)
    assert made.status == 200
    async with Stage(server) as stage:
        yield Raw(server, http, await stage.person("Ada"))
