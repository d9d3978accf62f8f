"""Bradley-Terry: the strengths under which the votes are likeliest, found by Newton's method.

The chance that i wins against j is 1/(1 + exp(s_j - s_i)); a tie is half a win for each. Every row also has `prior`
pseudo-votes, half won and half lost, against a player that stands fixed in the centre. Without them a model that won
every vote would have to stand infinitely high. Pseudo-votes rather than a ridge, because they can be told in votes and
because they do not hold back the more strongly the farther a model is ahead: one of them a row is close to what
Jeffreys' rule adds to a single pair (half a win and half a loss), and 30 real votes outweigh it.

Many fits over the same pairs (resamples) are done at once: each step is a few operations on stacks of matrices of
rows x rows, whatever the number of votes.
"""

import numpy as np

from bot.arena.ratings.counts import Numbers
from bot.arena.ratings.design import Design

STEPS = 60
"""Newton needs 4 to 8; the limit is for votes without a finite answer, which only happen without pseudo-votes."""

LONGEST = 2.0
"""No strength moves farther in one step, so that a start far away cannot run off."""

EXACT = 1e-11


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
