"""Breaking ties by the lot."""

from collections.abc import Callable, Iterable, Sequence
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


def unbeaten_first(
    beats: Callable[[int, int], bool], lot: Sequence[int]
) -> tuple[tuple[int, ...], tuple[TieBreak, ...]]:
    """Order options by a relation without cycles: of those that none of the others left beats, the lot's first is next.

    Only a tie for the first place is told.
    """
    left = list(lot)
    order: list[int] = []
    ties: tuple[TieBreak, ...] = ()
    while left:
        unbeaten = [one for one in left if not any(beats(other, one) for other in left)]
        if not order and len(unbeaten) > 1:
            ties = (TieBreak(tuple(sorted(unbeaten)), unbeaten[0], BY_LOT),)
        order.append(unbeaten[0])
        left.remove(unbeaten[0])
    return tuple(order), ties
