"""STAR, "score then automatic runoff": the two with the highest sums, and of these the one that more ballots prefer.

Options that a ballot does not score have no points on it. Ties are broken as the Equal Vote Coalition's protocol does
(starvoting.org/ties), with the lot in the place of its coin:

- for a place among the two: of those with equal sums, the ones that lost most comparisons among themselves are left
  out, again and again; then those with most highest scores are taken; then the lot decides;
- between the two: the higher sum wins, then who has more highest scores, then the lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.db.schema import CountingMethod
from bot.polls.tallies.pairs import Matrix, condorcet, margin
from bot.polls.tallies.points import total
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.ties import BY_LOT, by_lot
from bot.polls.tallies.types import HIGHEST_SCORE, Round, Tally, TieBreak

FINALISTS = 2
BY_COMPARISONS = "by fewer lost comparisons between them"
BY_SUMS = "by the higher sum of scores"
BY_HIGHEST_SCORES = "by more highest scores"


def star(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count scored ballots."""
    pairwise = profile.by_scores.pairwise
    sums = [total(profile, row) for row in profile.marks]
    tops = [profile.weigh(row == HIGHEST_SCORE) for row in profile.marks]
    breaker = _Breaker(pairwise, tops, lot)
    finalists, ties = _finalists(sums, breaker)
    rounds: list[Round] = []
    if len(finalists) == FINALISTS:
        one, other = finalists
        winner, tie = _final(one, other, sums, breaker)
        finalists = [winner, other if winner == one else one]
        ties.extend(tie)
        votes = {one: pairwise[one][other], other: pairwise[other][one]}
        rounds.append(
            Round(
                tuple(Fraction(votes[option]) if option in votes else None for option in range(len(sums))),
                Fraction(profile.weight - sum(votes.values())),
                (),
            )
        )
    rest = sorted((option for option in lot if option not in finalists), key=lambda option: -sums[option])
    return Tally(
        CountingMethod.STAR,
        finalists[0],
        (*finalists, *rest),
        scores=tuple(Fraction(number) for number in sums),
        rounds=tuple(rounds),
        pairwise=pairwise,
        tie_breaks=tuple(ties),
        condorcet=condorcet(pairwise),
    )


def _finalists(sums: Sequence[int], breaker: "_Breaker") -> tuple[list[int], list[TieBreak]]:
    """Return the two with the highest sums, and the ties on the way."""
    chosen: list[int] = []
    ties: list[TieBreak] = []
    for number in sorted(set(sums), reverse=True):
        equal = [option for option, one in enumerate(sums) if one == number]
        places = FINALISTS - len(chosen)
        taken = breaker.taken(equal, places)
        chosen += [option for option, _ in taken]
        if len(equal) > places:
            ties += [TieBreak(tuple(equal), option, by) for option, by in taken]
    return chosen, ties


def _final(one: int, other: int, sums: Sequence[int], breaker: "_Breaker") -> tuple[int, list[TieBreak]]:
    """Return who wins between the two, and the tie if there was one."""
    ahead = margin(breaker.pairwise, one, other)
    if ahead:
        return (one if ahead > 0 else other), []
    winner, by = by_lot((one, other), breaker.lot)[0], BY_LOT
    for values, rule in ((sums, BY_SUMS), (breaker.tops, BY_HIGHEST_SCORES)):
        if values[one] != values[other]:
            winner, by = (one if values[one] > values[other] else other), rule
            break
    return winner, [TieBreak((min(one, other), max(one, other)), winner, by)]


@dataclass(frozen=True, slots=True)
class _Breaker:
    """Takes some of several options with equal sums."""

    pairwise: Matrix
    tops: Sequence[int]
    lot: Sequence[int]

    def taken(self, pool: Sequence[int], places: int, by: str = "") -> list[tuple[int, str]]:
        """Return as many as there are places, and by which rule each was taken."""
        if not places:
            return []
        if len(pool) <= places:
            return [(option, by) for option in pool]
        lost = [sum(margin(self.pairwise, option, other) < 0 for other in pool) for option in pool]
        if min(lost) < max(lost):
            return self._split(pool, places, [number < max(lost) for number in lost], BY_COMPARISONS)
        most = [self.tops[option] == max(self.tops[one] for one in pool) for option in pool]
        if not all(most):
            return self._split(pool, places, most, BY_HIGHEST_SCORES)
        return [(option, BY_LOT) for option in by_lot(pool, self.lot)[:places]]

    def _split(self, pool: Sequence[int], places: int, better: Sequence[bool], by: str) -> list[tuple[int, str]]:
        """Take from the better ones first, and only then from the others."""
        ahead = [option for option, is_better in zip(pool, better, strict=True) if is_better]
        behind = [option for option, is_better in zip(pool, better, strict=True) if not is_better]
        taken = self.taken(ahead, places, by)
        return taken + self.taken(behind, places - len(taken), by)
