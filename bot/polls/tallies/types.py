"""What a count says, step by step. Plain tuples, so that cards need no numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from bot.db.schema import CountingMethod, PollKind

HIGHEST_SCORE = 5
"""The best mark of a score ballot."""
COMPARED: Mapping[PollKind, tuple[CountingMethod, ...]] = MappingProxyType(
    {
        PollKind.RANKED: (
            CountingMethod.RUNOFF,
            CountingMethod.SCHULZE,
            CountingMethod.RANKED_PAIRS,
            CountingMethod.BORDA,
            CountingMethod.PLURALITY,
        ),
        PollKind.SCORE: (CountingMethod.SCORE, CountingMethod.STAR, CountingMethod.SCHULZE, CountingMethod.RUNOFF),
    }
)
"""By what else the ballots of a kind are counted, to compare; scores by their orders where the method takes ranks."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an instant runoff, or the last of STAR.

    `votes` has one entry an option, None for those that are out already; a ballot that ranks several equally first is
    shared between them. `exhausted` weighs the ballots that name none of those left. `eliminated` went out after it.
    """

    votes: tuple[Fraction | None, ...]
    exhausted: Fraction
    eliminated: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TieBreak:
    """A tie that had to be broken: between which options, who came out of it, and by which rule, in words."""

    between: tuple[int, ...]
    chosen: int
    by: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How a method got to its winner.

    `order` ranks all options from the first on, after ties were broken; `winner` is its first, None without ballots.
    `scores` are what the method gives each option where it gives numbers (votes, approvals, sums of scores, Borda
    points), else empty. `pairwise[i][j]` is the weight of ballots that put option i above option j; there for ranked
    and scored ballots. `locked` are the pairs (winner, loser, margin) that ranked pairs kept, in their order, `skipped`
    those it left out; `paths[i][j]` are the strongest paths of Schulze. Empty where the method has no such thing.
    """

    method: CountingMethod
    winner: int | None
    order: tuple[int, ...]
    scores: tuple[Fraction, ...] = ()
    rounds: tuple[Round, ...] = ()
    pairwise: tuple[tuple[int, ...], ...] = ()
    locked: tuple[tuple[int, int, int], ...] = ()
    skipped: tuple[tuple[int, int, int], ...] = ()
    paths: tuple[tuple[int, ...], ...] = ()
    tie_breaks: tuple[TieBreak, ...] = ()
    condorcet: int | None = None
    """The option that beats every other one by one, where there is one; for ranked and scored ballots."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same ballots under several rules; `differs` when not all have one winner."""

    tallies: tuple[Tally, ...]

    @property
    def differs(self) -> bool:
        """Whether the winner depends on the rule."""
        return len({tally.winner for tally in self.tallies}) > 1
