"""Elections to count, and the rules written down again as plainly as they can be said, slow and without arrays."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from bot.db.schema import CountingMethod
from bot.polls.tallies.count import count
from bot.polls.tallies.profile import UNRANKED as NO
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.types import Tally

RANKED = (CountingMethod.RUNOFF, CountingMethod.BORDA, CountingMethod.SCHULZE, CountingMethod.RANKED_PAIRS)
SCORED = (CountingMethod.SCORE, CountingMethod.STAR)
Groups = list[tuple[bytes, int]]


@dataclass(frozen=True)
class Election:
    """Ballots with their weights, and a lot."""

    groups: Groups
    lot: tuple[int, ...]

    @property
    def options(self) -> int:
        return len(self.lot)

    @property
    def profile(self) -> Profile:
        return Profile.of(self.groups, self.options)

    def count(self, method: CountingMethod) -> Tally:
        return count(method, self.profile, self.lot)

    def with_ballots(self, groups: Groups) -> "Election":
        return Election(groups, self.lot)

    def moved(self, order: Sequence[int]) -> "Election":
        """The same with the options in another order: the one that was at order[0] comes first."""
        groups = [(bytes(marks[place] for place in order), weight) for marks, weight in self.groups]
        return Election(groups, tuple(order.index(option) for option in self.lot))


def ranked_by(*orders: str, lot: str = "") -> Election:
    """Write an election as "3 a>b=c"; whoever is not named is unranked. The lot is alphabetical unless given."""
    named = sorted({letter for order in orders for letter in order if letter.isalpha()} | set(lot))
    groups: Groups = []
    for order in orders:
        weight, text = order.split(" ")
        marks = dict.fromkeys(named, NO)
        for rank, equals in enumerate(text.split(">")):
            marks |= dict.fromkeys(equals.split("="), rank)
        groups.append((bytes(marks.values()), int(weight)))
    return Election(groups, tuple(named.index(letter) for letter in lot or "".join(named)))


def letters(order: Sequence[int] | int | None) -> str:
    """Write positions as letters."""
    return "".join(chr(97 + place) for place in ([order] if isinstance(order, int) else order or ()))


@st.composite
def elections(
    draw: st.DrawFn,
    *,
    most: int = 5,
    strict: bool = False,
    complete: bool = False,
    scored: bool = False,
    ballots: int = 9,
    heaviest: int = 4,
) -> Election:
    options = draw(st.integers(2, most))
    if scored:
        one = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 5, NO]), min_size=options, max_size=options).map(bytes)
    elif strict:
        length = st.just(options) if complete else st.integers(0, options)
        one = st.tuples(st.permutations(range(options)), length).map(lambda case: _strict(*case))
    else:
        marks = range(options) if complete else [*range(options), NO]
        one = st.lists(st.sampled_from(marks), min_size=options, max_size=options).map(bytes)
    groups = draw(st.lists(st.tuples(one, st.integers(1, heaviest)), min_size=1, max_size=ballots))
    return Election(groups, tuple(draw(st.permutations(range(options)))))


def _strict(order: Sequence[int], length: int) -> bytes:
    marks = [NO] * len(order)
    for rank, option in enumerate(order[:length]):
        marks[option] = rank
    return bytes(marks)


def is_silent(election: Election) -> bool:
    return all(mark == NO for marks, _ in election.groups for mark in marks)


def plain_pairwise(election: Election) -> list[list[int]]:
    options = range(election.options)
    return [
        [sum(weight for marks, weight in election.groups if marks[one] < marks[other]) for other in options]
        for one in options
    ]


def plain_runoff(election: Election) -> list[int]:
    """Return who goes out, in turn, until somebody has more than half; then those left, the last first."""
    left = set(range(election.options))
    history: list[dict[int, Fraction]] = []
    out: list[int] = []
    while True:
        votes = dict.fromkeys(left, Fraction(0))
        for marks, weight in election.groups:
            best = min(marks[option] for option in left)
            first = [option for option in left if marks[option] == best != NO]
            for option in first:
                votes[option] += Fraction(weight, len(first))
        history.insert(0, votes)
        fate = {option: [past[option] for past in history] + [-election.lot.index(option)] for option in left}
        worst_first = sorted(left, key=fate.__getitem__)
        if len(left) == 1 or 2 * max(votes.values()) > sum(votes.values()):
            return out + worst_first
        out.append(worst_first[0])
        left.remove(worst_first[0])


def plain_borda(election: Election) -> list[Fraction]:
    """Give points by place; equals share those of the places they take, unranked ones the last."""
    points = [Fraction(0)] * election.options
    for marks, weight in election.groups:
        place = 0
        for mark in sorted(set(marks)):
            equals = [option for option, one in enumerate(marks) if one == mark]
            worth = [election.options - 1 - (place + number) for number in range(len(equals))]
            for option in equals:
                points[option] += weight * Fraction(sum(worth), len(worth))
            place += len(equals)
    return points


def plain_paths(pairwise: Sequence[Sequence[int]]) -> list[list[int]]:
    """Try every path without repetition; a path is as strong as its weakest victory."""
    options = range(len(pairwise))
    margins = [[pairwise[one][other] - pairwise[other][one] for other in options] for one in options]
    best = [[0] * len(pairwise) for _ in options]
    for size in range(2, len(pairwise) + 1):
        for path in itertools.permutations(options, size):
            strength = min(margins[one][other] for one, other in itertools.pairwise(path))
            best[path[0]][path[-1]] = max(best[path[0]][path[-1]], strength)
    return best


def plain_ranked_pairs(election: Election) -> tuple[int, ...]:
    """Of all orders the one that agrees with the first victory, then with the second, and so on; then with the lot."""
    pairwise, lot = plain_pairwise(election), election.lot
    victories = [
        (pairwise[other][one] - pairwise[one][other], -lot.index(other), lot.index(one))
        for one, other in itertools.permutations(range(election.options), 2)
        if pairwise[one][other] > pairwise[other][one]
    ]
    victories.sort()

    def agreement(order: tuple[int, ...]) -> tuple[list[bool], list[int]]:
        agrees = [order.index(lot[winner]) < order.index(lot[-loser]) for _, loser, winner in victories]
        return agrees, [-lot.index(option) for option in order]

    return max(itertools.permutations(range(election.options)), key=agreement)
