"""Packing ballots: nothing is lost, nothing is counted twice, whatever their number and length."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.polls.tallies import profile as packing
from bot.polls.tallies.profile import HEAVIEST, UNRANKED, Profile
from tests.support.elections import Election, Groups, elections, is_silent, plain_pairwise


def unpacked(profile: Profile) -> dict[bytes, int]:
    return {
        column.tobytes(): int(weight) for column, weight in zip(profile.marks.T.copy(), profile.weights, strict=True)
    }


@st.composite
def groups(draw: st.DrawFn) -> tuple[int, Groups]:
    options = draw(st.integers(1, 25))
    one = st.lists(st.integers(0, 255), max_size=options).map(bytes)
    some = draw(st.lists(one, min_size=1, max_size=6))
    return options, draw(st.lists(st.tuples(st.sampled_from(some), st.integers(1, 10**9)), max_size=20))


@settings(max_examples=60)
@given(groups())
def test_equal_ballots_become_one(case: tuple[int, Groups]) -> None:
    options, some = case
    expected: Counter[bytes] = Counter()
    for marks, weight in some:
        expected[marks.ljust(options, bytes([UNRANKED]))] += weight
    profile = Profile.of(some, options)
    assert unpacked(profile) == expected
    assert profile.marks.shape == (options, len(expected)), "each different ballot is there once"
    assert (profile.options, profile.weight) == (options, sum(weight for _, weight in some))
    assert profile.weigh(np.ones(len(expected), np.bool_)) == profile.weight


def test_many_parts_are_one_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [(bytes((number % 3, number % 2)), number) for number in range(100)]
    whole = Profile.of(iter(some), 2)
    monkeypatch.setattr(packing, "AT_ONCE", 7)
    assert unpacked(Profile.of(iter(some), 2)) == unpacked(whole)
    assert len(whole.weights) == 6


def test_no_ballots() -> None:
    profile = Profile.of([], 3)
    assert (profile.options, profile.weight, profile.is_silent) == (3, 0, True)
    assert profile.pairwise == ((0, 0, 0),) * 3


@pytest.mark.parametrize(
    "some",
    [[(bytes(4), 1)], [(bytes(3), 1 << 70)], [(bytes(3), -1)], [(bytes(3), HEAVIEST), (bytes(3), HEAVIEST)]],
    ids=["long", "huge", "negative", "too many"],
)
def test_what_cannot_be_counted_is_refused(some: Groups) -> None:
    with pytest.raises(ValueError, match=r"ballot|Ballots"):
        Profile.of(some, 3)


@settings(max_examples=60)
@given(elections(most=6, heaviest=300))
def test_pairs_are_compared_ballot_by_ballot(election: Election) -> None:
    assert [list(row) for row in election.profile.pairwise] == plain_pairwise(election)
    assert election.profile.is_silent is is_silent(election)


@settings(max_examples=60)
@given(elections(most=6, scored=True))
def test_scores_give_orders(election: Election) -> None:
    """Nothing and no points are alike: both are below every point, and unranked."""
    for scores, ranks in zip(election.profile.marks.T, election.profile.by_scores.marks.T, strict=True):
        points = [0 if mark == UNRANKED else int(mark) for mark in scores]
        for one, other in zip(points, ranks, strict=True):
            assert (one == 0) == (other == UNRANKED)
        places = range(election.options)
        assert sorted(places, key=ranks.__getitem__) == sorted(places, key=lambda place: -points[place])
