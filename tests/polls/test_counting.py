"""Counting, by example and by property; intervals against their defining equations and published values."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.polls import counting
from bot.polls.types import Estimate, Poll, PollKind, PollPhase, PollResult, PollRules
from tests.support.polls import START

POLL = Poll(1, 1, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None)
NO = counting.UNRANKED
Groups = list[tuple[bytes, int]]


def tally(poll: Poll, groups: Groups) -> PollResult:
    """Count ballots that all weigh one."""
    return counting.tally(poll, [(ranks, amount, amount) for ranks, amount in groups])


def poll_of(kind: PollKind, options: int = 3) -> Poll:
    return replace(POLL, kind=kind, options=tuple("abcdefghijklmnopqrstuvwxy"[:options]))


def test_no_votes_make_no_winner() -> None:
    for kind in PollKind:
        result = tally(poll_of(kind), [])
        assert (result.turnout, result.votes, result.percents) == (0, (0, 0, 0), (0, 0, 0))
        assert result.leading == (False,) * 3
        assert result.estimates == (Estimate(0, None, None, None),) * 3


def test_ties_lead_together() -> None:
    ballots = [(counting.ranks_of(0, 3), 2), (counting.ranks_of(2, 3), 2), (counting.ranks_of(1, 3), 1)]
    result = tally(POLL, ballots)
    assert (result.votes, result.leading, result.percents) == ((2, 1, 2), (True, False, True), (40, 20, 40))


@pytest.mark.parametrize("kind", [PollKind.MULTIPLE, PollKind.APPROVAL])
def test_ticks_are_shares_of_all_ballots(kind: PollKind) -> None:
    ballots = [(counting.pack_choices((0, 1), 3), 3), (counting.pack_choices((1,), 3), 4), (bytes((NO, NO, NO)), 1)]
    result = tally(poll_of(kind), ballots)
    assert (result.turnout, result.votes, result.percents) == (8, (3, 7, 0), (38, 88, 0)), "37.5 and 87.5 round up"
    assert result.leading == (False, True, False)
    assert [estimate.value for estimate in result.estimates] == [3 / 8, 7 / 8, 0]
    assert [estimate.amount for estimate in result.estimates] == [3, 7, 0]


def test_ranked_polls_count_first_choices() -> None:
    ballots = [(bytes((0, 1, 2)), 2), (bytes((0, 0, NO)), 1), (bytes((NO, 5, 3)), 1)]
    result = tally(poll_of(PollKind.RANKED), ballots)
    assert (result.turnout, result.votes, result.percents) == (4, (3, 1, 1), (75, 25, 25)), "ties are both first"


def test_scores_are_means_of_those_who_scored() -> None:
    ballots = [(bytes((5, 4, NO)), 2), (bytes((0, 4, NO)), 1), (bytes((NO, 1, 0)), 1)]
    result = tally(poll_of(PollKind.SCORE), ballots)
    assert (result.turnout, result.votes) == (4, (10, 13, 0)), "sums"
    assert result.percents == (67, 65, 0), "of five points: 3.33, 3.25 and 0"
    assert result.leading == (True, False, False), "the highest mean, not the highest sum"
    assert [estimate.amount for estimate in result.estimates] == [3, 4, 1]
    assert [estimate.value for estimate in result.estimates] == [10 / 3, 13 / 4, 0]
    assert (result.estimates[2].low, result.estimates[2].high) == (None, None), "one score has no spread"


@pytest.mark.parametrize(("quorum", "missed"), [(None, False), (3, False), (4, True)])
@pytest.mark.parametrize("kind", [PollKind.SINGLE, PollKind.SCORE])
def test_the_quorum(kind: PollKind, quorum: int | None, missed: bool) -> None:
    poll = replace(poll_of(kind), rules=PollRules(quorum=quorum))
    assert tally(poll, [(counting.ranks_of(1, 3), 3)]).missed_quorum is missed


@pytest.mark.parametrize(
    ("kind", "ranks", "best"),
    [
        (PollKind.SINGLE, (NO, 0), (1,)),
        (PollKind.MULTIPLE, (0, 0), (0, 1)),
        (PollKind.APPROVAL, (NO, NO), ()),
        (PollKind.SCORE, (0, 3, 3, NO), (1, 2)),
        (PollKind.RANKED, (4, 2, NO, 2), (1, 3)),
    ],
)
def test_the_best_mark_of_a_ballot(kind: PollKind, ranks: tuple[int, ...], best: tuple[int, ...]) -> None:
    assert counting.best_of(kind, bytes(ranks)) == best


@given(st.integers(2, 25).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_packed_choices_come_back(case: tuple[int, set[int]]) -> None:
    options, positions = case
    packed = counting.pack_choices(positions, options)
    assert len(packed) == options
    assert Counter(packed) == Counter({0: len(positions), NO: options - len(positions)})
    assert counting.choices_of(packed) == tuple(sorted(positions))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=25))
def test_percents_sum_to_100_but_for_equals_and_stay_within_one(votes: list[int]) -> None:
    percents = counting.whole_percents(votes)
    if not sum(votes):
        assert set(percents) == {0}
        return
    assert 100 - len(votes) < sum(percents) <= 100
    if len({amount * 100 % sum(votes) for amount in votes}) == len(votes):
        assert sum(percents) == 100
    for amount, percent in zip(votes, percents, strict=True):
        assert abs(percent - amount * 100 / sum(votes)) < 1
    assert len(set(zip(votes, percents, strict=True))) == len(set(votes)), "equal votes, equal percents"
    for more, less in zip(sorted(votes, reverse=True), sorted(votes, reverse=True)[1:], strict=False):
        assert percents[votes.index(more)] >= percents[votes.index(less)]


@st.composite
def elections(draw: st.DrawFn) -> tuple[Poll, Groups]:
    kind = draw(st.sampled_from(PollKind))
    options = draw(st.integers(2, 8))
    marks = {
        PollKind.SCORE: [*range(6), NO],
        PollKind.RANKED: [*range(options), NO],
    }.get(kind, [0, NO])
    one = (
        st.integers(0, options - 1).map(lambda place: counting.ranks_of(place, options))
        if kind is PollKind.SINGLE
        else st.lists(st.sampled_from(marks), min_size=options, max_size=options).map(bytes)
    )
    groups = draw(st.lists(st.tuples(one, st.integers(1, 50)), max_size=12))
    return poll_of(kind, options), groups


@given(elections(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(election: tuple[Poll, Groups], rng: random.Random) -> None:
    poll, groups = election
    singly = [(ranks, 1) for ranks, amount in groups for _ in range(amount)]
    rng.shuffle(singly)
    assert tally(poll, singly) == tally(poll, groups)


@given(elections(), st.randoms(use_true_random=False))
def test_moving_options_moves_their_results(election: tuple[Poll, Groups], rng: random.Random) -> None:
    poll, groups = election
    order = list(range(len(poll.options)))
    rng.shuffle(order)
    before = tally(poll, groups)
    moved = [(bytes(ranks[place] for place in order), amount) for ranks, amount in groups]
    after = tally(replace(poll, options=tuple(poll.options[place] for place in order)), moved)

    def reordered(values: Sequence[object]) -> tuple[object, ...]:
        return tuple(values[place] for place in order)

    assert after.votes == reordered(before.votes)
    assert after.leading == reordered(before.leading)
    assert after.estimates == reordered(before.estimates)
    assert after.percents == reordered(before.percents)


@given(elections())
def test_estimates_hold_what_they_estimate(election: tuple[Poll, Groups]) -> None:
    poll, groups = election
    result = tally(poll, groups)
    assert result.turnout == sum(amount for _, amount in groups)
    top = 5 if poll.kind is PollKind.SCORE else 1
    for estimate, percent in zip(result.estimates, result.percents, strict=True):
        if estimate.value is None:
            assert percent == 0
            continue
        assert 0 <= estimate.value <= top
        assert abs(percent - 100 * estimate.value / top) <= (1 if poll.kind is PollKind.SINGLE else 0.5 + 1e-9)
        if estimate.low is not None and estimate.high is not None:
            assert 0 <= estimate.low <= estimate.value <= estimate.high <= top


def test_wilson_by_published_values() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
    for amount, turnout, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
                                       (1, 29, 0.0061, 0.1718)):  # fmt: skip
        estimate = counting.share(amount, turnout)
        assert estimate.low is not None
        assert estimate.high is not None
        assert round(estimate.low, 4) == low
        assert round(estimate.high, 4) == high


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_equation(case: tuple[int, int]) -> None:
    """The bounds are the shares p at which (x - p)² = z² p (1 - p) / n."""
    amount, turnout = case
    estimate = counting.share(amount, turnout)
    assert estimate.low is not None
    assert estimate.high is not None

    def surprise(p: float) -> float:
        return (amount / turnout - p) ** 2 - counting.NORMAL_97_5**2 * p * (1 - p) / turnout

    for bound, inward in ((estimate.low, 1), (estimate.high, -1)):
        assert abs(surprise(bound)) < 1e-9
        if 1e-4 < bound < 1 - 1e-4:
            assert surprise(bound + inward * 1e-5) < 0 < surprise(bound - inward * 1e-5)


def t_within(bound: float, freedom: int, steps: int = 4000) -> float:
    """Integrate Student's density from minus to plus `bound` by Simpson's rule."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)

    def density(t: float) -> float:
        return scale * (1 + t * t / freedom) ** (-(freedom + 1) / 2)

    width = bound / steps
    total = density(0) + density(bound)
    total += sum(density(step * width) * (4 if step % 2 else 2) for step in range(1, steps))
    return 2 * total * width / 3


@pytest.mark.parametrize("freedom", [*range(1, 26), 30, 40, 60, 120, 1000, 100_000])
def test_student_leaves_five_percent_outside(freedom: int) -> None:
    assert abs(t_within(counting.student(freedom), freedom) - 0.95) < 1e-5


def test_a_mean_by_hand() -> None:
    # scores 1, 2, 3, 4, 5: mean 3, variance 2.5, t of 4 degrees 2.7764: 3 ± 2.7764 * sqrt(2.5 / 5)
    estimate = counting.mean_score((0, 1, 1, 1, 1, 1))
    assert estimate.low is not None
    assert estimate.high is not None
    assert (estimate.amount, estimate.value) == (5, 3)
    assert abs(estimate.low - 1.03679) < 1e-4
    assert abs(estimate.high - 4.96321) < 1e-4
    assert counting.mean_score((1, 0, 0, 0, 0, 1)) == Estimate(2, 2.5, 0, 5), "clipped to what can be scored"
    assert counting.mean_score((0, 0, 0, 0, 7, 0)) == Estimate(7, 4, None, None), "no spread, no bounds"
