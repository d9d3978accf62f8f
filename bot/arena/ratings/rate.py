"""A board from votes. numpy comes in here: import this in the thread that counts, not when the bot starts."""

import math

import numpy as np

from bot.arena.ratings.counts import Counts, Numbers, Places, count
from bot.arena.ratings.design import PRIOR, design_of
from bot.arena.ratings.fit import fit
from bot.arena.ratings.fragility import fragility
from bot.arena.ratings.resampling import Spread, spread
from bot.arena.ratings.types import Lack, Pair, Rating, Ratings, VoteTable

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
        fragility=fragility(design, counts, raw) if rounds else None,
        prior=prior,
        seed=seed,
        rounds=rounds,
        method=METHOD.format(rounds=rounds) if intervals else "",
    )


def _ratings(counts: Counts, strengths: Numbers, group: Places, intervals: Spread | None) -> tuple[Rating, ...]:
    won, lost, tied, bad = counts.outcomes.T
    wins, losses = counts.by_row(won, lost), counts.by_row(lost, won)
    ties, bads = counts.by_row(tied, tied), counts.by_row(bad, bad)
    votes, people = wins + losses + ties, counts.people
    # rounded, so that the last digits of another machine's arithmetic do not decide an order
    middles = [round(CENTRE + SCALE * float(strength), 2) for strength in strengths]
    same = group[:, None] == group
    halves: list[float | None] = [None] * counts.rows
    ahead = behind = np.zeros((counts.rows, counts.rows), dtype=bool)
    if intervals is not None:
        judged = people >= FEWEST_VOTERS
        comparable, apart = same & judged[:, None] & judged, strengths[:, None] - strengths
        ahead, behind = comparable & (apart < -intervals.differences), comparable & (apart > intervals.differences)
        halves = [SCALE * float(half) if enough else None for half, enough in zip(intervals.rows, judged, strict=True)]
    return tuple(
        Rating(
            row=row,
            rating=middles[row],
            low=None if (half := halves[row]) is None else round(middles[row] - half, 2),
            high=None if half is None else round(middles[row] + half, 2),
            best_rank=1 + int(ahead[row].sum()),
            worst_rank=int(same[row].sum() - behind[row].sum()) if votes[row] else counts.rows,
            votes=int(votes[row]),
            voters=int(people[row]),
            wins=int(wins[row]),
            ties=int(ties[row]),
            losses=int(losses[row]),
            bad=int(bads[row]),
            lacks=_lacks(int(votes[row]), int(people[row]), int(group[row])),
            group=int(group[row]),
        )
        for row in sorted(range(counts.rows), key=lambda row: (not votes[row], int(group[row]), -middles[row], row))
    )


def _lacks(votes: int, people: int, group: int) -> tuple[Lack, ...]:
    """Return what a row lacks for more than a preliminary rating."""
    lacks = {
        Lack.BATTLES: votes < ENOUGH_VOTES,
        Lack.VOTERS: people < ENOUGH_VOTERS,
        Lack.UNCONNECTED: group > 0,
    }
    return tuple(lack for lack, holds in lacks.items() if holds)


def _pairs(counts: Counts) -> tuple[Pair, ...]:
    return tuple(
        Pair(int(first), int(second), *(int(counts.outcomes[pair, column]) for column in (0, 1, 2, 3)))
        for pair, (first, second) in enumerate(zip(counts.first, counts.second, strict=True))
    )
