"""How few votes would have to be otherwise for another row to come first.

Which votes matter most follows from the fit: how a gap between two rows moves when one vote is dropped or turned round
is known to first order (influence functions; Broderick, Giordano and Meager 2020). The most influential votes are
changed, the fit is made anew, and so on until the order has truly changed; then every change that turns out to be
needless is taken back. Votes of one kind (same pair, same verdict) are alike, so there are only three kinds a pair.

So many changes do it, that is checked. That fewer cannot is not proved; a test holds it against brute force.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bot.arena.ratings.counts import Counts, Numbers, Places, count
from bot.arena.ratings.design import PRIOR, Design, design_of
from bot.arena.ratings.fit import fit
from bot.arena.ratings.types import Fragility, VoteTable

CHALLENGERS = 3
FARTHEST = 1.5
"""So many of the rows that look nearest to the first place are tried, unless they look so many times as far away."""

AHEAD = 1e-9
"""What two equal strengths may differ by through rounding."""

SINGLY = 4
"""From so few missing votes on, each is chosen by a fit of its own."""

_WORTH = np.array([1.0, 0.0, 0.5])
_GONE = 3


def fragile(votes: VoteTable, *, prior: float = PRIOR) -> Fragility | None:
    """Return how many votes the first place hangs on; None where there is no first place that anybody could lose."""
    counts = count(votes)
    design = design_of(counts, prior)
    return fragility(design, counts, fit(design, counts.total, counts.won))


def fragility(design: Design, counts: Counts, strengths: Numbers) -> Fragility | None:
    """Do the same for votes that were counted and fitted already. Only the largest group has a first place."""
    here = _Votes(design, counts.outcomes[:, :3], counts.outcomes[:, :3], strengths)
    order = here.rated[np.argsort(-strengths[here.rated], kind="stable")].tolist()
    if len(order) < 2 or not here.leads(order[0]):  # noqa: PLR2004
        return None
    leader, *others = order
    needed = {row: here.moves(leader, row, turning=True).needed(here.gap(leader, row)) for row in others}
    near = sorted(others, key=lambda row: (needed[row], row))
    near = [row for row in near[:CHALLENGERS] if needed[row] <= FARTHEST * needed[near[0]] + SINGLY]
    dropped = [_fewest(here, leader, row, turning=False) for row in near]
    fewest = min((votes for votes in dropped if votes is not None), default=None)
    turned = [(votes, row) for row in near if (votes := _fewest(here, leader, row, turning=True)) is not None]
    total = float(counts.total.sum())
    found = (Fragility(leader, row, votes, votes / total, fewest) for votes, row in turned)
    return min(found, key=lambda one: one.votes, default=None)


@dataclass(frozen=True, slots=True)
class _Moves:
    """Kinds of changes, the best first: pair, verdict, what becomes of it, how many there are, how much each does."""

    pair: Places
    old: Places
    new: Places
    many: Numbers
    effect: Numbers

    def needed(self, gap: float) -> float:
        """Return about how many votes close a gap, as far as can be told without fitting; infinite when none do."""
        reached = np.cumsum(self.many * self.effect)
        if not len(reached) or reached[-1] < gap:
            return np.inf
        at = int(np.searchsorted(reached, gap))
        before = float(reached[at - 1]) if at else 0.0
        return float(self.many[:at].sum() + max(1.0, np.ceil((gap - before) / self.effect[at])))


@dataclass(frozen=True, slots=True)
class _Votes:
    """Votes by pair and verdict (won by the first, by the second, tied), with their fit; `free` are those unchanged."""

    design: Design
    cells: Numbers
    free: Numbers
    strengths: Numbers

    @property
    def rated(self) -> Places:
        """The rows of the largest group that have votes."""
        ends, many = np.concatenate([self.design.first, self.design.second]), self.cells.sum(axis=1)
        votes = np.bincount(ends, weights=np.concatenate([many, many]), minlength=self.design.rows)
        return np.flatnonzero((votes > 0) & (self.design.group == 0))

    def leads(self, row: int) -> bool:
        """Tell whether a row is ahead of all others that are rated."""
        others = self.rated[self.rated != row]
        return bool(np.all(self.strengths[others] < self.strengths[row] - AHEAD))

    def beaten(self, row: int) -> bool:
        """Tell whether another rated row is ahead of this one."""
        return bool(np.any(self.strengths[self.rated] > self.strengths[row] + AHEAD))

    def gap(self, leader: int, challenger: int) -> float:
        """Return how far the challenger is behind."""
        return float(self.strengths[leader] - self.strengths[challenger])

    def changed(self, changes: Counter[tuple[int, int, int]]) -> "_Votes":
        """Return these votes after changes, fitted from where they were."""
        cells, free = np.concatenate([self.cells, np.zeros((len(self.cells), 1))], axis=1), self.free.copy()
        for (pair, old, new), many in changes.items():
            cells[pair, old] -= many
            cells[pair, new] += many
            free[pair, old] -= many
        cells = cells[:, :_GONE]
        votes, wins = cells.sum(axis=1), cells @ _WORTH
        return _Votes(self.design, cells, free, fit(self.design, votes, wins, self.strengths))

    def moves(self, leader: int, challenger: int, *, turning: bool) -> _Moves:
        """Return all changes of one vote that bring the challenger nearer; the best one for each kind of vote."""
        design = self.design
        wish = np.zeros(design.rows)
        wish[challenger], wish[leader] = 1, -1
        pull = np.linalg.solve(design.information(self.strengths, self.cells.sum(axis=1)), wish)
        pull = (pull[design.first] - pull[design.second])[:, None, None]
        chance = design.chances(self.strengths)[:, None]
        # a vote that goes takes away what it is worth beyond what was expected of it
        worth = np.concatenate([np.broadcast_to(_WORTH, (len(chance), 3)), chance], axis=1)
        effect = pull * (worth[:, None, :] - _WORTH[:, None])
        new = np.argmax(effect, axis=2) if turning else np.full(effect.shape[:2], _GONE)
        best = np.take_along_axis(effect, new[:, :, None], axis=2)[:, :, 0]
        pair, old = np.nonzero((best > 0) & (self.free > 0))
        order = np.argsort(-best[pair, old], kind="stable")
        pair, old = pair[order], old[order]
        return _Moves(pair, old, new[pair, old], self.free[pair, old], best[pair, old])


def _fewest(start: _Votes, leader: int, challenger: int, *, turning: bool) -> int | None:
    """Return how few changes put another row ahead of the leader; None when none do."""
    here, changes = start, Counter[tuple[int, int, int]]()
    while not here.beaten(leader):
        moves = here.moves(leader, challenger, turning=turning)
        if not len(moves.pair):
            return None
        needed = moves.needed(here.gap(leader, challenger) + AHEAD)
        left = 1 if needed <= SINGLY else max(1, int(min(needed, moves.many.sum()) / 2))
        step = Counter[tuple[int, int, int]]()
        taken = np.clip(left - (np.cumsum(moves.many) - moves.many), 0, moves.many)
        for place in np.flatnonzero(taken):
            step[int(moves.pair[place]), int(moves.old[place]), int(moves.new[place])] = int(taken[place])
        here = here.changed(step)
        changes += step
    for change in sorted(changes):
        while changes[change]:
            fewer = start.changed(changes - Counter([change]))
            if not fewer.beaten(leader):
                break
            changes -= Counter([change])
    return changes.total()
