"""kill -9 while votes in battles are written: nothing acknowledged is lost, and what belongs together is one."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.arena.types import BoardBy
from bot.catalog import Openness
from bot.db.migrate import bring_to_head
from bot.db.schema import BattleAnswerRow, BattlePhase, BattleRow, BattleVoteRow, ModelLineRow, VoterRow
from bot.db.session import Database
from tests.kills.battles import ASKER, BEGAN, GUILD, Counting, number_of, opened

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6
A_RUN = 100_000
PRIVATE = 100
"""Private battles for each flood."""


class Told:
    """All that the floods have said."""

    def __init__(self) -> None:
        self.sent: dict[tuple[int, int], int] = {}
        self.counted: dict[tuple[int, int], int] = {}
        self.closing: set[int] = set()
        self.closed: set[int] = set()
        self.acknowledged = 0

    def hear(self, line: str) -> None:
        what, *rest = line.split()
        assert what != "failed", line
        numbers = [int(word) for word in rest]
        if what in {"sent", "counted"}:
            battle, member, number = numbers
            getattr(self, what)[battle, member] = number
            self.acknowledged += what == "counted"
        elif what in {"closing", "closed"}:
            getattr(self, what).add(numbers[0])

    async def check(self, database: Database) -> None:
        """Compare with what is stored."""
        query = select(BattleVoteRow.battle_id, VoterRow.member_id, BattleVoteRow.cast_at).join(
            VoterRow, (VoterRow.guild_id == BattleVoteRow.guild_id) & (VoterRow.voter_id == BattleVoteRow.voter_id)
        )
        async with database.read() as connection:
            votes = (await connection.execute(query)).all()
            battles = (
                await connection.execute(
                    select(BattleRow.battle_id, BattleRow.is_private, BattleRow.phase, BattleRow.closed_at)
                )
            ).all()
        stored = {(row.battle_id, row.member_id): number_of(row.cast_at) for row in votes}
        assert len(stored) == len(votes), "somebody is counted twice"
        lost = {vote for vote, number in self.counted.items() if stored.get(vote, -1) < number}
        assert not lost, f"acknowledged and lost: {lost}"
        assert stored.keys() <= self.sent.keys()
        assert all(number <= self.sent[vote] for vote, number in stored.items())
        voted = {battle for battle, _ in stored}
        for row in battles:
            if row.is_private:
                # the vote reveals: neither is there without the other
                assert (row.phase is BattlePhase.CLOSED) == (row.battle_id in voted), row
            else:
                assert row.phase is not BattlePhase.CLOSED or row.battle_id in self.closing
                assert row.battle_id not in self.closed or row.phase is BattlePhase.CLOSED
            assert (row.closed_at is not None) == (row.phase is BattlePhase.CLOSED)


async def put_up(database: Database) -> None:
    """Put up battles that are open: for each flood a shared one and private ones, and a shared one that lasts."""
    made_at = BEGAN - timedelta(minutes=1)
    usual = {"guild_id": GUILD, "channel_id": 1, "prompt": "What is tea?", "pairing": "any", "task": "answer"}
    usual |= {"phase": BattlePhase.OPEN, "language": "en", "holder": "before", "made_at": made_at, "shown_at": made_at}
    usual |= {"closes_at": BEGAN + timedelta(days=1)}
    shared, members = range(1, KILLS + 2), range(1_000, 1_000 + KILLS * PRIVATE)
    model = {"version": "1", "openness": Openness.OPEN.value, "begun_at": BEGAN}
    async with database.write() as connection:
        await connection.execute(
            insert(ModelLineRow),
            [model | {"line_id": side, "key": f"model{side}", "name": f"Model {side}"} for side in range(2)],
        )
        await connection.execute(
            insert(BattleRow),
            [usual | {"battle_id": number, "member_id": ASKER, "is_private": False} for number in shared]
            + [usual | {"battle_id": member, "member_id": member, "is_private": True} for member in members],
        )
        await connection.execute(
            insert(BattleAnswerRow),
            [
                {"guild_id": GUILD, "battle_id": battle_id, "side": side, "line_id": side, "text": "Tea"}
                for battle_id in (*shared, *members)
                for side in range(2)
            ],
        )


@pytest.fixture
async def floods() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests/kills/battles.py"),
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    yield process
    assert process.stdin
    process.stdin.close()
    await process.wait()


async def kill_one(floods: Process, told: Told, order: str, votes: int) -> None:
    """Start a flood, kill it after so many votes at least, and hear it out."""
    assert floods.stdin
    assert floods.stdout
    floods.stdin.write(f"{order}\n".encode())
    child, before = 0, told.acknowledged
    async for raw in floods.stdout:
        line = raw.decode().strip()
        if line == "gone":
            return
        if line.startswith("child"):
            child = int(line.split()[1])
            continue
        told.hear(line)
        if child and told.acknowledged - before >= votes:
            os.kill(child, signal.SIGKILL)
            child = 0


@pytest.mark.timeout(600)
async def test_kills_among_votes_in_battles(database_url: str, floods: Process) -> None:
    seed = random.randrange(1 << 32)
    # shown when the test fails
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    database = await Database.open(database_url)
    await bring_to_head(database)
    await put_up(database)
    await database.close()
    told = Told()
    for run in range(KILLS):
        order = f"{database_url} {run * A_RUN} {dice.randrange(1 << 32)}"
        await kill_one(floods, told, order, dice.randrange(20, 120))
        database = await Database.open(database_url, alone=False)
        await told.check(database)
        await database.close()
    assert told.acknowledged >= 20 * KILLS
    database = await Database.open(database_url)
    await board_is_made(database)
    await database.close()


async def board_is_made(database: Database) -> None:
    """What counts after all of it makes a board, of the votes in battles that are over."""
    arena = await opened(database, Counting())
    board = await arena.board(GUILD, BoardBy.MODEL, everything=True)
    async with database.read() as connection:
        over = await connection.execute(
            select(BattleVoteRow.battle_id)
            .join(BattleRow, BattleRow.battle_id == BattleVoteRow.battle_id)
            .where(BattleRow.phase == BattlePhase.CLOSED)
        )
        assert board.votes == len(over.all())
    assert board.votes
