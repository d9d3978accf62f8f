"""A clock that the test moves, and polls to start from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.db.session import Database
from bot.polls.counting import ranks_of
from bot.polls.service import PollService
from bot.polls.types import Actor, Poll, PollDraft, Voter, VoteReceipt
from bot.timers import Timers

GUILD = 1 << 60
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPTIONS = ("Open", "Closed", "Hybrid")


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def draft_of(creator: int = 1, options: tuple[str, ...] = OPTIONS, minutes: int = 60, **parts: Any) -> PollDraft:
    draft = PollDraft(GUILD, 7, creator, "Which models?", options, START + timedelta(minutes=minutes))
    return replace(draft, **parts)


def actor(member: int = 1, *, moderator: bool = False, guild: int = GUILD) -> Actor:
    return Actor(guild, member, moderator)


def voter(member: int, *roles: int, guild: int = GUILD, joined_at: datetime | None = None) -> Voter:
    return Voter(guild, member, frozenset(roles), joined_at)


async def opened(polls: PollService, **parts: Any) -> Poll:
    """A poll that is open, not yet posted."""
    poll = await polls.draft(draft_of(**parts))
    return (await polls.open(poll.poll_id, actor(poll.creator_id or 0))).poll


async def cast(polls: PollService, poll: Poll, member: int, ballot: int | bytes) -> VoteReceipt:
    """Vote: a position for a single choice, else the ranks."""
    ranks = ballot if isinstance(ballot, bytes) else ranks_of(ballot, len(poll.options))
    return await polls.vote(poll.poll_id, voter(member), ranks)


@asynccontextmanager
async def restarted(database: Database, clock: SetClock) -> AsyncIterator[PollService]:
    """Another service on the same database, as after a restart: started, its timers armed but not running."""
    service = PollService(database, Timers(clock), clock)
    await service.start()
    yield service
    await service.stop()
