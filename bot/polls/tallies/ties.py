"""Breaking ties by the lot."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from bot.polls.tallies.types import TieBreak

BY_LOT = "by lot"


def by_lot(options: Iterable[int], lot: Sequence[int]) -> tuple[int, ...]:
    """Return options in the order of the lot, the first wins."""
    among = set(options)
    return tuple(option for option in lot if option in among)


def by_scores(scores: Sequence[Fraction], lot: Sequence[int]) -> tuple[tuple[int, ...], tuple[TieBreak, ...]]:
    """Order options by their scores, the highest first and equal ones by lot.

    Only a tie for the first place is told: it is the only one that decides anything.
    """
    order = tuple(sorted(lot, key=lambda option: -scores[option]))
    first = tuple(sorted(option for option in lot if scores[option] == scores[order[0]]))
    return order, (TieBreak(first, order[0], BY_LOT),) if len(first) > 1 else ()
