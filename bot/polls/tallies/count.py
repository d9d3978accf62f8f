"""Counting ballots by a method. Nothing here rounds: sums are integers, shares are fractions."""

from collections.abc import Callable, Mapping, Sequence

from bot.db.schema import CountingMethod
from bot.polls.tallies.points import approval, borda, plurality, score
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.ranked_pairs import ranked_pairs
from bot.polls.tallies.runoff import runoff
from bot.polls.tallies.schulze import schulze
from bot.polls.tallies.star import star
from bot.polls.tallies.types import Tally

Counter = Callable[[Profile, Sequence[int]], Tally]

_COUNTERS: Mapping[CountingMethod, Counter] = {
    CountingMethod.PLURALITY: plurality,
    CountingMethod.APPROVAL: approval,
    CountingMethod.SCORE: score,
    CountingMethod.STAR: star,
    CountingMethod.RUNOFF: runoff,
    CountingMethod.BORDA: borda,
    CountingMethod.SCHULZE: schulze,
    CountingMethod.RANKED_PAIRS: ranked_pairs,
}


BY_SCORES = (CountingMethod.SCORE, CountingMethod.STAR)
"""What counts scores, and not ranks."""


def count(method: CountingMethod, profile: Profile, lot: Sequence[int]) -> Tally:
    """Count by a method; `lot` is the order in which options win ties.

    Nobody wins when no ballot says anything for anybody: there are none, or they rank nothing or give no points.
    """
    if (profile.by_scores if method in BY_SCORES else profile).is_silent:
        return Tally(method, None, ())
    return _COUNTERS[method](profile, lot)
