"""A database of each kind with the tables of the bot, and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest

from bot.db.migrate import bring_to_head
from bot.db.session import Database
from tests.support.polls import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    await bring_to_head(opened)
    yield opened
    await opened.close()
