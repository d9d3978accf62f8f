"""Ballots while the database is away, locked or full, and when nobody knows whether one was stored."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db.migrate import bring_to_head
from bot.db.session import Database
from bot.db.writer import Patience
from bot.errors import OutcomeUnknownError, ServiceError
from bot.polls.ballots import ballot_writer
from bot.polls.service import PollService
from bot.polls.types import Counted
from bot.timers import Timers
from tests.polls.test_ballots import SHORT, Writer, ballot, rows
from tests.support.cutting import Wire, wire_to
from tests.support.polls import SetClock, opened


@pytest.fixture
async def wire(postgres_url: str, postgres_server: Path) -> AsyncIterator[tuple[Wire, Database]]:
    """A database behind a wire."""
    async with wire_to(postgres_server) as made:
        database = await Database.open(postgres_url.replace(str(postgres_server), str(made.folder)))
        await bring_to_head(database)
        yield made, database
        await database.close()


@pytest.fixture
async def behind(wire: tuple[Wire, Database]) -> AsyncIterator[PollService]:
    clock = SetClock()
    service = PollService(wire[1], Timers(clock), clock)
    yield service
    await service.stop()


@pytest.mark.parametrize("cut", ["cut_answer", "cut_question"])
async def test_a_cut_wire_is_healed_and_everybody_counts_once(
    wire: tuple[Wire, Database], behind: PollService, cut: str
) -> None:
    made, database = wire
    poll = await opened(behind)
    writer = ballot_writer(database, SHORT)
    await writer.submit(ballot(poll, 99))
    setattr(made, cut, True)
    answers = await asyncio.gather(*(writer.submit(ballot(poll, member)) for member in range(1, 31)))
    assert made.cuts == 1
    assert answers == [Counted(changed=False)] * 30, "what was read back did not replace anything"
    assert set(await rows(database, poll)) == {*range(1, 31), 99}
    await writer.close()


async def test_stored_before_the_poll_closed_is_stored_though_the_answer_was_lost(
    wire: tuple[Wire, Database], behind: PollService
) -> None:
    made, database = wire
    poll = await opened(behind)
    writer = ballot_writer(database, SHORT)
    await writer.submit(ballot(poll, 99))
    made.cut_answer = True
    waiting = asyncio.create_task(writer.submit(ballot(poll, 1)))
    while not made.cuts:
        await asyncio.sleep(0)
    made.down = True
    name = str(database.engine.url.database)
    while 1 not in await _seen(poll.poll_id, made, name):
        await asyncio.sleep(0.01)
    await _close_directly(poll.poll_id, made, name)
    made.down = False
    assert await waiting == Counted(changed=False)
    await writer.close()


async def test_a_doubt_that_cannot_be_cleared_is_told(wire: tuple[Wire, Database], behind: PollService) -> None:
    made, database = wire
    poll = await opened(behind)
    writer = ballot_writer(database, SHORT)
    await writer.submit(ballot(poll, 99))
    made.cut_answer = made.down = True
    with pytest.raises(OutcomeUnknownError):
        await writer.submit(ballot(poll, 1))
    with pytest.raises(ServiceError) as caught:
        await writer.submit(ballot(poll, 2))
    assert type(caught.value) is ServiceError, "this one was never sent"
    made.down = False
    assert await writer.submit(ballot(poll, 1, 2, after=1)) == Counted(changed=True)
    assert set(await rows(database, poll)) == {1, 99}
    await writer.close()


async def _direct(made: Wire, database: str, statement: str, *values: int) -> list[int]:
    import asyncpg  # noqa: PLC0415

    connection = await asyncpg.connect(host=str(made.server), user="postgres", database=database)
    try:
        return [row[0] for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def _seen(poll_id: int, made: Wire, database: str) -> list[int]:
    query = "SELECT member_id FROM poll_ballots JOIN voters USING (guild_id, voter_id) WHERE poll_id = $1"
    return await _direct(made, database, query, poll_id)


async def _close_directly(poll_id: int, made: Wire, database: str) -> None:
    await _direct(made, database, "UPDATE polls SET phase = 'closed' WHERE poll_id = $1 RETURNING poll_id", poll_id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_another_process_locks_is_waited_for(
    polls: PollService, database: Database, sqlite_url: str
) -> None:
    poll = await opened(polls)
    writer = ballot_writer(database)
    await writer.submit(ballot(poll, 9))
    other = sqlite3.connect(sqlite_url.split("///")[1], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    waiting = [asyncio.create_task(writer.submit(ballot(poll, member))) for member in range(1, 4)]
    done, _ = await asyncio.wait(waiting, timeout=2.5)
    assert not done
    other.execute("COMMIT")
    other.close()
    assert await asyncio.gather(*waiting) == [Counted(changed=False)] * 3
    assert time.monotonic() - started < 8
    assert set(await rows(database, poll)) == {1, 2, 3, 9}
    await writer.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_stays_locked_is_told(polls: PollService, database: Database, sqlite_url: str) -> None:
    poll = await opened(polls)
    writer = ballot_writer(database, Patience(longest=0.2))
    other = sqlite3.connect(sqlite_url.split("///")[1], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ServiceError) as caught:
        await writer.submit(ballot(poll, 1))
    assert type(caught.value) is ServiceError, "it is known not to be stored"
    other.execute("COMMIT")
    other.close()
    assert await writer.submit(ballot(poll, 1)) == Counted(changed=False)
    await writer.close()


async def set_most_pages(writer: Writer, most: int | None) -> None:
    """Limit the file, for the writer's own connection; None: to what it has."""

    def limit(connection: sqlite3.Connection) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {most or used}")

    await writer._desk._direct.transact(limit)  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_file_says_so_at_once_and_takes_votes_when_there_is_room(
    polls: PollService, database: Database
) -> None:
    poll = await opened(polls)
    writer = ballot_writer(database)
    await writer.submit(ballot(poll, 1))

    await set_most_pages(writer, None)
    started = time.monotonic()
    sent = [writer.submit(ballot(poll, member)) for member in range(2, 2000)]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, ServiceError)]
    assert refused
    assert time.monotonic() - started < 10
    counted = [member for member, answer in zip(range(2, 2000), answers, strict=True) if isinstance(answer, Counted)]
    assert set(await rows(database, poll)) == {1, *counted}, "nothing is half written"
    await set_most_pages(writer, 1 << 30)
    assert await writer.submit(ballot(poll, 5000)) == Counted(changed=False)
    async with database.read() as connection:
        assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    await writer.close()
