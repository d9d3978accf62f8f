"""Bradley-Terry: the strengths under which the votes are likeliest, found by Newton's method.

The chance that i wins against j is 1/(1 + exp(s_j - s_i)); a tie is half a win for each. Every row also has `prior`
pseudo-votes, half won and half lost, against a player that stands fixed in the centre. Without them a model that won
every vote would have to stand infinitely high. Pseudo-votes rather than a ridge, because they can be told in votes and
because they do not hold back the more strongly the farther a model is ahead: one of them a row is close to what
Jeffreys' rule adds to a single pair (half a win and half a loss), and 30 real votes outweigh it.

Many fits over the same pairs (resamples) are done at once: each step is a few operations on stacks of matrices of
rows x rows, whatever the number of votes.
"""

from dataclasses import dataclass

import numpy as np

from bot.arena.ratings.counts import Numbers, Places

STEPS = 60
"""Newton needs 4 to 8; the limit is for votes without a finite answer, which only happen without pseudo-votes."""

LONGEST = 2.0
"""No strength moves farther in one step, so that a start far away cannot run off."""

EXACT = 1e-11


@dataclass(frozen=True, slots=True)
class Design:
    """Which rows met, how many pseudo-votes each has, and in which connected group it is."""

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

    def information(self, strengths: Numbers, votes: Numbers) -> Numbers:
        """Return the curvature of the log-likelihood (..., rows, rows), pseudo-votes included.

        Without pseudo-votes strengths are only known up to a shift of each group; holding its mean makes the matrix
        invertible and changes no difference.
        """
        chance = self.chances(strengths)
        weight = votes * chance * (1 - chance)
        square = -self.matrix(weight, weight)
        own = logistic(strengths)
        diagonal = np.arange(self.rows)
        square[..., diagonal, diagonal] = self.prior * own * (1 - own) - square.sum(axis=-1)
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


def logistic(values: Numbers) -> Numbers:
    """Return 1/(1 + exp(-values)) without overflow."""
    return 0.5 * (1 + np.tanh(values / 2))


def fit(design: Design, votes: Numbers, wins: Numbers, start: Numbers | None = None) -> Numbers:
    """Return the strengths (..., rows) for votes and wins of pairs (..., pairs)."""
    strengths = np.zeros((*votes.shape[:-1], design.rows)) if start is None else start
    for _ in range(STEPS if design.rows else 0):
        slope = design.score(strengths, votes, wins)
        step = np.linalg.solve(design.information(strengths, votes), slope[..., None])[..., 0]
        strengths = strengths + np.clip(step, -LONGEST, LONGEST)
        if np.abs(step).max() < EXACT:
            break
    return strengths


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
