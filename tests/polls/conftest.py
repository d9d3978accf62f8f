"""A poll service on each database, with a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from bot.db.migrate import bring_to_head
from bot.db.session import Database
from bot.polls.service import PollService
from bot.timers import Timers
from tests.support.poll_flow import ada, breaks
from tests.support.polls import SetClock
from tests.support.running import options, rostrum, server, stage

__all__ = ["ada", "breaks", "options", "rostrum", "server", "stage"]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    await bring_to_head(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def polls(database: Database, clock: SetClock) -> AsyncIterator[PollService]:
    service = PollService(database, Timers(clock), clock)
    yield service
    await service.stop()
