"""A population of voters with tastes of their own, of whom few are very active; and intervals held against its truth.

Strengths of models differ from person to person (standard deviation 0.8, which is 139 points), and the most active
people like other models better than the rest does. How often people vote is lognormal (median 8, one in a hundred more
than 80). The truth that a board estimates is the Bradley-Terry projection of the whole population: the strengths that
fit best the chances of all people, each weighted by how much they vote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.arena.ratings.counts import Counts, count
from bot.arena.ratings.design import Design, design_of, logistic
from bot.arena.ratings.fit import fit
from bot.arena.ratings.resampling import POINT, spread, standard_errors
from bot.arena.ratings.types import Outcome, VoteTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

PEOPLE = 20_000
TIES = 0.15
BAD = 0.05
ORDER = (Outcome.LEFT, Outcome.RIGHT, Outcome.TIE, Outcome.BAD)


@dataclass(frozen=True)
class Crowd:
    """People, their strengths of models (people, rows), and how many votes each is expected to cast."""

    strengths: Numbers
    activity: Numbers

    @classmethod
    def of(cls, seed: int, rows: int, *, taste: float = 0.8, whims: float = 0.3, unequal: float = 1.0) -> Crowd:
        """Make a population; `whims` is how much the active ones differ, `unequal` the width of the activity."""
        rng = np.random.default_rng(seed)
        activity = rng.normal(size=PEOPLE)
        strengths = np.linspace(0.8, -0.8, rows) + taste * rng.normal(size=(PEOPLE, rows))
        strengths += whims * activity[:, None] * np.linspace(-1, 1, rows)
        return cls(strengths, 1 + np.exp(np.log(8) + unequal * activity))

    def truth(self) -> Numbers:
        """Return the projection, centred."""
        rows = self.strengths.shape[1]
        first, second = np.triu_indices(rows, 1)
        chance = TIES / 2 + (1 - TIES) * logistic(self.strengths[:, first] - self.strengths[:, second])
        share = self.activity @ chance / self.activity.sum()
        design = Design(rows, first, second, 0.0, np.zeros(rows, dtype=np.intp))
        return design.centred(fit(design, np.ones(len(first)), share))

    def votes(self, rng: np.random.Generator, voters: int) -> VoteTable:
        """Let so many people vote on pairs at random."""
        rows = self.strengths.shape[1]
        who = rng.integers(PEOPLE, size=voters)
        voter = np.repeat(np.arange(voters), 1 + rng.poisson(self.activity[who] - 1))
        left = rng.integers(rows, size=len(voter))
        right = (left + rng.integers(1, rows, size=len(voter))) % rows
        chance = logistic(self.strengths[who[voter], left] - self.strengths[who[voter], right])
        said = np.where(rng.random(len(voter)) < chance, 0, 1)
        said[rng.random(len(voter)) < TIES] = 2
        said[rng.random(len(voter)) < BAD] = 3
        columns = (tuple(column.tolist()) for column in (left, right, voter))
        left_, right_, voter_ = columns
        return VoteTable(rows, left_, right_, tuple(ORDER[one] for one in said), voter_)


@dataclass(frozen=True)
class Covered:
    """In how many of the runs the truth lay inside, by row; and how long intervals were, in strengths."""

    rows: Numbers
    length: float


def covered(crowd: Crowd, voters: int, runs: int, *, others: bool = True) -> dict[str, Covered]:
    """Draw voters again and again, and return the coverage of the published interval and of others."""
    truth = crowd.truth()
    inside: dict[str, list[NDArray[np.bool_]]] = {}
    lengths: dict[str, list[float]] = {}
    for run in range(runs):
        counts = count(crowd.votes(np.random.default_rng([run, voters]), voters))
        design = design_of(counts, 1.0)
        strengths = fit(design, counts.total, counts.won)
        middle = design.centred(strengths)
        half = spread(design, counts, strengths, seed=run, rounds=1000).rows
        single = POINT * _single(design, counts, strengths)
        ends = {"published": (middle - half, middle + half), "single votes": (middle - single, middle + single)}
        if others:
            ends |= _others(design, counts, strengths, np.random.default_rng([run, 1]))
        for name, (low, high) in ends.items():
            inside.setdefault(name, []).append((low <= truth) & (truth <= high))
            lengths.setdefault(name, []).append(float((high - low).mean()))
    return {name: Covered(np.mean(values, axis=0), float(np.mean(lengths[name]))) for name, values in inside.items()}


def _single(design: Design, counts: Counts, strengths: Numbers) -> Numbers:
    """Return standard errors that take every vote for one of its own, as a sandwich over votes does."""
    chance = design.chances(strengths)
    won, lost, tied, _ = counts.outcomes.T
    scatter = won * (1 - chance) ** 2 + lost * chance**2 + tied * (0.5 - chance) ** 2
    meat = -design.matrix(scatter, scatter)
    meat[np.diag_indices(design.rows)] = -meat.sum(axis=1)
    inverse = np.linalg.inv(design.information(strengths, counts.total))
    return standard_errors(design, inverse @ meat @ inverse)[: design.rows]


def _others(
    design: Design, counts: Counts, strengths: Numbers, rng: np.random.Generator
) -> dict[str, tuple[Numbers, Numbers]]:
    """Return what else resampling and sandwiches by voter give, without a correction."""
    scores = design.spread(counts.wins - counts.votes * design.chances(strengths))
    inverse = np.linalg.inv(design.information(strengths, counts.total))
    plain = standard_errors(design, inverse @ (scores.T @ scores) @ inverse)[: design.rows]
    draws = rng.multinomial(len(scores), np.full(len(scores), 1 / len(scores)), size=1000).astype(float)
    refits = fit(design, draws @ counts.votes, draws @ counts.wins, np.tile(strengths, (1000, 1)))
    low, high = np.quantile(design.centred(refits), [0.025, 0.975], axis=0)
    middle = design.centred(strengths)
    normal = (middle - POINT * plain, middle + POINT * plain)
    return {"sandwich by voter": normal, "percentiles by voter": (low, high)}
