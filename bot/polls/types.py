"""What travels through polls; all of it frozen."""

from dataclasses import dataclass
from datetime import datetime

from bot.db.schema import PollPhase

__all__ = ["Ballot", "Poll", "PollCount", "PollDraft", "PollPhase", "PollResult", "VoteReceipt"]


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A poll as somebody wrote it down, not yet checked."""

    guild_id: int
    channel_id: int
    creator_id: int
    question: str
    options: tuple[str, ...]
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """A stored poll. `message_id` is empty until it is posted, `creator_id` once its creator was erased."""

    poll_id: int
    guild_id: int
    channel_id: int
    message_id: int | None
    creator_id: int | None
    question: str
    options: tuple[str, ...]
    phase: PollPhase
    created_at: datetime
    closes_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PollCount:
    """A poll and how many have voted: all that is shown while it is open."""

    poll: Poll
    turnout: int


@dataclass(frozen=True, slots=True)
class PollResult:
    """A closed poll and its count: for each option its votes, whole percents (summing to 100) and whether it leads."""

    poll: Poll
    turnout: int
    votes: tuple[int, ...]
    percents: tuple[int, ...]
    leading: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One press of one voter, at the moment it arrived here."""

    poll_id: int
    guild_id: int
    member_id: int
    position: int
    cast_at: datetime


@dataclass(frozen=True, slots=True)
class VoteReceipt:
    """What stands after a press: the option voted for and the one it replaced, if it replaced one."""

    poll: Poll
    position: int
    previous: int | None
