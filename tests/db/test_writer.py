"""Group commit: what was answered is durable, and one bad item takes nobody down."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.db.session import Database
from bot.db.trouble import AwayError, UnwritableError
from bot.db.writer import Patience, group_writer
from bot.errors import NotFoundError, OutcomeUnknownError, ServiceError
from tests.db.items import Items, stored

ROOT = Path(__file__).resolve().parents[2]
SHORT = Patience(longest=0.4, when_closing=0.2, first_wait=0.01, longest_wait=0.05)


async def test_all_that_queued_up_is_one_transaction(database: Database) -> None:
    items = Items()
    writer = group_writer(database, items)
    assert await asyncio.gather(*(writer.submit(item) for item in range(500))) == [item * 10 for item in range(500)]
    assert await stored(database) == list(range(500))
    assert len(items.batches) == 1
    await writer.close()


async def test_thousands_at_once_are_all_answered_in_order_of_their_coming(database: Database) -> None:
    items = Items()
    writer = group_writer(database, items)
    assert await asyncio.gather(*map(writer.submit, range(3500))) == [item * 10 for item in range(3500)]
    assert [item for batch in items.batches for item in batch] == list(range(3500))
    assert max(map(len, items.batches)) == 1000
    assert await stored(database) == list(range(3500))
    await writer.close()


async def test_what_comes_in_during_a_commit_is_the_next_batch(database: Database) -> None:
    items = Items()
    writer = group_writer(database, items)
    await writer.submit(0)
    first = asyncio.create_task(writer.submit(1))
    while not items.batches[1:]:
        await asyncio.sleep(0)
    rest = [asyncio.create_task(writer.submit(item)) for item in (2, 3, 4)]
    assert await asyncio.gather(first, *rest) == [10, 20, 30, 40]
    assert items.batches == [[0], [1], [2, 3, 4]]
    await writer.close()


async def test_only_the_writers_thread_touches_sqlite(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    items = Items()
    writer = group_writer(database, items)
    await asyncio.gather(*map(writer.submit, range(10)), return_exceptions=True)
    assert items.threads == {"sqlite-writer"}
    await writer.close()
    await database.close()


async def test_a_refusal_goes_to_its_own_item(database: Database) -> None:
    writer = group_writer(database, Items())
    good, bad = await asyncio.gather(writer.submit(1), writer.submit(-1), return_exceptions=True)
    assert good == 10
    assert isinstance(bad, NotFoundError)
    await writer.close()


async def test_the_last_of_a_key_is_written_and_the_earlier_hears_the_same(database: Database) -> None:
    writer = group_writer(database, Items(by_digit=True))
    assert await asyncio.gather(*map(writer.submit, (11, 12, 21, 31))) == [310, 120, 310, 310]
    assert await stored(database) == [12, 31]
    await writer.close()


async def test_an_earlier_one_counts_when_its_later_one_is_refused(database: Database) -> None:
    items = Items(by_digit=True)
    writer = group_writer(database, items)
    answers = await asyncio.gather(*map(writer.submit, (11, 21, -9, 12)), return_exceptions=True)
    assert answers[:2] == [210, 210]
    assert isinstance(answers[2], NotFoundError)
    assert answers[3] == 120
    assert await stored(database) == [12, 21]
    await writer.close()


def no_thirteens(batch: Sequence[int]) -> None:
    if 1313 in batch:
        raise KeyError(1313)


@pytest.mark.parametrize("bad", [1 << 70, 1313], ids=["the driver", "our own fault"])
async def test_a_bad_row_does_not_take_its_neighbours_down(database: Database, bad: int) -> None:
    writer = group_writer(database, Items(no_thirteens))
    coming = [*range(40), bad, *range(40, 80)]
    answers = await asyncio.gather(*map(writer.submit, coming), return_exceptions=True)
    assert isinstance(answers.pop(40), ServiceError)
    assert answers == [item * 10 for item in range(80)]
    assert await stored(database) == list(range(80))
    await writer.close()


async def test_a_row_that_is_there_already_is_told_to_its_own_item(database: Database) -> None:
    writer = group_writer(database, Items())
    await writer.submit(2)
    answers = await asyncio.gather(*map(writer.submit, (1, 2, 3)), return_exceptions=True)
    assert [answers[0], answers[2]] == [10, 30]
    assert isinstance(answers[1], ServiceError)
    assert "2" not in str(answers[1].__cause__).replace("23505", ""), "what was to be stored is not for the log"
    assert await stored(database) == [1, 2, 3]
    await writer.close()


async def test_each_waiting_person_gets_an_exception_of_their_own(database: Database) -> None:
    def full(_items: Sequence[int]) -> None:
        raise UnwritableError("full")

    writer = group_writer(database, Items(full))
    answers = await asyncio.gather(*map(writer.submit, range(3)), return_exceptions=True)
    assert len({id(answer) for answer in answers}) == 3
    await writer.close()


async def test_a_database_that_is_full_is_told_to_everybody_at_once(database: Database) -> None:
    full = [True]

    def meanwhile(_items: Sequence[int]) -> None:
        if full[0]:
            raise UnwritableError("full")

    items = Items(meanwhile)
    writer = group_writer(database, items)
    answers = await asyncio.gather(*map(writer.submit, range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceError] * 3
    assert items.batches == [[0, 1, 2]], "trying one by one would only take longer"
    full[0] = False
    assert await writer.submit(5) == 50
    await writer.close()


async def test_a_database_that_is_away_is_waited_for(database: Database) -> None:
    tries: list[int] = []

    def meanwhile(items: Sequence[int]) -> None:
        tries.append(len(items))
        if len(tries) < 4:
            raise AwayError("gone for a moment", in_doubt=False)

    writer = group_writer(database, Items(meanwhile), SHORT)
    assert await asyncio.gather(*map(writer.submit, range(3))) == [0, 10, 20]
    assert tries == [3] * 4
    await writer.close()


async def test_waiting_has_an_end_and_the_writer_lives_on(database: Database) -> None:
    away = [True]

    def meanwhile(_items: Sequence[int]) -> None:
        if away[0]:
            raise AwayError("gone", in_doubt=False)

    writer = group_writer(database, Items(meanwhile), SHORT)
    async with asyncio.timeout(30):
        answers = await asyncio.gather(*map(writer.submit, range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceError] * 3
    away[0] = False
    assert await writer.submit(7) == 70
    assert await stored(database) == [7]
    await writer.close()


async def test_a_doubtful_outcome_that_stays_so_is_told(database: Database) -> None:
    def meanwhile(_items: Sequence[int]) -> None:
        raise AwayError("lost in the commit", in_doubt=True)

    def unreachable() -> None:
        raise AwayError("no connection", in_doubt=False)

    writer = group_writer(database, Items(meanwhile, recalling=unreachable), SHORT)
    answers = await asyncio.gather(*map(writer.submit, range(2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OutcomeUnknownError] * 2
    await writer.close()


async def test_what_is_in_doubt_is_read_back_and_only_the_rest_written(database: Database) -> None:
    writer = group_writer(database, Items())
    await writer.submit(1)
    await writer.close()
    doubts = [True]

    def meanwhile(_items: Sequence[int]) -> None:
        if doubts:
            doubts.clear()
            raise AwayError("lost in the commit", in_doubt=True)

    items = Items(meanwhile)
    writer = group_writer(database, items, SHORT)
    assert await asyncio.gather(*map(writer.submit, (1, 2))) == [10, 20]
    assert items.batches == [[1, 2], [2]], "1 stands there already"
    await writer.close()


async def test_who_stopped_waiting_before_the_write_is_not_written(database: Database) -> None:
    writer = group_writer(database, Items())
    waiting = asyncio.create_task(writer.submit(5))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await writer.submit(6) == 60
    assert await stored(database) == [6]
    await writer.close()


async def test_who_stops_waiting_during_the_write_disturbs_nobody(database: Database) -> None:
    items = Items()
    writer = group_writer(database, items)
    tasks = [asyncio.create_task(writer.submit(item)) for item in range(3)]
    while not items.batches:
        await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert tasks[1].cancelled()
    assert [await tasks[0], await tasks[2]] == [0, 20]
    assert await writer.submit(9) == 90
    await writer.close()


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(database: Database) -> None:
    writer = group_writer(database, Items())
    queued = [asyncio.create_task(writer.submit(item)) for item in range(1500)]
    await asyncio.sleep(0)
    await writer.close()
    assert [await task for task in queued] == [item * 10 for item in range(1500)]
    with pytest.raises(ServiceError, match="stopping"):
        await writer.submit(9)
    await writer.close()


async def test_closing_waits_for_a_database_that_is_away_only_shortly(database: Database) -> None:
    def meanwhile(_items: Sequence[int]) -> None:
        raise AwayError("gone", in_doubt=False)

    writer = group_writer(database, Items(meanwhile), Patience(longest=60, when_closing=0.1, longest_wait=0.05))
    waiting = asyncio.create_task(writer.submit(1))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(30):
        await writer.close()
    with pytest.raises(ServiceError):
        await waiting


KILLED = """
import asyncio, sys
from sqlalchemy import text
from bot.db.session import Database
from bot.db.writer import group_writer
from tests.db.items import Items

async def main():
    database = await Database.open(sys.argv[1])
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE items (item BIGINT PRIMARY KEY)"))
    writer = group_writer(database, Items())
    async def voter(first):
        for item in range(first, 10**9, 20):
            print(await writer.submit(item) // 10, flush=True)
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
