"""An arena on each database, with a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from bot.db.session import Database
from tests.support.arena import Desk, opened
from tests.support.databases import clock, database
from tests.support.polls import SetClock

__all__ = ["clock", "database"]


@pytest.fixture
async def desk(database: Database, clock: SetClock) -> AsyncIterator[Desk]:
    async with opened(database, clock) as desk:
        yield desk
