"""What travels through the arena; all of it frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.arena.ratings.types import Fairness, Ratings
from bot.catalog import ModelCard, Openness, Task, Where
from bot.db.schema import BattlePhase, Doubt, Pairing, Verdict

__all__ = [
    "Actor",
    "Battle",
    "BattleAnswer",
    "BattleDraft",
    "BattlePhase",
    "Board",
    "BoardBy",
    "Challenger",
    "Doubt",
    "Energy",
    "Exclusion",
    "ExposureShare",
    "FairPlay",
    "Fairness",
    "History",
    "HistoryPoint",
    "Line",
    "Pairing",
    "Ratings",
    "Reason",
    "Result",
    "Verdict",
    "VoteFile",
    "VoteReceipt",
    "Voter",
]


class Reason(StrEnum):
    """Why somebody voted as they did (after the reactions of compar:IA)."""

    USEFUL = "useful"
    COMPLETE = "complete"
    CREATIVE = "creative"
    CLEAR = "clear"
    WRONG = "wrong"
    SUPERFICIAL = "superficial"
    IGNORED = "ignored the instruction"


class BoardBy(StrEnum):
    """What a board tells apart."""

    MODEL = "model"
    OPENNESS = "openness"
    TASK = "task"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Challenger:
    """Who asks for a battle, where; in a thread `parent_channel_id` is the channel that it belongs to."""

    guild_id: int
    channel_id: int
    member_id: int
    role_ids: frozenset[int] = frozenset()
    parent_channel_id: int | None = None
    adults_only: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants to close a battle or change what counts, and whether the server lets them manage what others made."""

    guild_id: int
    member_id: int
    is_moderator: bool


@dataclass(frozen=True, slots=True)
class Voter:
    """Who votes; `account_made_at` is when their account was made on Discord."""

    guild_id: int
    member_id: int
    account_made_at: datetime


@dataclass(frozen=True, slots=True)
class BattleDraft:
    """What a battle is to be about; `private` None leaves it to the server."""

    prompt: str
    pairing: Pairing = Pairing.ANY
    private: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A model as it was when votes were cast (`ModelLineRow`)."""

    line_id: int
    key: str
    version: str
    name: str
    openness: Openness


@dataclass(frozen=True, slots=True)
class Energy:
    """An estimate of the electricity of an answer, in watt-hours, and how it was made, in words."""

    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class BattleAnswer:
    """One of the two answers. What tells the model (`line`, `card`, `where` ...) is for cards that may show it.

    `card` is None where the catalogue no longer has the model. `sent` says in words which text left the server and to
    whom, empty when none did. Costs are in US dollars.
    """

    text: str
    line: Line
    card: ModelCard | None
    where: Where | None
    masked: int = 0
    sent: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None
    seconds: float | None = None
    energy: Energy | None = None


@dataclass(frozen=True, slots=True)
class Battle:
    """A stored battle; `answers` are A and B. `is_revealed` says whether everybody may know the names.

    `member_id` is empty and `prompt` blank once the asker was erased.
    """

    battle_id: int
    guild_id: int
    channel_id: int
    message_id: int | None
    member_id: int | None
    prompt: str
    is_private: bool
    pairing: Pairing
    phase: BattlePhase
    task: Task
    language: str
    made_at: datetime
    closes_at: datetime
    answers: tuple[BattleAnswer, BattleAnswer]
    shown_at: datetime | None = None
    closed_at: datetime | None = None
    void_reason: str = ""
    reply_token: str | None = None

    @property
    def is_revealed(self) -> bool:
        """Whether the names may be shown to all who see the battle."""
        return self.phase in {BattlePhase.CLOSED, BattlePhase.DONE}


@dataclass(frozen=True, slots=True)
class Result:
    """A battle with its count: how many voted for what, and which reasons were given how often."""

    battle: Battle
    votes: Mapping[Verdict, int]
    reasons: Mapping[Reason, int]
    doubtful: int = 0
    """Votes among them that the board leaves out at first."""

    @property
    def turnout(self) -> int:
        """How many voted."""
        return sum(self.votes.values())


@dataclass(frozen=True, slots=True)
class VoteReceipt:
    """A vote is durable. `result` is set when it revealed the names (private battles); `doubt` holds it back."""

    battle: Battle
    verdict: Verdict
    changed: bool
    doubt: Doubt | None
    turnout: int
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class ExposureShare:
    """How often a line, or a class, was shown in battles that count, beside how often chance among all would."""

    label: str
    openness: Openness
    shown: int
    share: float


@dataclass(frozen=True, slots=True)
class Board:
    """A board: one set of ratings for each part (all together under "", or each task, language), largest first.

    `labels` name the rows of the ratings, in their order; for models these are lines, for openness the classes.
    `exposure` is by line and by class. `excluded` counts voters left out, `doubtful` votes left out.
    """

    guild_id: int
    by: BoardBy
    is_everything: bool
    """Whether votes in doubt and excluded voters are counted as well."""
    parts: tuple[tuple[str, Ratings], ...]
    lines: tuple[Line, ...]
    exposure: tuple[ExposureShare, ...]
    classes: tuple[ExposureShare, ...]
    battles: int
    votes: int
    voters: int
    doubtful: int
    excluded: int
    seed: int


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """Where a line stood at a moment; None where it was not rated yet."""

    at: datetime
    ratings: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The board of models over time, week by week, the latest lines' names in order."""

    lines: tuple[Line, ...]
    points: tuple[HistoryPoint, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A voter whose votes are left out; members see a number in place of a name."""

    exclusion_id: int
    number: int
    evidence: str
    votes: int
    made_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class FairPlay:
    """What is left out and why: votes in doubt by their reason, and the log of exclusions, the newest first."""

    doubts: Mapping[Doubt, int]
    log: tuple[Exclusion, ...]
    suspects: tuple[Fairness, ...]


@dataclass(frozen=True, slots=True)
class VoteFile:
    """The anonymised votes of a server as a signed file, or why there is none yet."""

    content: bytes
    votes: int
