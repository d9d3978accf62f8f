"""How few votes would change the first place, beside trying out all."""

import itertools
import random

import numpy as np
import pytest

from bot.arena.ratings.counts import count
from bot.arena.ratings.design import Design
from bot.arena.ratings.fit import fit
from bot.arena.ratings.fragility import fragile
from bot.arena.ratings.rate import rate
from bot.arena.ratings.types import Outcome
from tests.arena.ratings.tables import BAD, LEFT, RIGHT, TIE, Vote, some, table, votes_of

DECIDED = (LEFT, RIGHT, TIE)


def strengths(votes: list[Vote], rows: int) -> tuple[np.ndarray, set[int]]:
    """Fit, and which rows have votes."""
    counts = count(table(votes, rows))
    design = Design(rows, counts.first, counts.second, 1.0, np.zeros(rows, dtype=np.intp))
    return fit(design, counts.total, counts.won), {*counts.first.tolist(), *counts.second.tolist()}


def fewest(votes: list[Vote], rows: int, *, turning: bool, most: int) -> int | None:
    """Try all sets of up to `most` votes; None where they do not do it."""
    leader = int(np.argmax(strengths(votes, rows)[0]))
    for size in range(1, most + 1):
        tried = set[tuple[Vote, ...]]()
        for chosen in itertools.combinations(range(len(votes)), size):
            kept = [(*vote[:3], 0) for place, vote in enumerate(votes) if place not in chosen]
            choices: list[tuple[Outcome | None, ...]] = [
                (None, *(said for said in DECIDED if turning and said != votes[place][2])) for place in chosen
            ]
            for said in itertools.product(*choices):
                turned = [(*votes[place][:2], one, 0) for place, one in zip(chosen, said, strict=True) if one]
                other = tuple(sorted([*kept, *turned]))
                if not other or other in tried:
                    continue
                tried.add(other)
                found, rated = strengths(list(other), rows)
                if any(found[row] > found[leader] + 1e-9 for row in rated):
                    return size
    return None


@pytest.mark.parametrize("seed", range(24))
def test_no_smaller_set_of_votes_does_it(seed: int) -> None:
    rng = random.Random(seed)
    rows, votes = rng.choice([2, 3, 4]), list[Vote]()
    for number in range(rng.randint(2, 6)):
        left, right = sorted(rng.sample(range(rows), 2))
        votes.append((left, right, rng.choices(DECIDED, [4, 2, 1])[0], number))
    found = fragile(table(votes, rows))
    most = 2

    if found is not None:
        assert fewest(votes, rows, turning=True, most=most) == (found.votes if found.votes <= most else None)
        dropped = found.dropped if found.dropped and found.dropped <= most else None
        assert fewest(votes, rows, turning=False, most=most) == dropped
        assert found.share == found.votes / len(votes)


def test_turning_takes_about_half_of_what_dropping_takes() -> None:
    votes = [(0, 1, LEFT, voter) for voter in range(60)] + [(0, 1, RIGHT, voter) for voter in range(40)]
    found = fragile(table(votes, 2))

    assert found is not None
    assert (found.leader, found.runner_up, found.votes, found.dropped, found.share) == (0, 1, 11, 21, 0.11)


def test_a_large_board_hangs_on_votes_that_do_change_it() -> None:
    board = rate(some(11, 4000, 6, 200), seed=1, rounds=20)
    found = board.fragility

    assert found is not None
    assert found.dropped is not None
    assert 10 < found.votes < found.dropped < 400
    assert found.leader == board.ratings[0].row
    assert found.runner_up == board.ratings[1].row


def test_many_level_pursuers_are_looked_at() -> None:
    """The runner-up by rating has votes that are hard to change; another row is nearer to the first place by votes."""
    votes = [(0, 1, said, 0) for said in [LEFT] * 210 + [RIGHT] * 190] + [(0, 2, LEFT, 0)] * 2 + [(0, 2, RIGHT, 0)]
    found = fragile(table(votes, 3))

    assert found is not None
    assert (found.runner_up, found.votes) == (2, 1)


def test_where_nobody_leads_there_is_nothing_to_lose() -> None:
    level = [(0, 1, LEFT, 1), (0, 1, RIGHT, 2)]

    assert fragile(table([], 3)) is None
    assert fragile(table([(0, 1, BAD, 1)], 2)) is None
    assert fragile(table(level, 2)) is None


def test_only_the_largest_group_counts() -> None:
    votes = [(0, 1, LEFT, 1), (1, 2, LEFT, 1), *[(3, 4, LEFT, 1)] * 50]
    found = fragile(table(votes, 5))

    assert found is not None
    assert {found.leader, found.runner_up} <= {0, 1, 2}


def test_it_is_made_of_votes_alone_not_of_their_order() -> None:
    votes = votes_of(some(3, 300, 5, 30))
    shuffled = random.Random(1).sample(votes, len(votes))

    assert fragile(table(votes, 5)) == fragile(table(shuffled, 5))
