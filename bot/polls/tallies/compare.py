"""The same ballots under several rules."""

from collections.abc import Sequence

from bot.db.schema import CountingMethod, PollKind
from bot.polls.tallies.count import count
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.types import Comparison

_RANKED = (
    CountingMethod.RUNOFF,
    CountingMethod.BORDA,
    CountingMethod.SCHULZE,
    CountingMethod.RANKED_PAIRS,
    CountingMethod.PLURALITY,
)
_SCORED = (CountingMethod.SCORE, CountingMethod.STAR)
_ON_ORDERS = (CountingMethod.SCHULZE, CountingMethod.RUNOFF)
"""What ranks the options of a score poll by the orders that its scores give."""


def compare(kind: PollKind, profile: Profile, lot: Sequence[int]) -> Comparison:
    """Count by every rule that fits ballots of this kind; empty where only one does."""
    if kind is PollKind.RANKED:
        return Comparison(tuple(count(method, profile, lot) for method in _RANKED))
    if kind is PollKind.SCORE:
        return Comparison(
            (
                *(count(method, profile, lot) for method in _SCORED),
                *(count(method, profile.by_scores, lot) for method in _ON_ORDERS),
            )
        )
    return Comparison(())
