"""Rankings while they are made: what their buttons do, and how they travel in keys."""

import itertools

import pytest

from bot.errors import NotFoundError
from cogs.polls.controls import RankKey, rank_of
from cogs.polls.ranking import Ranking, letter_of, place_of

NONE = 255


def of(text: str, options: int = 6) -> Ranking:
    return Ranking.read(text, options)


@pytest.mark.parametrize(
    ("ranks", "text"),
    [
        (bytes([1, NONE, 0]), "ca"),
        (bytes([NONE] * 3), ""),
        (bytes([0, 0, 0]), "aBC"),
        (bytes([9, 4, 4]), "bCa"),
    ],
)
def test_a_ballot_becomes_an_order_without_gaps(ranks: bytes, text: str) -> None:
    ranking = Ranking.of(ranks)
    assert str(ranking) == text
    assert Ranking.of(ranking.packed(len(ranks))) == ranking


def test_every_order_of_three_travels_in_a_key() -> None:
    for ranks in itertools.product((0, 1, 2, NONE), repeat=3):
        ranking = Ranking.of(bytes(ranks))
        assert Ranking.read(str(ranking), 3) == ranking
        assert str(Ranking.read(str(ranking), 25)) == str(ranking)


@pytest.mark.parametrize("text", ["A", "aa", "aA", "g", "z", "1", "a1", "é", "abcdefa", "a-b", "İ"])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(NotFoundError):
        of(text)


def test_the_longest_key_fits_into_an_id() -> None:
    order = "".join(letter_of(place) for place in range(25))
    key = RankKey(10**18 - 1, "ffff", order, "y")
    assert rank_of(str(key)) == key
    assert len(str(key)) <= 60
    assert of(order, 25).places == tuple(range(25))
    with pytest.raises(NotFoundError):
        of(order, 24)


def test_adding_and_taking_out() -> None:
    ranking = Ranking()
    assert ranking.without_last() == ranking
    for place in (2, 0, 5):
        ranking = ranking.added(place)
    assert str(ranking) == "caf"
    assert ranking.added(0) == ranking, "a second press adds nothing"
    assert str(ranking.without(0)) == "cf"
    assert str(ranking.without(4)) == "caf", "what is not there stays away"
    assert str(ranking.without_last()) == "ca"


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("a", "a"), ("ab", "aB"), ("aB", "ab"), ("abc", "abC"), ("abC", "abc"), ("aBc", "aBC"), ("aBC", "aBc")],
)
def test_ties_with_the_one_before(before: str, after: str) -> None:
    ranking = of(before)
    assert str(ranking.tied()) == after
    assert ranking.can_tie == (len(before) > 1)
    assert ranking.is_tied == (before != before.lower() and before[-1].isupper())


@pytest.mark.parametrize(
    ("before", "option", "up", "down"),
    [
        ("abc", "a", "abc", "bac"),
        ("abc", "b", "bac", "acb"),
        ("abc", "c", "acb", "abc"),
        ("aBc", "b", "bac", "abc"),
        ("aBc", "a", "abc", "bac"),
        ("aBc", "c", "caB", "aBc"),
        ("abC", "a", "abC", "bCa"),
        ("aB", "b", "ba", "ab"),
    ],
)
def test_moving(before: str, option: str, up: str, down: str) -> None:
    ranking, place = of(before), place_of(option, 6)
    assert str(ranking.raised(place)) == up
    assert str(ranking.lowered(place)) == down


def test_what_is_not_ranked_cannot_be_moved() -> None:
    for move in (Ranking.raised, Ranking.lowered, Ranking.rank_of):
        with pytest.raises(NotFoundError, match="not in your order"):
            move(of("ab"), 4)
    assert of("aBc").rank_of(2) == 2
