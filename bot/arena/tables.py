"""From stored votes to what is rated: rows and columns by model or class, whole or in parts. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.arena.ratings.types import Outcome, VoteTable
from bot.arena.types import BoardBy, Doubt, ExposureShare, Line, Pairing, Reason, Verdict
from bot.catalog import Openness, Task

OUTCOMES: Mapping[Verdict, Outcome] = {
    Verdict.A: Outcome.LEFT,
    Verdict.B: Outcome.RIGHT,
    Verdict.TIE: Outcome.TIE,
    Verdict.BAD: Outcome.BAD,
}
UNSURE = "unknown"
"""The part of a board by language for prompts whose language could not be told."""
MOST_POINTS = 26
"""Points of a history: half a year of weeks; of a longer one, every second, third ... week."""
_NUMBERS = 10_000_000
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Met:
    """A battle that counts: which lines were A and B, about what, and when it closed."""

    battle_id: int
    lines: tuple[int, int]
    task: Task
    language: str
    pairing: Pairing
    is_private: bool
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class CastVote:
    """A vote in a battle that counts."""

    battle_id: int
    voter_id: int
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An exclusion as it is stored."""

    exclusion_id: int
    voter_id: int
    evidence: str
    votes: int
    made_at: datetime
    moderator_id: int | None
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Votes:
    """All that a server's boards are made of, in the order of battles; `lines` in the order in which they began."""

    lines: tuple[Line, ...] = ()
    battles: tuple[Met, ...] = ()
    votes: tuple[CastVote, ...] = ()
    exclusions: tuple[LeftOut, ...] = field(default=())

    @property
    def excluded(self) -> frozenset[int]:
        """The voters who are left out now."""
        return frozenset(one.voter_id for one in self.exclusions if one.lifted_at is None)


def counted(votes: Votes, *, everything: bool) -> list[CastVote]:
    """Return the votes that a board counts: all of them, or those without doubt by voters who are not left out."""
    if everything:
        return list(votes.votes)
    excluded = votes.excluded
    return [vote for vote in votes.votes if vote.doubt is None and vote.voter_id not in excluded]


def parts_of(votes: Votes, cast: Iterable[CastVote], by: BoardBy) -> dict[str, VoteTable]:
    """Return the tables of a board by their names, the one with the most votes first; one under "" unless it has parts.

    On a board by class, votes between two models of one class say nothing and are not counted.
    """
    battles = {battle.battle_id: battle for battle in votes.battles}
    place = {line.line_id: row for row, line in enumerate(votes.lines)}
    rows = len(votes.lines)
    if by is BoardBy.OPENNESS:
        classes = classes_shown(votes)
        place = {line.line_id: classes.index(line.openness) for line in votes.lines}
        rows = len(classes)
    found: dict[str, _Columns] = {}
    for vote in cast:
        met = battles[vote.battle_id]
        left, right = place[met.lines[0]], place[met.lines[1]]
        if left != right:
            name = _part(met, by)
            columns = found.get(name)
            if columns is None:
                columns = found[name] = _Columns()
            columns.add(left, right, OUTCOMES[vote.verdict], vote.voter_id)
    if not found and rows and by in {BoardBy.MODEL, BoardBy.OPENNESS}:
        found[""] = _Columns()
    ordered = sorted(found, key=lambda name: (-len(found[name].left), name))
    return {name: found[name].table(rows) for name in ordered}


class _Columns:
    """Votes in columns: a tuple for each vote would have the garbage collector look through all that there is."""

    def __init__(self) -> None:
        self.left: list[int] = []
        self._right: list[int] = []
        self._outcome: list[Outcome] = []
        self._voter: list[int] = []

    def add(self, left: int, right: int, outcome: Outcome, voter: int) -> None:
        """Add a vote."""
        self.left.append(left)
        self._right.append(right)
        self._outcome.append(outcome)
        self._voter.append(voter)

    def table(self, rows: int) -> VoteTable:
        """Return the table of these votes."""
        return VoteTable(rows, tuple(self.left), tuple(self._right), tuple(self._outcome), tuple(self._voter))


def _part(met: Met, by: BoardBy) -> str:
    """Return the name of the part of a board that a battle counts in."""
    if by is BoardBy.TASK:
        return met.task.value
    return met.language or UNSURE if by is BoardBy.LANGUAGE else ""


def exposure_of(votes: Votes) -> tuple[ExposureShare, ...]:
    """Return how often each line was shown in battles that count, in the order of lines."""
    shown = Counter(line_id for met in votes.battles for line_id in met.lines)
    total = shown.total()
    return tuple(
        ExposureShare(line.name, line.openness, shown[line.line_id], shown[line.line_id] / total if total else 0.0)
        for line in votes.lines
    )


def classes_of(votes: Votes) -> tuple[ExposureShare, ...]:
    """Return the same for the classes that were shown: the rows of a board by class."""
    openness = {line.line_id: line.openness for line in votes.lines}
    shown = Counter(openness[line_id] for met in votes.battles for line_id in met.lines)
    total = shown.total()
    return tuple(ExposureShare(one.value, one, shown[one], shown[one] / total) for one in classes_shown(votes))


def classes_shown(votes: Votes) -> list[Openness]:
    """Return the classes of the lines that met, from the most open."""
    there = {line.openness for line in votes.lines}
    return [one for one in Openness if one in there]


def weeks(votes: Votes) -> list[datetime]:
    """Return up to when each point of a history counts: week by week from the first battle, at last all of them."""
    if not votes.battles:
        return []
    closed = [met.closed_at for met in votes.battles]
    first, last = min(closed), max(closed)
    number = max(1, -(-(last - first) // _WEEK))
    step = -(-number // MOST_POINTS)
    points = [last - _WEEK * step * back for back in range(-(-number // step))]
    return points[::-1]


def until(votes: Votes, cast: Sequence[CastVote], moment: datetime) -> list[CastVote]:
    """Return the votes in battles that had closed by then."""
    there = {met.battle_id for met in votes.battles if met.closed_at <= moment}
    return [vote for vote in cast if vote.battle_id in there]


def number_of(voter_id: int) -> int:
    """Return the number that stands for a voter before moderators; it tells nothing of the person."""
    return voter_id % _NUMBERS


def voters_numbered(votes: Votes, number: int) -> list[int]:
    """Return the voters for whom a number stands: one, unless chance gave it to two."""
    return sorted({vote.voter_id for vote in votes.votes if number_of(vote.voter_id) == number})
