"""A board from votes. numpy comes in here: import this in the thread that counts, not when the bot starts."""

import math

import numpy as np

from bot.arena.ratings.counts import Counts, Numbers, Places, count
from bot.arena.ratings.design import design_of
from bot.arena.ratings.fit import fit
from bot.arena.ratings.resampling import Spread, spread
from bot.arena.ratings.types import Lack, Pair, Rating, Ratings, VoteTable

PRIOR = 1.0
"""Pseudo-votes a row: half a win and half a loss against a player of 1000 (why: `fit.py`)."""

SCALE = 400 / math.log(10)
CENTRE = 1000.0

ENOUGH_VOTES = 30
ENOUGH_VOTERS = 8

FEWEST_VOTERS = 5
"""Fewer people who judged a row say nothing about how others would: no interval."""

METHOD = "95 %, by {rounds} resamples of voters: symmetric bootstrap-t with standard errors by voter (CR2)"


def rate(votes: VoteTable, *, seed: int, prior: float = PRIOR, rounds: int = 1000) -> Ratings:
    """Rate everything in a table of votes.

    The same votes give the same board, in whatever order they come and whatever numbers voters have. With `rounds` 0
    there are no intervals and no fragility, which is quick enough to be done for every week of a history.

    Ranks are among the rows of one group; a row's best rank counts those that are surely ahead of it, judged by the
    interval of the difference between the two.
    """
    counts = count(votes)
    design = design_of(counts, prior)
    raw = fit(design, counts.total, counts.won)
    strengths = design.centred(raw)
    intervals = None
    if rounds and len(counts.numbers) >= FEWEST_VOTERS:
        intervals = spread(design, counts, raw, seed=seed, rounds=rounds)
    ratings = _ratings(counts, strengths, design.group, intervals)
    return Ratings(
        ratings=ratings,
        pairs=_pairs(counts),
        votes=int(counts.total.sum()),
        voters=counts.voters,
        bad=int(counts.outcomes[:, 3].sum()),
        connected=all(rating.group == 0 for rating in ratings if rating.votes),
        fragility=None,
        prior=prior,
        seed=seed,
        rounds=rounds,
        method=METHOD.format(rounds=rounds) if intervals else "",
    )


def _ratings(counts: Counts, strengths: Numbers, group: Places, intervals: Spread | None) -> tuple[Rating, ...]:
    won, lost, tied, bad = counts.outcomes.T
    wins = counts.by_row(won, lost)
    losses = counts.by_row(lost, won)
    ties, bads = counts.by_row(tied, tied), counts.by_row(bad, bad)
    votes = wins + losses + ties
    apart = strengths[:, None] - strengths
    ahead = behind = np.zeros((counts.rows, counts.rows), dtype=bool)
    same = group[:, None] == group
    if intervals is not None:
        ahead, behind = apart < -intervals.differences, apart > intervals.differences
        ahead, behind = ahead & same, behind & same
    ratings: list[Rating] = []
    for row in sorted(range(counts.rows), key=lambda row: (not votes[row], int(group[row]), -strengths[row], row)):
        judged = bool(votes[row] and intervals is not None and counts.people[row] >= FEWEST_VOTERS)
        middle = float(CENTRE + SCALE * strengths[row])
        half = float(SCALE * intervals.rows[row]) if intervals is not None and judged else None
        lacks = (
            *((Lack.BATTLES,) if votes[row] < ENOUGH_VOTES else ()),
            *((Lack.VOTERS,) if counts.people[row] < ENOUGH_VOTERS else ()),
            *((Lack.UNCONNECTED,) if group[row] else ()),
        )
        ratings.append(
            Rating(
                row=row,
                rating=middle,
                low=None if half is None else middle - half,
                high=None if half is None else middle + half,
                best_rank=1 + int(ahead[row].sum()),
                worst_rank=int(same[row].sum() - behind[row].sum()) if votes[row] else counts.rows,
                votes=int(votes[row]),
                voters=int(counts.people[row]),
                wins=int(wins[row]),
                ties=int(ties[row]),
                losses=int(losses[row]),
                bad=int(bads[row]),
                lacks=lacks,
                group=int(group[row]),
            )
        )
    return tuple(ratings)


def _pairs(counts: Counts) -> tuple[Pair, ...]:
    return tuple(
        Pair(int(first), int(second), *(int(counts.outcomes[pair, column]) for column in (0, 1, 2, 3)))
        for pair, (first, second) in enumerate(zip(counts.first, counts.second, strict=True))
    )
