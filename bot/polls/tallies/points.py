"""Rules that give each option a number: plurality, approval, score and Borda. The most wins, ties by lot."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from bot.db.schema import CountingMethod
from bot.polls.tallies.pairs import condorcet, margin
from bot.polls.tallies.profile import UNRANKED, Marks, Profile
from bot.polls.tallies.runoff import first_choices
from bot.polls.tallies.ties import by_scores
from bot.polls.tallies.types import Tally


def plurality(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count first choices; a ballot with several is shared between them, as in the first round of a runoff."""
    found, _ = first_choices(profile, range(profile.options))
    return _tally(CountingMethod.PLURALITY, tuple(found.values()), lot, profile)


def approval(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count the ballots that name an option at all."""
    scores = tuple(Fraction(profile.weigh(row != UNRANKED)) for row in profile.marks)
    return _tally(CountingMethod.APPROVAL, scores, lot, None)


def score(profile: Profile, lot: Sequence[int]) -> Tally:
    """Take the mean of the scores that were given; who gave an option no score says nothing about it."""
    means: list[Fraction] = []
    for row in profile.marks:
        given = profile.weigh(row != UNRANKED)
        means.append(Fraction(total(profile, row), given) if given else Fraction(0))
    return _tally(CountingMethod.SCORE, tuple(means), lot, profile.by_scores)


def borda(profile: Profile, lot: Sequence[int]) -> Tally:
    """Give an option a point for each one it is ranked above, and half a point for each that it is equal with.

    With n options that is n - 1 points for the first and none for the last. Options with equal ranks share the mean of
    the places that they take, and unranked ones the mean of the last places. This is the symmetric Borda score but for
    its zero (J. C. de Borda, 1781; for ties P. Young, "An axiomatization of Borda's rule", 1974).
    """
    pairwise, options = profile.pairwise, range(profile.options)
    scores = tuple(
        Fraction(sum(profile.weight + margin(pairwise, one, other) for other in options if other != one), 2)
        for one in options
    )
    return _tally(CountingMethod.BORDA, scores, lot, profile)


def total(profile: Profile, row: Marks) -> int:
    """Add up the scores of one option; not scored adds nothing."""
    return sum(int(mark) * profile.weigh(row == mark) for mark in np.unique(row) if mark != UNRANKED)


def _tally(method: CountingMethod, scores: tuple[Fraction, ...], lot: Sequence[int], ranked: Profile | None) -> Tally:
    order, ties = by_scores(scores, lot)
    pairwise = ranked.pairwise if ranked else ()
    return Tally(
        method,
        order[0],
        order,
        scores=scores,
        pairwise=pairwise,
        tie_breaks=ties,
        condorcet=condorcet(pairwise),
    )
