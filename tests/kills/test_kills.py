"""kill -9 at random moments of a flood: nothing acknowledged is lost, nothing counted twice, ends come once."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import utc_now
from bot.db.migrate import bring_to_head
from bot.db.schema import PollBallotRow, PollPhase, PollRow, VoterRow
from bot.db.session import Database
from bot.polls.service import POLL_DUE, PollService
from bot.timers import Timers
from tests.kills.flood import GUILD, number_of, opened

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
A_RUN = 30_000
"""More numbers than a voter gets to use in a flood, so that a later run's are always greater; 50 runs fit a ballot."""

Ballot = tuple[int, int]
"""(poll, member)"""


class History:
    """All that the floods have said, and what must therefore be in the database."""

    def __init__(self) -> None:
        self.sent: dict[Ballot, int] = {}
        self.counted: dict[Ballot, int] = {}
        self.results: defaultdict[int, int] = defaultdict(int)
        self.ending: set[int] = set()
        self.finished: set[int] = set()
        self.acknowledged = 0

    def hear(self, line: str) -> None:
        what, *rest = line.split()
        assert what != "failed", line
        numbers = [int(word) for word in rest]
        if what == "ready":
            self.ending.add(numbers[0])
        elif what == "result":
            assert numbers[0] not in self.finished, "the end of a poll was shown again"
            self.results[numbers[0]] += 1
        elif what == "shown":
            self.finished.add(numbers[0])
        elif what in {"sent", "counted"}:
            poll, member, number = numbers
            getattr(self, what)[poll, member] = number
            self.acknowledged += what == "counted"

    async def check(self, database: Database) -> None:
        """Compare with what is stored."""
        query = select(PollBallotRow.poll_id, VoterRow.member_id, PollBallotRow.ranks).join(
            VoterRow,
            (VoterRow.guild_id == PollBallotRow.guild_id) & (VoterRow.voter_id == PollBallotRow.voter_id),
        )
        async with database.read() as connection:
            rows = (await connection.execute(query)).all()
            done = await connection.execute(select(PollRow.poll_id).where(PollRow.phase == PollPhase.DONE))
            self.finished |= set(done.scalars())
        stored = {(row.poll_id, row.member_id): number_of(row.ranks) for row in rows}
        assert len(stored) == len(rows), "somebody is counted twice"
        assert None not in {member for _, member in stored}
        assert stored.keys() <= self.sent.keys()
        lost = {ballot for ballot, number in self.counted.items() if stored.get(ballot, -1) < number}
        assert not lost, f"acknowledged and lost: {lost}"
        assert all(number <= self.sent[ballot] for ballot, number in stored.items())


@pytest.fixture
async def floods() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests/kills/flood.py"),
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    yield process
    assert process.stdin
    process.stdin.close()
    await process.wait()


async def kill_one(floods: Process, history: History, order: str, delay: float, votes: int) -> None:
    """Start a flood, kill it `delay` seconds after it is ready, with so many votes at least, and hear it out."""
    assert floods.stdin
    assert floods.stdout
    floods.stdin.write(f"{order}\n".encode())
    child, before = 0, history.acknowledged
    loop = asyncio.get_running_loop()
    kill_at = float("inf")
    async for raw in floods.stdout:
        line = raw.decode().strip()
        if line == "gone":
            return
        if line.startswith("child"):
            child = int(line.split()[1])
            continue
        history.hear(line)
        if line.startswith("ready"):
            kill_at = loop.time() + delay
        if loop.time() >= kill_at and history.acknowledged - before >= votes:
            kill_at = float("inf")
            os.kill(child, signal.SIGKILL)


@pytest.mark.timeout(600)
async def test_fifty_kills(database_url: str, floods: Process) -> None:
    seed = random.randrange(1 << 32)
    # shown when the test fails
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    database = await Database.open(database_url)
    await bring_to_head(database)
    polls = PollService(database, Timers(), utc_now)
    lasting = (await opened(polls)).poll_id
    await polls.stop()
    await database.close()

    history = History()
    for run in range(KILLS):
        order = f"{database_url} {lasting} {run * A_RUN} {dice.randrange(1 << 32)}"
        await kill_one(floods, history, order, dice.uniform(0.02, 0.3), dice.randrange(51, 150))
        database = await Database.open(database_url, alone=False)
        await history.check(database)
        await database.close()
    assert history.acknowledged > 50 * KILLS
    await finish(database_url, history, lasting)


async def finish(database_url: str, history: History, lasting: int) -> None:
    """Let a last start heal what is left, and count everything."""
    database = await Database.open(database_url)
    timers = Timers()
    polls = PollService(database, timers, utc_now)
    healed = asyncio.Event()

    async def due(poll_id: int) -> None:
        if await polls.due(poll_id):
            history.hear(f"result {poll_id}")
            await polls.shown(poll_id)
            history.hear(f"shown {poll_id}")
        if history.ending <= history.finished:
            healed.set()

    timers.listen(POLL_DUE, due)
    await polls.start()
    timers.start()
    if not history.ending <= history.finished:
        await asyncio.wait_for(healed.wait(), 60)
    assert len(history.ending) == KILLS
    assert set(history.results) == history.ending, "each had its result, none another's"
    await history.check(database)
    counted = {ballot for ballot in history.counted if ballot[0] == lasting}
    sent = {ballot for ballot in history.sent if ballot[0] == lasting}
    assert len(counted) <= (await polls.get(lasting, GUILD)).turnout <= len(sent)
    await timers.close()
    await polls.stop()
    await database.close()
