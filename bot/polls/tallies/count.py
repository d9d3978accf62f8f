"""Counting ballots by a method. Nothing here rounds: sums are integers, shares are fractions."""

from collections.abc import Callable, Mapping, Sequence

from bot.db.schema import CountingMethod
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.runoff import runoff
from bot.polls.tallies.types import Tally

Counter = Callable[[Profile, Sequence[int]], Tally]

_COUNTERS: Mapping[CountingMethod, Counter] = {CountingMethod.RUNOFF: runoff}


def count(method: CountingMethod, profile: Profile, lot: Sequence[int]) -> Tally:
    """Count by a method; `lot` is the order in which options win ties. Nobody wins when no ballot says anything."""
    if profile.is_silent:
        return Tally(method, None, ())
    return _COUNTERS[method](profile, lot)
