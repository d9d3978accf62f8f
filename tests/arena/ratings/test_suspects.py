"""Who does not vote like the others: how often honest voters are named, and how often others are found."""

import random

import numpy as np
import pytest

from bot.arena.ratings.suspects import FEWEST_VOTES, LEVEL, suspects
from bot.arena.ratings.types import VoteTable
from tests.arena.ratings.tables import BAD, LEFT, RIGHT, TIE, Vote, table, votes_of

ROWS = 8


def club(seed: int, *, taste: float, odd: str = "", votes: int = 60, voters: int = 80) -> VoteTable:
    """Members with tastes of their own and unequal activity; voters 0 to 2 are odd, with so many votes each."""
    rng = np.random.default_rng(seed)
    common = np.linspace(1.2, -1.2, ROWS)
    own = common + taste * rng.normal(size=(voters, ROWS))
    many = 1 + rng.poisson(np.exp(np.log(8) + rng.normal(size=voters)))
    if odd:
        many[:3] = votes
    made: list[Vote] = []
    for voter, count in enumerate(many.tolist()):
        for _ in range(count):
            left, right = rng.choice(ROWS, 2, replace=False).tolist()
            chance = 1 / (1 + np.exp(own[voter, right] - own[voter, left]))
            if odd and voter < 3:
                reversed_ = 1 / (1 + np.exp(common[left] - common[right]))
                chance = {"random": 0.5, "reversed": reversed_, "left": 0.98, "right": 0.02}[odd]
            said = rng.choice(4, p=[0.85 * chance, 0.85 * (1 - chance), 0.1, 0.05])
            made.append((left, right, (LEFT, RIGHT, TIE, BAD)[said], voter))
    return table(made, ROWS)


@pytest.mark.parametrize("taste", [0.0, 0.5, 1.0])
def test_honest_voters_are_seldom_named_however_much_tastes_differ(taste: float) -> None:
    boards = [club(seed, taste=taste) for seed in range(12)]
    named = sum(len(suspects(board)) for board in boards)

    assert named <= LEVEL * 12 * 80


def test_looking_again_and_again_names_no_more_honest_voters_than_is_said() -> None:
    named = set[tuple[int, int]]()
    for seed in range(8):
        votes = random.Random(seed).sample(votes_of(club(seed, taste=0.7)), k=600)
        looks = (suspects(table(votes[:many], ROWS)) for many in range(60, 601, 60))
        named |= {(seed, one.voter) for look in looks for one in look}

    assert len(named) <= LEVEL * 8 * 80


@pytest.mark.parametrize(
    ("odd", "votes", "share"),
    [("reversed", 80, 0.9), ("left", 30, 0.9), ("right", 30, 0.9), ("random", 150, 0.4)],
)
def test_odd_voters_are_found(odd: str, votes: int, share: float) -> None:
    found = [suspects(club(seed, taste=0.5, odd=odd, votes=votes)) for seed in range(10)]
    right = sum(one.voter < 3 for each in found for one in each)
    wrong = sum(one.voter >= 3 for each in found for one in each)

    assert right >= share * 30
    assert wrong <= LEVEL * 10 * 80


def test_the_strongest_evidence_comes_first_and_counts_decided_votes() -> None:
    board = club(1, taste=0.5, odd="reversed", votes=100)
    found = suspects(board)
    decided = [voter for _, _, said, voter in votes_of(board) if said in {LEFT, RIGHT}]

    assert [one.evidence for one in found] == sorted((one.evidence for one in found), reverse=True)
    assert all(one.evidence > 1 / LEVEL for one in found)
    assert all(one.votes == decided.count(one.voter) for one in found)


def test_evidence_is_a_number_even_after_thousands_of_votes() -> None:
    found = suspects(club(2, taste=0.2, odd="left", votes=1500, voters=20))

    assert {one.voter for one in found} >= {0, 1, 2}
    assert all(np.isfinite(one.evidence) for one in found)


def test_two_steps_to_a_taste_are_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    board = club(1, taste=0.5, odd="reversed", votes=100)
    whole = suspects(board)
    monkeypatch.setattr("bot.arena.ratings.suspects.STEPS", 2)

    assert [one.evidence for one in suspects(board)] == pytest.approx([one.evidence for one in whole], rel=0.2)


def test_the_order_of_votes_makes_no_difference() -> None:
    board = club(3, taste=0.5, odd="reversed")
    shuffled = random.Random(1).sample(votes_of(board), len(board.voter))

    assert suspects(table(shuffled, ROWS)) == suspects(board)


def test_a_few_votes_are_not_looked_at() -> None:
    crowd = [(0, 1, LEFT, voter) for voter in range(200)]
    few = [(0, 1, RIGHT, 999)] * (FEWEST_VOTES - 1) + [(0, 1, TIE, 999), (0, 1, BAD, 999)]

    assert suspects(table([*crowd, *few], 2), level=0.9) == ()
    assert [one.voter for one in suspects(table([*crowd, *few, (0, 1, RIGHT, 999)], 2), level=0.9)] == [999]


def test_without_others_nobody_is_odd() -> None:
    assert suspects(table([], 2)) == ()
    assert suspects(table([(0, 1, LEFT, 1)] * 50, 2)) == ()
