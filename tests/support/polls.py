"""A clock that the test moves, and polls to start from."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.polls.service import Actor, PollService
from bot.polls.types import Poll, PollDraft

GUILD = 1 << 60
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def draft_of(creator: int = 1, options: tuple[str, ...] = ("Open", "Closed", "Hybrid"), minutes: int = 60) -> PollDraft:
    return PollDraft(GUILD, 7, creator, "Which models?", options, START + timedelta(minutes=minutes))


def actor(member: int = 1, *, moderator: bool = False, guild: int = GUILD) -> Actor:
    return Actor(guild, member, moderator)


async def opened(polls: PollService, **parts: int) -> Poll:
    poll = await polls.draft(draft_of(**parts))
    return (await polls.open(poll.poll_id, actor(poll.creator_id or 0))).poll
