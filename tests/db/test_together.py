"""What many write at the same moment is one transaction on SQLite, and nobody pays for somebody else's fault."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import together as module
from bot.db.session import Database
from bot.db.together import Together
from bot.errors import NotFoundError


def adding(item: int, seen: list[int]) -> Callable[[AsyncConnection], Awaitable[int]]:
    """Return work that adds a number, and writes down in which transaction that was."""

    async def work(connection: AsyncConnection) -> int:
        await connection.execute(text("INSERT INTO items VALUES (:item)"), {"item": item})
        if item < 0:
            raise NotFoundError("There are no such numbers.")
        seen.append(id(connection))
        return item * 10

    return work


async def stored(database: Database) -> list[int]:
    """Return the numbers that are there."""
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT item FROM items ORDER BY item"))).scalars())


async def test_everybody_gets_what_their_own_work_gave(database: Database) -> None:
    together, seen = Together(database), list[int]()
    items = range(3 * module.MOST)
    assert await asyncio.gather(*(together.write(adding(item, seen)) for item in items)) == [10 * i for i in items]
    assert await stored(database) == list(items)
    if database.is_sqlite:
        assert len(set(seen)) < len(items) / 2
    assert await together.write(adding(99, seen)) == 990, "and again, when nobody has waited"


async def test_a_fault_is_raised_where_it_belongs_and_undone(database: Database) -> None:
    together = Together(database)
    found = await asyncio.gather(
        *(together.write(adding(item, [])) for item in (1, -1, 2, 2, 3)), return_exceptions=True
    )
    assert [found[0], found[4]] == [10, 30]
    assert isinstance(found[1], NotFoundError)
    # of two that are the same, one is refused
    kinds = {type(each) for each in found[2:4]}
    assert kinds == {int, IntegrityError}
    assert await stored(database) == [1, 2, 3]


async def test_who_is_cancelled_before_their_turn_writes_nothing(database: Database) -> None:
    together = Together(database)
    async with asyncio.timeout(30):
        first = asyncio.create_task(together.write(adding(1, [])))
        second = asyncio.create_task(together.write(adding(2, [])))
        second.cancel()
        assert await first == 10
        with pytest.raises(asyncio.CancelledError):
            await second
    assert await stored(database) == [1]


async def test_a_database_that_is_away_keeps_nobody_waiting_for_each_of_the_others(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    together = Together(database)
    tries: list[int] = []

    async def away(connection: AsyncConnection) -> None:
        tries.append(1)
        await connection.execute(text("ATTACH '/proc/nowhere/other.db' AS other"))

    found = await asyncio.gather(*(together.write(away) for _ in range(4)), return_exceptions=True)
    assert all(isinstance(each, Exception) for each in found)
    assert len(tries) == 1
    await database.close()
