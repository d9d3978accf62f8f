"""A database with a table of numbers, of each kind."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.db.session import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    async with opened.write() as connection:
        await connection.execute(text("CREATE TABLE items (item BIGINT PRIMARY KEY)"))
    yield opened
    await opened.close()
