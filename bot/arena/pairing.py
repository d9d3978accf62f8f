"""Which two models meet: balance between the classes of openness first, then what the board knows least about. Pure.

Of all pairs that a pairing allows, those stay that keep the classes balanced: how often each class was shown in the
server's latest battles may differ by at most two, or by as little as any pair allows. Of these the most informative
pair meets: the one where `p (1 - p) / (n + 1)` is largest, with `p` the chance that the first one wins, by the ratings
so far, and `n` how often the two met. Equals are drawn by lot, and so are the sides.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from bot.arena.rules import OPENNESS_OF
from bot.arena.types import Line, Pairing
from bot.catalog import ModelCard, Openness

WINDOW, CLASS_WINDOW = 500, 40
"""The latest battles of a server in which it is counted who met, and how often each class was shown."""
TOLERATED = 2
"""A difference between the classes that two models of one class make, and the next battle mends."""
LONGEST = 200
"""Characters that tables have for a name or a version."""
_SCALE = 400.0
_EVEN = 0.5

Identity = tuple[str, str, str, Openness]
"""(key, version, name, openness): what makes a line."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often classes and pairs of lines were shown lately, and what the lines are rated."""

    classes: Mapping[Openness, int] = field(default_factory=dict[Openness, int])
    met: Mapping[frozenset[Identity], int] = field(default_factory=dict[frozenset[Identity], int])
    ratings: Mapping[Identity, float] = field(default_factory=dict[Identity, float])


def identity_of(card: ModelCard) -> Identity:
    """Return what makes a model's line: backends say nothing of its version beyond its name with them."""
    return card.key, card.model[:LONGEST], card.name[:LONGEST], card.openness


def line_identity(line: Line) -> Identity:
    """Return what tells a line from others."""
    return line.key, line.version, line.name, line.openness


def choose(
    candidates: Sequence[Identity], pairing: Pairing, exposure: Exposure, dice: random.Random
) -> tuple[Identity, Identity] | None:
    """Return A and B; None where no two of the candidates may meet."""
    pairs = [pair for pair in combinations(candidates, 2) if _allowed(pair, pairing)]
    if not pairs:
        return None
    there = {one[3] for pair in pairs for one in pair}
    spreads = [_spread(pair, exposure.classes, there) for pair in pairs]
    most = max(min(spreads), TOLERATED)
    balanced = [pair for pair, spread in zip(pairs, spreads, strict=True) if spread <= most]
    worth = [information(pair, exposure) for pair in balanced]
    best = max(worth)
    chosen = dice.choice([pair for pair, value in zip(balanced, worth, strict=True) if value >= best * (1 - 1e-9)])
    return chosen if dice.random() < _EVEN else (chosen[1], chosen[0])


def information(pair: tuple[Identity, Identity], exposure: Exposure) -> float:
    """Return what one more vote on a pair would tell."""
    first, second = pair
    p = _EVEN
    if first in exposure.ratings and second in exposure.ratings:
        p = 1 / (1 + 10 ** ((exposure.ratings[second] - exposure.ratings[first]) / _SCALE))
    return p * (1 - p) / (exposure.met.get(frozenset(pair), 0) + 1)


def _allowed(pair: tuple[Identity, Identity], pairing: Pairing) -> bool:
    wanted = OPENNESS_OF[pairing]
    return wanted is None or Counter(wanted) == Counter(one[3] for one in pair)


def _spread(pair: tuple[Identity, Identity], shown: Mapping[Openness, int], there: set[Openness]) -> int:
    """Return how far apart the classes would be after this pair."""
    after = Counter({openness: shown.get(openness, 0) for openness in there})
    after.update(one[3] for one in pair)
    return max(after.values()) - min(after[openness] for openness in there)
