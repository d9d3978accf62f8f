"""Intervals: what they are made of, and how often they cover a truth that is known."""

import numpy as np
import pytest

from bench.crowd import Crowd, covered
from bot.arena.ratings.counts import Counts, count
from bot.arena.ratings.design import Design, design_of
from bot.arena.ratings.fit import fit
from bot.arena.ratings.resampling import CHUNK, MOST, POINT, Spread, resamples, spread, standard_errors
from tests.arena.ratings.tables import LEFT, RIGHT, TIE, VoteTable, some, table


def intervals(votes: VoteTable, *, seed: int = 1, rounds: int = 1000) -> tuple[Design, Counts, Spread]:
    counts = count(votes)
    design = design_of(counts, 1.0)
    return design, counts, spread(design, counts, fit(design, counts.total, counts.won), seed=seed, rounds=rounds)


def test_the_truth_is_covered_as_often_as_is_said_and_by_single_votes_it_is_not() -> None:
    """500 boards of 100 voters; the larger table is printed by bench/intervals.py."""
    found = covered(Crowd.of(1, 4), 100, 500, others=False)

    assert 0.93 <= found["published"].rows.mean() <= 0.97
    assert found["published"].rows.min() >= 0.92
    assert found["single votes"].rows.mean() < 0.9


def test_resamples_by_hand_give_the_same_interval() -> None:
    """Whole refits, and standard errors from the scores at each refit, without any of the short cuts."""
    design, counts, found = intervals(Crowd.of(1, 4).votes(np.random.default_rng(2), 60))
    strengths = fit(design, counts.total, counts.won)
    scores = design.spread(counts.wins - counts.votes * design.chances(strengths))
    information = design.information(strengths, counts.total)
    influence = np.array(
        [
            np.linalg.solve(information - design.information(strengths, one, whole=False) / 2, score)
            for one, score in zip(counts.votes, scores, strict=True)
        ]
    )
    errors = standard_errors(design, influence.T @ influence)
    draws = np.concatenate(list(resamples(np.random.default_rng(1), len(scores), 1000))).astype(float)
    ratios = []
    for draw in draws:
        refit = fit(design, draw @ counts.votes, draw @ counts.wins, strengths)
        inverse = np.linalg.inv(design.information(refit, draw @ counts.votes))
        own = design.spread(counts.wins - counts.votes * design.chances(refit))
        moved = refit - strengths
        away = np.concatenate([design.centred(moved), (moved[:, None] - moved).ravel()])
        error = standard_errors(design, inverse @ (own.T * draw) @ own @ inverse)
        ratios.append(np.abs(away) / np.maximum(error, 1e-9))
    by_hand = (np.quantile(ratios, 0.95, axis=0) * errors).reshape(5, 4)

    assert found.rows == pytest.approx(by_hand[0], rel=0.03)
    assert found.differences == pytest.approx(by_hand[1:], rel=0.03, abs=1e-6)


def test_the_same_seed_gives_the_same_interval_and_the_chunks_add_up() -> None:
    votes = some(5, 300, 4, 30)
    rounds = 2 * CHUNK + 7
    one, again, other = (intervals(votes, seed=seed, rounds=rounds)[2] for seed in (3, 3, 4))

    assert np.array_equal(one.differences, again.differences)
    assert not np.array_equal(one.differences, other.differences)
    assert np.allclose(one.differences, one.differences.T)
    assert np.all(np.diagonal(one.differences) == 0)


def test_voters_who_vote_more_than_once_the_same_way_make_intervals_longer() -> None:
    """A hundred voters with one vote each say more than ten voters with ten each."""
    said = [LEFT] * 60 + [RIGHT] * 40
    apart = intervals(table([(0, 1, one, voter) for voter, one in enumerate(said)], 2))[2]
    together = intervals(table([(0, 1, one, voter // 10) for voter, one in enumerate(said)], 2))[2]

    assert together.rows[0] > 2 * apart.rows[0]


def test_where_everybody_agrees_the_votes_alone_set_the_length() -> None:
    design, counts, found = intervals(table([(0, 1, LEFT, voter) for voter in range(50)], 2))
    strengths = fit(design, counts.total, counts.won)
    alone = POINT * standard_errors(design, np.linalg.inv(design.information(strengths, counts.total)))[:2]

    assert np.all(found.rows > 0.3 * alone)
    assert np.all(found.rows <= alone)


def test_no_interval_runs_away_where_one_voter_alone_differs() -> None:
    votes = [(0, 1, TIE, voter) for voter in range(12)] + [(0, 1, LEFT, 12)] * 5
    design, counts, found = intervals(table(votes, 2))
    strengths = fit(design, counts.total, counts.won)
    single = standard_errors(design, np.linalg.inv(design.information(strengths, counts.total)))[0]

    assert np.isfinite(found.differences).all()
    assert found.rows[0] < 2 * MOST * single


def test_a_resample_that_misses_a_row_does_no_harm() -> None:
    votes = [(0, 1, (LEFT, RIGHT, LEFT)[voter % 3], voter) for voter in range(40)] + [(2, 1, LEFT, 3), (2, 0, LEFT, 5)]
    _, _, found = intervals(table(votes, 3))

    assert np.isfinite(found.rows).all()
    assert found.rows[2] > 2 * found.rows[0]
