"""The same ballots under several rules."""

from collections.abc import Sequence

from bot.db.schema import PollKind
from bot.polls.tallies.count import BY_SCORES, count
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.types import COMPARED, Comparison


def compare(kind: PollKind, profile: Profile, lot: Sequence[int]) -> Comparison:
    """Count by every rule that fits ballots of this kind; empty where only one does."""
    orders = profile.by_scores if kind is PollKind.SCORE else profile
    return Comparison(
        tuple(count(method, profile if method in BY_SCORES else orders, lot) for method in COMPARED.get(kind, ()))
    )
