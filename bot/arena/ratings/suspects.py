"""Which voters do not vote like people who have an opinion about the answers, and how sure that is.

Each voter is held against a fit of all others' votes, by a likelihood ratio. On one side stands a mixture of what
cheaters and machines do: vote at random, vote the other way round, press the same side each time. On the other side
stands somebody like the rest, who has tastes of their own: their strengths scatter around those of the rest as much as
the rest's do among themselves, and the likelihood is taken over all such tastes (Laplace's approximation). Without that
room, members who simply prefer other models would be called cheaters.

Such a ratio is an e-value: for an honest voter its mean is 1 at every moment, so it ever exceeds 1/level with a chance
of at most the level (Ville 1939), and one may look after each vote. Ties and "both bad" say nothing here, because how
readily people call a tie differs too much.
"""

import numpy as np
from numpy.typing import NDArray

from bot.arena.ratings.counts import Counts, Numbers, count
from bot.arena.ratings.design import PRIOR, Design, design_of
from bot.arena.ratings.fit import fit
from bot.arena.ratings.types import Fairness, Outcome, VoteTable

FEWEST_VOTES = 5
"""Decided votes from which on a voter is looked at."""

LEVEL = 0.01
"""An honest voter is named with at most this chance."""

ONE_SIDED = 0.95
"""How often somebody who always presses the same side does so."""

CHUNK = 100
STEPS = 30
EXACT = 1e-6

_MOST = 600.0
"""Evidence is told up to exp(600), which a float can hold."""


def suspects(votes: VoteTable, *, prior: float = PRIOR, level: float = LEVEL) -> tuple[Fairness, ...]:
    """Return voters whose evidence exceeds 1/level, the strongest first. How votes are ordered makes no difference."""
    decided = [place for place, said in enumerate(votes.outcome) if said in {Outcome.LEFT, Outcome.RIGHT}]
    table = VoteTable(
        votes.rows,
        tuple(votes.left[place] for place in decided),
        tuple(votes.right[place] for place in decided),
        tuple(votes.outcome[place] for place in decided),
        tuple(votes.voter[place] for place in decided),
    )
    counts = count(table)
    many = counts.votes.sum(axis=1)
    looked_at = np.flatnonzero(many >= FEWEST_VOTES)
    if len(many) < 2 or not len(looked_at):  # noqa: PLR2004
        return ()
    evidence = _evidence(design_of(counts, prior), counts, looked_at, _lefts(table, counts))
    found = [
        Fairness(int(counts.numbers[voter]), int(many[voter]), float(np.exp(min(value, _MOST))))
        for voter, value in zip(looked_at, evidence, strict=True)
        if value > -np.log(level)
    ]
    return tuple(sorted(found, key=lambda one: (-one.evidence, -one.votes, one.voter)))


def _lefts(table: VoteTable, counts: Counts) -> Numbers:
    """Return how often each voter chose the left side, in the order of the counts."""
    place = {number: place for place, number in enumerate(counts.numbers.tolist())}
    lefts = np.zeros(len(place))
    np.add.at(lefts, [place[who] for who, said in zip(table.voter, table.outcome, strict=True) if said == "left"], 1)
    return lefts


def _evidence(design: Design, counts: Counts, voters: NDArray[np.intp], lefts: Numbers) -> Numbers:
    """Return the logarithms of the e-values of voters."""
    everyone = fit(design, counts.total, counts.won)
    chance = design.chances(everyone)
    scores = design.spread(counts.wins - counts.votes * chance)
    taste = _taste(counts, chance, scores)
    found = [np.empty(0)]
    for at in range(0, len(voters), CHUNK):
        some = voters[at : at + CHUNK]
        votes, wins = counts.votes[some], counts.wins[some]
        rest = fit(design, counts.total - votes, counts.won - wins, np.tile(everyone, (len(some), 1)))
        cheating = _against(votes, wins, design.chances(rest), lefts[some])
        found.append(cheating - _honest(design, votes, wins, rest, taste[some]))
    return np.concatenate(found)


def _taste(counts: Counts, chance: Numbers, scores: Numbers) -> Numbers:
    """Return for each voter the variance of the others' tastes, by moments.

    A voter's scores have as their squares' mean the trace of their information, and on top of it the variance of tastes
    times the trace of the information squared.
    """
    weight = counts.votes * chance * (1 - chance)
    trace = 2 * weight.sum(axis=1)
    squared = ((weight @ counts.ends) ** 2).sum(axis=1) + 2 * (weight**2).sum(axis=1)
    above, per = (scores**2).sum(axis=1) / trace - 1, squared / trace
    return np.maximum((above.sum() - above) / np.maximum(per.sum() - per, 1e-12), 0)


def _against(votes: Numbers, wins: Numbers, chances: Numbers, lefts: Numbers) -> Numbers:
    """Return the log-likelihood of the mixture of voting at random, the other way round, and always one side."""
    many = votes.sum(axis=1)
    kinds = (
        -many * np.log(2),
        _likelihood(votes, wins, 1 - chances),
        lefts * np.log(ONE_SIDED) + (many - lefts) * np.log(1 - ONE_SIDED),
        lefts * np.log(1 - ONE_SIDED) + (many - lefts) * np.log(ONE_SIDED),
    )
    return np.logaddexp.reduce(kinds, axis=0) - np.log(len(kinds))


def _honest(design: Design, votes: Numbers, wins: Numbers, rest: Numbers, taste: Numbers) -> Numbers:
    """Return the log-likelihood of votes like the rest's, taken over tastes of a variance."""
    precision = 1 / np.maximum(taste, 1e-6)
    eye = np.eye(design.rows)
    own = np.zeros_like(rest)

    def curvature() -> Numbers:
        return design.information(rest + own, votes, whole=False) + precision[:, None, None] * eye

    for _ in range(STEPS):
        slope = design.spread(wins - votes * design.chances(rest + own)) - precision[:, None] * own
        step = np.clip(np.linalg.solve(curvature(), slope[..., None])[..., 0], -1, 1)
        own = own + step
        if np.abs(step).max() < EXACT:
            break
    fitted = _likelihood(votes, wins, design.chances(rest + own)) - precision * (own**2).sum(axis=1) / 2
    return fitted - (np.linalg.slogdet(curvature())[1] - design.rows * np.log(precision)) / 2


def _likelihood(votes: Numbers, wins: Numbers, chances: Numbers) -> Numbers:
    tiny = 1e-300
    return (wins * np.log(chances + tiny) + (votes - wins) * np.log(1 - chances + tiny)).sum(axis=1)
