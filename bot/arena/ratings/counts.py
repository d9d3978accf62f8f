"""Votes as matrices: who voted how often on which pair, and how.

That is all a Bradley-Terry fit needs of the votes, so the order in which they came and the numbers of the voters are
forgotten here: voters are put into an order that follows from what they voted (`_in_order`). The same votes therefore
give the same board to the last digit, also when a vote file gives the voters other numbers.
"""

from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from bot.arena.ratings.types import Outcome, VoteTable

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]

_ORDER = (Outcome.LEFT, Outcome.RIGHT, Outcome.TIE, Outcome.BAD)
_BAD = 3

PIECE = 1 << 16
"""Values turned into numbers at once, which is what holds the interpreter."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Votes summed up.

    Pair p is (`first[p]`, `second[p]`), first < second, and only pairs that met are there. `outcomes` has a row a pair:
    won by the first, won by the second, tied, both bad. `votes` and `wins` have a row a voter and a column a pair: how
    many votes that were not "both bad", and how many of them the first won, ties as halves. Voters who called all bad
    have no row; `voters` counts them as well. `numbers` are the voters' own numbers, in the order of the matrices.
    """

    rows: int
    first: Places
    second: Places
    outcomes: Numbers
    votes: Numbers
    wins: Numbers
    voters: int
    numbers: NDArray[np.int64]

    @property
    def total(self) -> Numbers:
        """How many votes each pair got, those that called both bad left out."""
        return self.outcomes[:, :3].sum(axis=1)

    @property
    def won(self) -> Numbers:
        """How many of them the first of the pair won, ties as halves."""
        return self.outcomes[:, 0] + self.outcomes[:, 2] / 2

    @property
    def ends(self) -> Numbers:
        """Return a matrix (pairs, rows) that is 1 for both rows of a pair."""
        ends = np.zeros((len(self.first), self.rows))
        ends[np.arange(len(ends)), self.first] = ends[np.arange(len(ends)), self.second] = 1
        return ends

    @property
    def people(self) -> NDArray[np.int64]:
        """How many voters each row was judged by, those left out who only called it bad."""
        return np.count_nonzero(self.votes @ self.ends, axis=0)

    def by_row(self, first: Numbers, second: Numbers) -> Numbers:
        """Add up for each row what it got as the first of pairs and what as the second."""
        both = np.concatenate([self.first, self.second])
        return np.bincount(both, weights=np.concatenate([first, second]), minlength=self.rows).astype(float)


def count(table: VoteTable) -> Counts:
    """Sum up votes."""
    rows = table.rows
    left, right = _column(table.left), _column(table.right)
    if len({len(table.left), len(table.right), len(table.outcome), len(table.voter)}) > 1:
        raise ValueError("the columns of a vote table differ in length")
    if len(left) and (min(left.min(), right.min()) < 0 or max(left.max(), right.max()) >= rows):
        raise ValueError("a vote names a row that is not there")
    if np.any(left == right):
        raise ValueError("a vote compares a row with itself")
    code = _codes(table.outcome)
    turned = (left > right) & (code < 2)  # noqa: PLR2004
    code[turned] = 1 - code[turned]
    key = np.minimum(left, right) * rows + np.maximum(left, right)
    met = np.flatnonzero(np.bincount(key, minlength=rows * rows))
    pair = np.searchsorted(met, key)
    outcomes = np.bincount(pair * 4 + code, minlength=4 * len(met)).reshape(-1, 4).astype(float)
    numbers, voter = np.unique(_column(table.voter), return_inverse=True)
    first, second = met // max(rows, 1), met % max(rows, 1)
    voters = len(numbers)

    valid = code != _BAD
    numbers, voter = _in_order(numbers, voter[valid], pair[valid] * 4 + code[valid])
    shape = (len(numbers), len(met))
    cell = voter * len(met) + pair[valid]
    votes = np.bincount(cell, minlength=shape[0] * shape[1]).astype(float)
    wins = np.bincount(cell, np.array([1.0, 0.0, 0.5])[code[valid]], shape[0] * shape[1]).astype(float)
    return Counts(rows, first, second, outcomes, votes.reshape(shape), wins.reshape(shape), voters, numbers)


def _column(values: tuple[int, ...]) -> NDArray[np.int64]:
    pieces = [np.array(values[at : at + PIECE], dtype=np.int64) for at in range(0, len(values), PIECE)]
    return np.concatenate([np.empty(0, dtype=np.int64), *pieces])


def _codes(outcomes: tuple[Outcome, ...]) -> Places:
    """Return the places of outcomes in `_ORDER`, by their first letters, which is the quickest they can be told."""
    letters = ["".join(map(itemgetter(0), outcomes[at : at + PIECE])).encode() for at in range(0, len(outcomes), PIECE)]
    places = np.zeros(256, dtype=np.intp)
    for place, outcome in enumerate(_ORDER):
        places[ord(outcome[0])] = place
    return places[np.frombuffer(b"".join(letters), dtype=np.uint8)]


def _in_order(numbers: NDArray[np.int64], voter: Places, said: Places) -> tuple[NDArray[np.int64], Places]:
    """Put voters who said anything into an order that follows from what they said alone.

    Each vote is turned into 64 bits (the finalizer of SplitMix64) and a voter's votes are added up, which knows no
    order; voters are sorted by that sum. Who said the same has the same sum, and may stand in any order.
    """
    mixed = (said.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    sums = np.zeros(len(numbers), dtype=np.uint64)
    np.add.at(sums, voter, mixed)
    spoke = np.flatnonzero(np.bincount(voter, minlength=len(numbers)))
    order = spoke[np.argsort(sums[spoke], kind="stable")]
    place = np.zeros(len(numbers), dtype=np.intp)
    place[order] = np.arange(len(order))
    return numbers[order], place[voter]
