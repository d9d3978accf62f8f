"""Vote tables for tests."""

import random
from collections.abc import Iterable

from bot.arena.ratings.types import Outcome, VoteTable

LEFT, RIGHT, TIE, BAD = Outcome.LEFT, Outcome.RIGHT, Outcome.TIE, Outcome.BAD

Vote = tuple[int, int, Outcome, int]
"""Left, right, what was said, by whom."""


def table(votes: Iterable[Vote], rows: int) -> VoteTable:
    columns = list(zip(*votes, strict=True)) or [(), (), (), ()]
    return VoteTable(rows, *columns)


def votes_of(votes: VoteTable) -> list[Vote]:
    return list(zip(votes.left, votes.right, votes.outcome, votes.voter, strict=True))


def some(seed: int, votes: int, rows: int, voters: int, *, bad: float = 0.05) -> VoteTable:
    """Votes at random, by which lower rows win more often."""
    rng = random.Random(seed)
    made: list[Vote] = []
    for _ in range(votes):
        left, right = rng.sample(range(rows), 2)
        chance = 1 / (1 + 10 ** ((left - right) / rows))
        weights = (chance, 1 - chance, 0.15, bad)
        made.append((left, right, rng.choices((LEFT, RIGHT, TIE, BAD), weights)[0], rng.randrange(voters)))
    return table(made, rows)
