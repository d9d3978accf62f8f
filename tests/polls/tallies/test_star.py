"""STAR: each step of breaking ties by an election that needs it, and the whole rule said again plainly."""

from fractions import Fraction

import pytest
from hypothesis import given, settings

from bot.db.schema import CountingMethod
from bot.polls.tallies.star import BY_COMPARISONS, BY_HIGHEST_SCORES, BY_SUMS
from bot.polls.tallies.ties import BY_LOT
from bot.polls.tallies.types import Round, Tally, TieBreak
from tests.support.elections import NO, Election, elections


def scored(*ballots: str, lot: tuple[int, ...] | None = None) -> Election:
    """Write ballots as "3 501-": how many, and each score; a dash for none."""
    groups = [
        (bytes(NO if mark == "-" else int(mark) for mark in marks), int(weight))
        for weight, marks in (ballot.split() for ballot in ballots)
    ]
    return Election(groups, lot or tuple(range(len(groups[0][0]))))


def counted(*ballots: str, lot: tuple[int, ...] | None = None) -> Tally:
    return scored(*ballots, lot=lot).count(CountingMethod.STAR)


def test_the_two_highest_sums_go_on_and_the_preferred_one_wins() -> None:
    tally = counted("3 541", "2 045", "1 -5-")
    assert tally.scores == (15, 25, 13)
    assert tally.rounds == (Round((Fraction(3), Fraction(3), None), Fraction(0), ()),)
    assert tally.order == (1, 0, 2)
    assert tally.tie_breaks == (TieBreak((0, 1), 1, BY_SUMS),)

    tally = counted("3 541", "1 045", "1 550")
    assert tally.scores == (20, 21, 8)
    assert tally.rounds == (Round((Fraction(3), Fraction(1), None), Fraction(1), ()),), "one has no preference"
    assert (tally.order, tally.tie_breaks) == ((0, 1, 2), ())
    assert tally.condorcet == 0


def test_a_tie_for_the_second_place() -> None:
    for ballots, tie in (
        (("2 521", "1 502"), TieBreak((1, 2), 1, BY_COMPARISONS)),
        (("1 551", "1 504"), TieBreak((1, 2), 1, BY_HIGHEST_SCORES)),
        (("1 541", "1 514"), TieBreak((1, 2), 2, BY_LOT)),
    ):
        tally = counted(*ballots, lot=(2, 1, 0))
        assert tally.scores[1] == tally.scores[2]
        assert tally.tie_breaks == (tie,)
        assert tally.order == (0, tie.chosen, 3 - tie.chosen)


def test_a_circle_for_both_places() -> None:
    """All lose once, nobody has more of the highest score, and the lot decides."""
    tally = counted("1 321", "1 132", "1 213", lot=(2, 0, 1))
    assert [(tie.between, tie.chosen, tie.by) for tie in tally.tie_breaks] == [
        ((0, 1, 2), 2, BY_LOT),
        ((0, 1, 2), 0, BY_LOT),
    ]
    assert tally.order == (2, 0, 1), "two of three prefer c to a"
    tally = counted("1 520", "1 052", "1 205", "1 430", "1 043", "1 304", lot=(2, 0, 1))
    assert [tie.by for tie in tally.tie_breaks] == [BY_LOT, BY_LOT], "as many fives"


@pytest.mark.parametrize(
    ("ballots", "tie"),
    [
        (("1 52", "1 14"), ()),
        (("1 51", "1 15"), (TieBreak((0, 1), 1, BY_LOT),)),
        (("1 41", "1 15"), (TieBreak((0, 1), 1, BY_SUMS),)),
        (("1 50", "1 14", "1 22", "1 02", "1 20"), (TieBreak((0, 1), 0, BY_SUMS),)),
        (("1 52", "1 03"), (TieBreak((0, 1), 0, BY_HIGHEST_SCORES),)),
    ],
)
def test_a_tie_between_the_two(ballots: tuple[str, ...], tie: tuple[TieBreak, ...]) -> None:
    tally = counted(*ballots, lot=(1, 0))
    if tie:
        assert tally.tie_breaks == tie
        assert tally.winner == tie[0].chosen
    else:
        assert tally.winner == 0


def plain_star(election: Election) -> list[int]:
    """Return the two that went on, the winner first."""
    options = range(election.options)
    points = [
        sum(weight * (0 if marks[place] == NO else marks[place]) for marks, weight in election.groups)
        for place in options
    ]
    fives = [sum(weight for marks, weight in election.groups if marks[place] == 5) for place in options]

    def prefer(one: int, other: int) -> int:
        def worth(marks: bytes, place: int) -> int:
            return 0 if marks[place] == NO else marks[place]

        votes = [(worth(marks, one), worth(marks, other), weight) for marks, weight in election.groups]
        return sum(weight * ((a > b) - (a < b)) for a, b, weight in votes)

    def best_of(pool: list[int], places: int) -> list[int]:
        if len(pool) <= places:
            return pool
        losses = {one: sum(prefer(one, other) < 0 for other in pool) for one in pool}
        good = [one for one in pool if losses[one] < max(losses.values())]
        if not good:
            good = [one for one in pool if fives[one] == max(fives[two] for two in pool)]
        if len(good) == len(pool):
            return sorted(pool, key=election.lot.index)[:places]
        if len(good) >= places:
            return best_of(good, places)
        return good + best_of([one for one in pool if one not in good], places - len(good))

    pool = sorted(options, key=lambda place: -points[place])
    top = [one for one in pool if points[one] == points[pool[0]]]
    final = best_of(top, 2)
    if len(final) < 2:
        second = [one for one in pool if points[one] == points[pool[1]]]
        final = final + best_of(second, 1)
    one, other = final
    ahead = (prefer(one, other), points[one] - points[other], fives[one] - fives[other])
    first = next((number for number in ahead if number), election.lot.index(other) - election.lot.index(one))
    return [one, other] if first > 0 else [other, one]


@settings(max_examples=100)
@given(elections(scored=True, ballots=4, heaviest=2))
def test_the_rule_said_again(election: Election) -> None:
    tally = election.count(CountingMethod.STAR)
    if tally.winner is not None:
        assert list(tally.order[:2]) == plain_star(election)
        rest = tally.order[2:]
        assert list(rest) == sorted(rest, key=lambda place: (-tally.scores[place], election.lot.index(place)))
