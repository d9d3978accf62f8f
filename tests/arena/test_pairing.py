"""Who meets: classes in balance first, then what is known least; by lot among equals."""

import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena.pairing import Exposure, Identity, choose, identity_of, information, line_identity
from bot.arena.types import Line, Pairing
from bot.catalog import Openness
from tests.support.asking import card

OPEN, CLOSED, RESTRICTED = Openness.OPEN, Openness.CLOSED, Openness.RESTRICTED


def one(name: str, openness: Openness) -> Identity:
    return name, "1", name.title(), openness


A, B, C = one("a", OPEN), one("b", OPEN), one("c", OPEN)
X, Y = one("x", CLOSED), one("y", CLOSED)
R = one("r", RESTRICTED)
ALL = (A, B, C, X, Y, R)


def dice(seed: int = 1) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize(
    ("pairing", "classes"),
    [
        (Pairing.OPEN_CLOSED, {OPEN, CLOSED}),
        (Pairing.OPEN_OPEN, {OPEN}),
        (Pairing.CLOSED_CLOSED, {CLOSED}),
    ],
)
def test_a_pairing_is_kept(pairing: Pairing, classes: set[Openness]) -> None:
    for seed in range(20):
        pair = choose(ALL, pairing, Exposure(), dice(seed))
        assert pair is not None
        assert {each[3] for each in pair} == classes
        assert pair[0] != pair[1]


def test_nobody_meets_where_no_two_may() -> None:
    assert choose((), Pairing.ANY, Exposure(), dice()) is None
    assert choose((A,), Pairing.ANY, Exposure(), dice()) is None
    assert choose((A, R), Pairing.OPEN_CLOSED, Exposure(), dice()) is None
    assert choose((A, X, R), Pairing.CLOSED_CLOSED, Exposure(), dice()) is None


def test_sides_are_drawn() -> None:
    first = Counter((choose((A, X), Pairing.ANY, Exposure(), dice(seed)) or (None,))[0] for seed in range(200))
    assert 60 < first[A] < 140


def test_a_class_that_was_shown_less_comes_first() -> None:
    exposure = Exposure(classes={OPEN: 20, CLOSED: 6})
    for seed in range(10):
        assert set(choose((A, B, X, Y), Pairing.ANY, exposure, dice(seed)) or ()) == {X, Y}
    assert set(choose((A, B, X), Pairing.ANY, exposure, dice()) or ()) & {X}


def test_classes_even_out_over_many_battles() -> None:
    shown: Counter[Openness] = Counter()
    met: Counter[frozenset[Identity]] = Counter()
    lot = dice()
    for _ in range(300):
        pair = choose(ALL, Pairing.ANY, Exposure(shown, met), lot)
        assert pair is not None
        shown.update(each[3] for each in pair)
        met[frozenset(pair)] += 1
        assert max(shown.values()) - min(shown[openness] for openness in Openness) <= 2
    assert set(met) == {frozenset(pair) for pair in combinations(ALL, 2)}, "every two meet"


def test_of_balanced_pairs_the_one_that_tells_most_meets() -> None:
    met = {frozenset(pair): 5 for pair in combinations(ALL, 2)} | {frozenset((A, X)): 1}
    for seed in range(10):
        assert set(choose(ALL, Pairing.ANY, Exposure(met=met), dice(seed)) or ()) == {A, X}
    close = Exposure(met={frozenset((A, X)): 4, frozenset((B, X)): 4}, ratings={A: 1500.0, X: 1000.0, B: 1010.0})
    for seed in range(10):
        assert set(choose((A, B, X), Pairing.OPEN_CLOSED, close, dice(seed)) or ()) == {B, X}


def test_information_falls_with_votes_and_with_a_sure_winner() -> None:
    even = information((A, X), Exposure())
    assert even == pytest.approx(0.25)
    assert information((A, X), Exposure(met={frozenset((A, X)): 4})) == pytest.approx(0.05)
    assert information((A, X), Exposure(ratings={A: 1400.0, X: 1000.0})) == pytest.approx(10 / 121)
    assert information((A, X), Exposure(ratings={A: 1400.0})) == even, "one without a rating is not known"


@given(st.lists(st.sampled_from(ALL), unique=True, max_size=6), st.sampled_from(Pairing), st.integers())
def test_whoever_meets_was_a_candidate(candidates: list[Identity], pairing: Pairing, seed: int) -> None:
    pair = choose(tuple(candidates), pairing, Exposure(), dice(seed))
    if pair is not None:
        assert set(pair) <= set(candidates)
        assert len(set(pair)) == 2


def test_any_change_of_a_model_is_another_line() -> None:
    usual = identity_of(card("openly", model="1", name="Openly"))
    assert line_identity(Line(1, *usual)) == usual
    for other in (
        card("freely", model="1", name="Openly"),
        card("openly", model="2", name="Openly"),
        card("openly", model="1", name="Openly 2"),
        card("openly", model="1", name="Openly", openness=CLOSED),
    ):
        assert identity_of(other) != usual
