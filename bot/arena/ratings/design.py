"""What a fit stands on: which rows met, which of them hang together, and the slopes and curvature of the likelihood."""

from dataclasses import dataclass

import numpy as np

from bot.arena.ratings.counts import Counts, Numbers, Places

PRIOR = 1.0
"""Pseudo-votes a row: half a win and half a loss against a player of 1000 (why: `fit.py`)."""


@dataclass(frozen=True, slots=True)
class Design:
    """Which rows met, how many pseudo-votes each has, and in which connected group it is (0: the largest)."""

    rows: int
    first: Places
    second: Places
    prior: float
    group: Places

    def spread(self, values: Numbers) -> Numbers:
        """Add values of pairs (..., pairs) up for rows (..., rows): counted for the first, against the second."""
        return self.matrix(values, -values).sum(axis=-1)

    def matrix(self, values: Numbers, mirrored: Numbers) -> Numbers:
        """Return (..., rows, rows) with values of pairs at (first, second), and others at (second, first)."""
        square = np.zeros((*values.shape[:-1], self.rows, self.rows))
        square[..., self.first, self.second] = values
        square[..., self.second, self.first] = mirrored
        return square

    def chances(self, strengths: Numbers) -> Numbers:
        """Return for each pair the chance that its first wins (..., pairs)."""
        return logistic(strengths[..., self.first] - strengths[..., self.second])

    def score(self, strengths: Numbers, votes: Numbers, wins: Numbers) -> Numbers:
        """Return the slope of the log-likelihood (..., rows), pseudo-votes included."""
        return self.spread(wins - votes * self.chances(strengths)) + self.prior * (0.5 - logistic(strengths))

    def information(self, strengths: Numbers, votes: Numbers, *, whole: bool = True) -> Numbers:
        """Return the curvature of the log-likelihood (..., rows, rows); pseudo-votes included when it is the `whole`.

        Without pseudo-votes strengths are only known up to a shift of each group; holding its mean makes the matrix
        invertible and changes no difference.
        """
        chance = self.chances(strengths)
        weight = votes * chance * (1 - chance)
        square = -self.matrix(weight, weight)
        own = logistic(strengths)
        diagonal = np.arange(self.rows)
        square[..., diagonal, diagonal] = -square.sum(axis=-1)
        if not whole:
            return square
        square[..., diagonal, diagonal] += self.prior * own * (1 - own)
        if not self.prior:
            square += self.group[:, None] == self.group
            square[..., diagonal, diagonal] += 1e-12
        return square

    def centred(self, strengths: Numbers) -> Numbers:
        """Shift strengths so that the mean of each group is nought."""
        return strengths @ self.centring.T

    @property
    def centring(self) -> Numbers:
        """The matrix that takes the mean of its group off each row."""
        same = (self.group[:, None] == self.group).astype(float)
        return np.eye(self.rows) - same / same.sum(axis=1, keepdims=True)


def design_of(counts: Counts, prior: float) -> Design:
    """Return the design of counted votes."""
    return Design(counts.rows, counts.first, counts.second, prior, _numbered(counts))


def _numbered(counts: Counts) -> Places:
    """Number groups from the one with most rows; of equal ones first that with most votes, then the first row's.

    Votes that called both bad compare nothing, and so they connect nothing.
    """
    met = counts.total > 0
    group = groups(counts.rows, counts.first[met], counts.second[met])
    votes = counts.by_row(counts.total, counts.total)
    names = sorted(set(group.tolist()), key=lambda name: (-np.sum(group == name), -votes[group == name].sum(), name))
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[name] for name in group.tolist()], dtype=np.intp)


def groups(rows: int, first: Places, second: Places) -> Places:
    """Return a number for each row that is the same for rows that are connected by pairs that met."""
    number = np.arange(rows)
    while True:
        lowest = number.copy()
        np.minimum.at(lowest, first, number[second])
        np.minimum.at(lowest, second, number[first])
        lowest = lowest[lowest]
        if np.array_equal(lowest, number):
            return number
        number = lowest


def logistic(values: Numbers) -> Numbers:
    """Return 1/(1 + exp(-values)) without overflow."""
    return 0.5 * (1 + np.tanh(values / 2))
