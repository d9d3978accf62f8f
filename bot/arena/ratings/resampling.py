"""Intervals that resample voters, because a voter's votes belong together.

A resample draws as many voters as there are, with replacement, each with all their votes; in other words it multiplies
each voter's votes by how often they were drawn. It is refitted by one Newton step from the fit of all votes, with the
resample's own curvature; whole fits gave the same coverage and took four times as long.

Plain percentiles of the refits are too short (93 % instead of 95 with 100 voters, 87 % with 8), since a few voters cast
many of the votes. So each refit is measured in its own standard error by voter, the bootstrap-t (Efron 1981; Hall
1988), symmetric; the 95 % point of that times the standard error of the whole, which has the small-sample correction
CR2 (Bell and McCaffrey 2002), is half the interval. Uncorrected it covered 94 %, by Student's t with the degrees of
freedom of Satterthwaite 93 to 95 %. `bench/intervals.py` shows how often such intervals cover the truth, beside others.

Where voters hardly disagree, resampling says that all is certain: ten voters who all prefer A give no spread at all.
So no interval is shorter than one that takes each vote for itself would be, with the dispersion that votes have.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.arena.ratings.counts import Counts, Numbers, Places
from bot.arena.ratings.design import Design

LEVEL = 0.95
POINT = 1.959964
"""Of the normal distribution, for that level."""

MOST = 12.706
"""No interval is longer than Student's t with a single degree of freedom would make it."""

CHUNK = 100
"""Resamples, or voters, at once, so that no step takes long or needs much memory."""

HEAVY = 0.01
"""Voters with a smaller part of every row's votes need no correction."""

_TINY = 1e-9

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spread:
    """Half the width of each row's interval, and of each difference's between two rows; in strengths."""

    rows: Numbers
    differences: Numbers


def spread(design: Design, counts: Counts, strengths: Numbers, *, seed: int, rounds: int) -> Spread:
    """Resample voters `rounds` times; `strengths` are the fit, as it came."""
    scores = design.spread(counts.wins - counts.votes * design.chances(strengths))
    information = design.information(strengths, counts.total)
    influence = _corrected(design, counts, strengths, scores, information)
    errors = standard_errors(design, influence.T @ influence)
    sums = _Sums.of(counts, scores)
    rng = np.random.default_rng(seed)
    ratios = [_ratios(design, strengths, sums, draws) for draws in resamples(rng, len(scores), rounds)]
    factor = np.quantile(np.concatenate(ratios), LEVEL, axis=0)
    single = standard_errors(design, np.linalg.inv(information) * _dispersion(design, counts, strengths))
    width = np.maximum(np.minimum(factor, MOST) * errors, POINT * single).reshape(design.rows + 1, design.rows)
    return Spread(width[0], width[1:])


def standard_errors(design: Design, covariance: NDArray[np.floating]) -> Numbers:
    """Return standard errors, (..., (rows + 1) * rows): of each row against its group's mean, then of differences."""
    centring = design.centring
    own = np.diagonal(centring @ covariance @ centring.T, axis1=-2, axis2=-1)
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    apart = variance[..., :, None] + variance[..., None, :] - 2 * covariance
    squares = np.concatenate([own, apart.reshape(*apart.shape[:-2], -1)], axis=-1)
    return np.sqrt(np.maximum(squares, 0))


def _corrected(design: Design, counts: Counts, strengths: Numbers, scores: Numbers, information: Numbers) -> Numbers:
    """Return what each voter moves the strengths by (voters, rows), enlarged as CR2 does.

    A voter pulls the fit towards themselves, which makes them look less unlike the others than they are; taking half of
    their own information away undoes that on average.
    """
    influence = scores @ np.linalg.inv(information)
    own = counts.votes @ counts.ends
    heavy = np.flatnonzero((own > HEAVY * own.sum(axis=0)).any(axis=1))
    for at in range(0, len(heavy), CHUNK):
        some = heavy[at : at + CHUNK]
        theirs = design.information(strengths, counts.votes[some], whole=False)
        influence[some] = np.linalg.solve(information - theirs / 2, scores[some, :, None])[..., 0]
    return influence


def _dispersion(design: Design, counts: Counts, strengths: Numbers) -> float:
    """Return how the votes scatter around the fit, of 1 for votes without ties; never nought."""
    chance = design.chances(strengths)
    won, lost, tied, _ = counts.outcomes.T
    scatter = won * (1 - chance) ** 2 + lost * chance**2 + tied * (0.5 - chance) ** 2
    expected = counts.total * chance * (1 - chance)
    return min(1.0, float((scatter.sum() + 1) / (expected.sum() + 1)))


def resamples(rng: np.random.Generator, voters: int, rounds: int) -> Iterator[Singles]:
    """Yield how often each voter was drawn (resamples, voters)."""
    for done in range(0, rounds, CHUNK):
        size = min(CHUNK, rounds - done)
        drawn = rng.integers(voters, size=(size, voters), dtype=np.int32)
        drawn += np.arange(0, size * voters, voters, dtype=np.int32)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * voters).reshape(size, voters).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Sums:
    """All that is added up over voters, side by side, so that one product does a chunk of resamples.

    In single precision: counts are exact in it (up to 16 million), and nothing else needs more than four digits.
    """

    columns: Singles
    total: Numbers
    upper: tuple[Places, Places]

    @classmethod
    def of(cls, counts: Counts, scores: Numbers) -> "_Sums":
        """Lay out counts of pairs, scores, scores times votes, products of scores, votes and their squares."""
        first, second = np.triu_indices(scores.shape[1])
        many = counts.votes.sum(axis=1, keepdims=True)
        parts = (counts.votes, scores, scores * many, scores[:, first] * scores[:, second], many, many**2)
        columns = np.concatenate([part.astype(np.float32) for part in parts], axis=1)
        return cls(columns, scores.sum(axis=0), (first, second))


def _ratios(design: Design, strengths: Numbers, sums: _Sums, draws: Singles) -> Numbers:
    """Return how far each resample's refit is away, in its own standard errors.

    The scores of voters at the refit are those at the fit less what the step takes off each, which is nearly the same
    for each of their votes: their part of all votes times the sum of scores.
    """
    rows, pairs = design.rows, len(design.first)
    ends = np.cumsum([pairs, rows, rows, len(sums.upper[0])])
    votes, drawn, weighed, upper, rest = np.split((draws @ sums.columns).astype(float), ends, axis=1)
    inverse = np.linalg.inv(design.information(strengths, votes))
    moved = (inverse @ (drawn - sums.total)[..., None])[..., 0]
    total, squared = rest[:, :1], rest[:, 1:]
    # of (s - part * sum)(s - part * sum)' the first term, the two mixed ones, and the last
    mixed = weighed / total - drawn * squared / total**2 / 2
    products = np.zeros((len(draws), rows, rows))
    products[:, sums.upper[0], sums.upper[1]] = products[:, sums.upper[1], sums.upper[0]] = upper
    products -= mixed[:, :, None] * drawn[:, None, :] + drawn[:, :, None] * mixed[:, None, :]
    errors = standard_errors(design, inverse @ products @ inverse)
    apart = (moved[:, :, None] - moved[:, None, :]).reshape(len(moved), -1)
    away = np.abs(np.concatenate([moved @ design.centring.T, apart], axis=1))
    return np.where(away > _TINY, away / np.maximum(errors, _TINY), 0.0)
