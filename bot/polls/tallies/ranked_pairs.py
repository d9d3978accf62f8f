"""Ranked pairs: victories are kept from the largest margin down, without those that would contradict kept ones.

T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987), with
margins. Of equal margins, the victory comes first whose loser is later in the lot, then the one whose winner is earlier
in it: so who is first in the lot is the last to be beaten. A pair without a margin is no victory. When several options
are unbeaten at the end, the first of them in the lot wins; the order goes on in the same way among those that are left.
"""

from collections.abc import Sequence

from bot.db.schema import CountingMethod
from bot.polls.tallies.pairs import condorcet, margin
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.ties import BY_LOT, unbeaten_first
from bot.polls.tallies.types import Tally, TieBreak

BY_EQUAL_MARGINS = f"by the order of equal margins, {BY_LOT}"
Pair = tuple[int, int, int]


def ranked_pairs(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count ranked ballots."""
    pairwise = profile.pairwise
    pairs = [(one, other, margin(pairwise, one, other)) for other in reversed(lot) for one in lot]
    # sorting keeps what is equal in the order of the lot
    victories = sorted((pair for pair in pairs if pair[2] > 0), key=lambda pair: -pair[2])
    below = [0] * profile.options  # for each option the set of those below it, as bits
    before, strength = below, 0
    locked: list[Pair] = []
    skipped: list[Pair] = []
    ties: list[TieBreak] = []
    for pair in victories:
        winner, loser, size = pair
        if size != strength:
            before, strength = list(below), size
        if not below[loser] >> winner & 1:
            locked.append(pair)
            _lock(below, winner, loser)
            continue
        skipped.append(pair)
        if not before[loser] >> winner & 1:
            ties.append(TieBreak((min(winner, loser), max(winner, loser)), loser, BY_EQUAL_MARGINS))
    order, last = unbeaten_first(lambda one, other: bool(below[one] >> other & 1), lot)
    return Tally(
        CountingMethod.RANKED_PAIRS,
        order[0],
        order,
        pairwise=pairwise,
        locked=tuple(locked),
        skipped=tuple(skipped),
        tie_breaks=(*ties, *last),
        condorcet=condorcet(pairwise),
    )


def _lock(below: list[int], winner: int, loser: int) -> None:
    """Put the loser, and all below it, below the winner and all above it."""
    added = below[loser] | 1 << loser
    for option, lower in enumerate(below):
        if option == winner or lower >> winner & 1:
            below[option] |= added
