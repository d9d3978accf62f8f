"""Counting polls by their methods and with weights: what `counting` makes of the rules in `tallies`."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.polls import counting
from bot.polls.tallies.lots import lots
from bot.polls.types import CountingMethod, Estimate, Poll, PollKind, PollPhase
from tests.support.polls import START

METHODS = {
    PollKind.RANKED: (
        CountingMethod.RUNOFF,
        CountingMethod.BORDA,
        CountingMethod.SCHULZE,
        CountingMethod.RANKED_PAIRS,
    ),
    PollKind.SCORE: (CountingMethod.STAR,),
}
NO = counting.UNRANKED
Groups = Sequence[tuple[bytes, int, int]]


def poll_of(kind: PollKind, method: CountingMethod = CountingMethod.PLURALITY) -> Poll:
    poll = Poll(1, 1, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None)
    return replace(poll, kind=kind, method=method, tie_seed=b"seed")


@pytest.mark.parametrize(("kind", "method"), [(kind, method) for kind, some in METHODS.items() for method in some])
def test_the_method_says_who_leads(kind: PollKind, method: CountingMethod) -> None:
    poll = poll_of(kind, method)
    tied: Groups = [(bytes((1, 1, 1)), 2, 2), (bytes((NO, NO, NO)), 1, 1)]
    result = counting.tally(poll, tied)
    lot = lots(b"seed", poll.options)
    assert result.tally is not None
    assert (result.tally.method, result.tally.winner, result.tally.order) == (method, lot[0], lot)
    assert result.leading == tuple(place == lot[0] for place in range(3)), "one, also of equals"
    assert (result.turnout, result.weight) == (3, 3)
    assert counting.tally(poll, []).tally is None
    nobody = counting.tally(poll, [(bytes((NO, NO, NO)), 2, 2), (b"", 1, 1)])
    assert nobody.tally is not None
    assert (nobody.tally.winner, nobody.leading) == (None, (False,) * 3)


def test_a_runoff_may_end_otherwise_than_first_choices() -> None:
    ballots: Groups = [(bytes((0, 1, 2)), 4, 4), (bytes((2, 0, 1)), 3, 3), (bytes((2, 1, 0)), 2, 2)]
    result = counting.tally(poll_of(PollKind.RANKED, CountingMethod.RUNOFF), ballots)
    assert (result.votes, result.leading) == ((4, 3, 2), (False, True, False))
    plain = counting.tally(poll_of(PollKind.RANKED), ballots)
    assert (plain.tally, plain.leading) == (None, (True, False, False)), "as polls of before were counted"
    compared = counting.comparison(poll_of(PollKind.RANKED), ballots)
    assert compared.differs
    assert {tally.method for tally in compared.tallies} == {*METHODS[PollKind.RANKED], CountingMethod.PLURALITY}
    assert counting.comparison(poll_of(PollKind.SINGLE), [(bytes((0, NO, NO)), 1, 1)]).tallies == ()


@pytest.mark.parametrize("kind", [PollKind.SINGLE, PollKind.APPROVAL, PollKind.RANKED])
def test_weights_count_for_votes_and_people_for_turnout(kind: PollKind) -> None:
    ballots: Groups = [(bytes((0, NO, NO)), 3, 3), (bytes((NO, 0, NO)), 2, 10)]
    result = counting.tally(poll_of(kind), ballots)
    assert (result.turnout, result.weight, result.votes) == (5, 13, (3, 10, 0))
    assert result.percents == (23, 77, 0)
    assert result.leading == (False, True, False)
    assert [estimate.amount for estimate in result.estimates] == [3, 2, 0], "people"
    assert result.estimates[1].value == 10 / 13
    # 13 * 13 / (3 * 1 + 2 * 25): the two heavy ballots are no more than two opinions
    alike = counting.share(10, 13, Fraction(169, 53))
    assert (result.estimates[1].low, result.estimates[1].high) == (alike.low, alike.high)
    unweighted = counting.share(10, 13)
    assert alike.low is not None
    assert unweighted.low is not None
    assert alike.low < unweighted.low, "less sure than thirteen people would be"


def test_weights_count_for_scores() -> None:
    ballots: Groups = [(bytes((5, 1, NO)), 2, 2), (bytes((2, 4, NO)), 1, 3)]
    result = counting.tally(poll_of(PollKind.SCORE, CountingMethod.SCORE), ballots)
    assert (result.turnout, result.weight, result.votes) == (3, 5, (16, 14, 0))
    assert result.leading == (True, False, False)
    assert [estimate.amount for estimate in result.estimates] == [3, 3, 0]
    assert [estimate.value for estimate in result.estimates] == [16 / 5, 14 / 5, None]
    assert result.estimates[0].low is not None
    star = counting.tally(poll_of(PollKind.SCORE, CountingMethod.STAR), ballots)
    assert star.tally is not None
    assert star.tally.rounds[0].votes == (2, 3, None)
    assert star.leading == (False, True, False), "three of five prefer b"


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30), st.integers(1, 10)), max_size=8))
def test_a_weight_for_everybody_changes_no_share(cast: list[tuple[int, int, int]]) -> None:
    same = cast[0][2] if cast else 1
    once = [(counting.ranks_of(place, 3), amount, amount) for place, amount, _ in cast]
    heavy = [(ranks, amount, amount * same) for ranks, amount, _ in once]
    light, weighty = (counting.tally(poll_of(PollKind.SINGLE), groups) for groups in (once, heavy))
    assert (light.percents, light.leading, light.turnout) == (weighty.percents, weighty.leading, weighty.turnout)
    assert weighty.weight == same * light.weight
    for one, other in zip(light.estimates, weighty.estimates, strict=True):
        assert one == Estimate(other.amount, *(pytest.approx(part) for part in (other.value, other.low, other.high)))


def test_the_rules_are_not_loaded_before_they_are_needed() -> None:
    program = (
        "import sys, bot.polls.counting, bot.polls.service, bot.polls.store\n"
        "assert 'numpy' not in sys.modules, 'loaded at start'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
