"""The same ballots under several rules."""

from collections.abc import Sequence

from bot.db.schema import CountingMethod, PollKind
from bot.polls.tallies.count import count
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.types import Comparison


def compare(kind: PollKind, profile: Profile, lot: Sequence[int]) -> Comparison:
    """Count by every rule that fits ballots of this kind; empty where only one does."""
    if kind is PollKind.RANKED:
        return Comparison((count(CountingMethod.RUNOFF, profile, lot),))
    return Comparison(())
