"""What travels through polls; all of it frozen."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.db.schema import CountingMethod, PollKind, PollPhase, PollReveal, ProposalState
from bot.polls.tallies.types import Tally

__all__ = [
    "Actor",
    "Ballot",
    "BallotPaper",
    "Counted",
    "CountingMethod",
    "Estimate",
    "Peeked",
    "Poll",
    "PollCount",
    "PollDraft",
    "PollEdit",
    "PollExport",
    "PollKind",
    "PollLists",
    "PollPage",
    "PollPhase",
    "PollResult",
    "PollReveal",
    "PollRules",
    "PollVoters",
    "Proposal",
    "ProposalState",
    "Proposals",
    "Reminder",
    "Tally",
    "VoteReceipt",
    "Voter",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something, and whether the server lets them manage what others made."""

    guild_id: int
    member_id: int
    is_moderator: bool


@dataclass(frozen=True, slots=True)
class Voter:
    """Who wants to vote, with what decides whether they may: their roles, and since when they are in the server."""

    guild_id: int
    member_id: int
    role_ids: frozenset[int] = frozenset()
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollRules:
    """The finer settings: how many options a ballot of a multiple choice names, who may vote, how many should.

    No roles: everybody. `days_in_server` is for how long a voter must have been there; `quorum` how many must vote.
    `weights` are (role_id, how much a ballot of its members counts); the heaviest holds, without one it is 1.
    """

    fewest: int = 1
    most: int = 1
    role_ids: tuple[int, ...] = ()
    days_in_server: int | None = None
    quorum: int | None = None
    weights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A poll as somebody wrote it down, not yet checked."""

    guild_id: int
    channel_id: int
    creator_id: int
    question: str
    options: tuple[str, ...]
    closes_at: datetime
    kind: PollKind = PollKind.SINGLE
    is_public: bool = False
    reveal: PollReveal = PollReveal.CLOSING
    reminds: bool = False
    rules: PollRules | None = None
    """None: what the kind has by itself."""
    method: CountingMethod | None = None
    """None: what the kind is counted by where nothing is chosen."""
    takes_proposals: bool = False


@dataclass(frozen=True, slots=True)
class PollEdit:
    """What to change in a poll that is open; None leaves a part as it is. Options and kind only while nobody voted."""

    question: str | None = None
    options: tuple[str, ...] | None = None
    kind: PollKind | None = None
    closes_at: datetime | None = None
    is_public: bool | None = None
    reveal: PollReveal | None = None
    reminds: bool | None = None
    takes_proposals: bool | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A stored poll. `message_id` is empty until it is posted, `creator_id` once its creator was erased.

    `remind_at` is empty when no reminder was asked for, `reminded_at` until it was sent.
    """

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
    kind: PollKind = PollKind.SINGLE
    is_public: bool = False
    reveal: PollReveal = PollReveal.CLOSING
    rules: PollRules = field(default_factory=PollRules)
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    method: CountingMethod = CountingMethod.PLURALITY
    tie_seed: bytes = b""
    """Decides ties (`bot.polls.tallies.lots`); the order that follows from it stands before anybody votes."""
    takes_proposals: bool = False
    is_native: bool = False
    """Whether it is one of Discord's own polls, whose counts are imported at its end."""
    imported: tuple[int, ...] = ()
    """What Discord counted for each option of such a poll; empty until then, and when it is lost."""
    waiting: int = 0
    """How many proposals wait for a decision."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An option that a member proposed; `member_id` is empty once that member was erased."""

    proposal_id: int
    poll_id: int
    guild_id: int
    member_id: int | None
    text: str
    state: ProposalState
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PollCount:
    """A poll and how many have voted: all that is shown while results are hidden."""

    poll: Poll
    turnout: int


@dataclass(frozen=True, slots=True)
class Proposals:
    """A poll and the proposals that wait in it, the oldest first."""

    count: PollCount
    waiting: tuple[Proposal, ...]


class PollLists(StrEnum):
    """The lists of polls that can be asked for; mine are the open ones I have a ballot in or made."""

    OPEN = "open"
    MINE = "mine"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PollPage:
    """One page, counted from 0, of a list of polls; `pages` is at least 1."""

    which: PollLists
    counts: tuple[PollCount, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an option got, from `amount` ballots that name it (score: that score it).

    `value` is a share from 0 to 1 of all ballots, in a score poll the mean score from 0 to 5; None without ballots.
    `low` and `high` bound it with 95 % confidence (Wilson 1927 for shares, Student's t for means; None when too few).
    """

    amount: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PollResult:
    """The count of a poll: for each option its votes, whole percents and whether it leads.

    `votes` are ballots that name the option, first choices in a ranked poll; in a score poll the sum of the scores.
    `percents` are of the ballots and sum to 100, or a little less, for single choices only; in a score poll they are of
    the highest mean possible. Where ballots have weights, all of them are of weights. `estimates` have the
    same order.
    """

    poll: Poll
    turnout: int
    votes: tuple[int, ...]
    percents: tuple[int, ...]
    leading: tuple[bool, ...]
    estimates: tuple[Estimate, ...] = ()
    missed_quorum: bool = False
    tally: Tally | None = None
    """How the poll's method got to its winner; None where the counts alone say it, or nobody voted."""
    weight: int = 0
    """What all ballots weigh together; equal to the turnout without weights."""


@dataclass(frozen=True, slots=True)
class PollVoters:
    """Who voted for what in a public poll: for each option the members that named it, in the order of their ids.

    In score and ranked polls the members who gave it their best mark.
    """

    poll: Poll
    members: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PollExport:
    """A poll as files; `only_totals` when there are too few ballots to list them."""

    poll: Poll
    csv: bytes
    json: bytes
    only_totals: bool
    abif: bytes = b""
    """Ballots for other tools that count; empty where there are too few to list them."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be said before a poll closes, and to whom: members that asked for it and may not have voted."""

    poll: Poll
    members: tuple[int, ...]


class Ballot(NamedTuple):
    """One ballot at the moment it arrived here; `ranks` has one byte an option (see `PollBallotRow`).

    A tuple, because one is made for every vote and a frozen dataclass takes three times as long to make.
    """

    poll_id: int
    guild_id: int
    member_id: int
    ranks: bytes
    cast_at: datetime
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot is durable; `changed` when it took the place of an earlier one."""

    changed: bool


class VoteReceipt(NamedTuple):
    """What stands after a vote. What was chosen is not in it: a receipt must not prove to others how somebody voted."""

    poll: Poll
    changed: bool


@dataclass(frozen=True, slots=True)
class Peeked:
    """What memory knows of somebody's ballot: its ranks, or None when they have not voted."""

    ranks: bytes | None


@dataclass(frozen=True, slots=True)
class BallotPaper:
    """A poll to be voted in, and the ballot that stands for this voter, if there is one."""

    poll: Poll
    ranks: bytes | None
