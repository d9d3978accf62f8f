"""A poll service on each database, with a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from bot.db.session import Database
from bot.polls.service import PollService
from bot.timers import Timers
from tests.support.databases import clock, database
from tests.support.poll_flow import ada, breaks
from tests.support.polls import SetClock
from tests.support.running import options, rostrum, server, stage

__all__ = ["ada", "breaks", "clock", "database", "options", "rostrum", "server", "stage"]


@pytest.fixture
async def polls(database: Database, clock: SetClock) -> AsyncIterator[PollService]:
    service = PollService(database, Timers(clock), clock)
    yield service
    await service.stop()
