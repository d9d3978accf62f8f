"""Group commit: what was answered is durable, and one bad item takes nobody down."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.session import Database
from bot.db.writer import GroupWriter
from bot.errors import NotFoundError, ServiceError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    async with opened.write() as connection:
        await connection.execute(text("CREATE TABLE items (item INTEGER PRIMARY KEY)"))
    yield opened
    await opened.close()


class Recorder:
    """Writes items, and keeps the batches it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, connection: AsyncConnection, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        for item in items:
            if item >= 0:
                await connection.execute(text("INSERT INTO items VALUES (:item)"), {"item": item})
        return [item * 10 if item >= 0 else NotFoundError("no such item") for item in items]


async def stored(database: Database) -> list[int]:
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT item FROM items ORDER BY item"))).scalars())


async def test_all_that_queued_up_is_one_transaction(database: Database) -> None:
    apply = Recorder()
    writer = GroupWriter(database, apply)
    assert await asyncio.gather(*(writer.submit(item) for item in range(500))) == [item * 10 for item in range(500)]
    assert await stored(database) == list(range(500))
    assert len(apply.batches) == 1
    await writer.close()


async def test_a_refusal_goes_to_its_own_item(database: Database) -> None:
    writer = GroupWriter(database, Recorder())
    good, bad = await asyncio.gather(writer.submit(1), writer.submit(-1), return_exceptions=True)
    assert good == 10
    assert isinstance(bad, NotFoundError)
    await writer.close()


async def test_a_bad_row_does_not_take_its_neighbours_down(database: Database) -> None:
    writer = GroupWriter(database, Recorder())
    await writer.submit(2)
    answers = await asyncio.gather(*(writer.submit(item) for item in (1, 2, 3)), return_exceptions=True)
    assert answers[0] == 10
    assert isinstance(answers[1], ServiceError)
    assert answers[2] == 30
    assert await stored(database) == [1, 2, 3]
    await writer.close()


async def test_a_fault_in_apply_is_told_to_its_own_item_and_the_writer_lives_on(database: Database) -> None:
    async def apply(_connection: AsyncConnection, items: Sequence[int]) -> list[int | Exception]:
        if 13 in items:
            raise KeyError(13)
        return list(items)

    writer = GroupWriter(database, apply)
    answers = await asyncio.gather(writer.submit(13), writer.submit(1), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceError, int]
    assert await writer.submit(2) == 2
    await writer.close()


async def test_a_database_that_is_full_is_told_to_everybody_at_once(database: Database) -> None:
    tries: list[int] = []

    async def apply(_connection: AsyncConnection, items: Sequence[int]) -> list[int | Exception]:
        tries.append(len(items))
        raise OperationalError("INSERT", None, Exception("disk full"))

    writer: GroupWriter[int, int] = GroupWriter(database, apply)
    answers = await asyncio.gather(*map(writer.submit, range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceError] * 3
    assert tries == [3], "trying one by one would only take longer"
    await writer.close()


async def test_who_stopped_waiting_before_the_write_is_not_written(database: Database) -> None:
    writer = GroupWriter(database, Recorder())
    waiting = asyncio.create_task(writer.submit(5))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await writer.submit(6) == 60
    assert await stored(database) == [6]
    await writer.close()


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(database: Database) -> None:
    writer = GroupWriter(database, Recorder())
    queued = [asyncio.create_task(writer.submit(item)) for item in range(5)]
    await asyncio.sleep(0)
    await writer.close()
    assert [await task for task in queued] == [0, 10, 20, 30, 40]
    with pytest.raises(ServiceError, match="stopping"):
        await writer.submit(9)


KILLED = """
import asyncio, sys
from sqlalchemy import text
from bot.db.session import Database
from bot.db.writer import GroupWriter

async def apply(connection, items):
    await connection.execute(text("INSERT INTO items VALUES (:item)"), [{"item": item} for item in items])
    return list(items)

async def main():
    database = await Database.open(sys.argv[1])
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE items (item INTEGER PRIMARY KEY)"))
    writer = GroupWriter(database, apply)
    async def voter(first):
        for item in range(first, 10**9, 20):
            print(await writer.submit(item), flush=True)
    await asyncio.gather(*(voter(first) for first in range(20)))

asyncio.run(main())
"""


async def test_acknowledged_means_durable_under_kill_9(database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout
    acknowledged: list[int] = []
    async with asyncio.timeout(30):
        while len(acknowledged) < 2000:
            acknowledged.append(int(await process.stdout.readline()))
        process.kill()
        acknowledged += [int(line) for line in (await process.stdout.read()).split(b"\n") if line]
        await process.wait()
    database = await Database.open(database_url)
    assert set(acknowledged) <= set(await stored(database))
    await database.close()
