"""All ballots of a poll as arrays: one row an option, one column a different ballot.

Rows are options and not ballots, because then each step of a count is a few passes over long rows of bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

UNRANKED = 255
AT_ONCE = 20_000
"""Ballots that are packed in one step; no step may keep other threads from running for long."""
_WORD = 8

Marks = NDArray[np.uint8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Different ballots and what each weighs: `marks[option, ballot]` and `weights[ballot]`.

    A mark is a rank, 0 the best and 255 for unranked, or in a score poll a score, 255 for none.
    """

    marks: Marks
    weights: Numbers

    @classmethod
    def of(cls, groups: Iterable[tuple[bytes, int]], options: int) -> Self:
        """Pack ballots, given as (marks, what such ballots weigh together) in any order.

        A ballot that is shorter than there are options leaves the last ones unranked. Equal ballots become one.

        Raises:
            ValueError: a ballot is longer, or the weights do not fit 64 bits.
        """
        parts = [_part(some, options) for some in _slices(groups)]
        if not parts:
            return cls(np.zeros((options, 0), np.uint8), np.zeros(0, np.int64))
        ballots = np.concatenate([words for words, _ in parts])
        return cls(*_unique(ballots, np.concatenate([weights for _, weights in parts]), options))

    @property
    def options(self) -> int:
        """How many options there are."""
        return self.marks.shape[0]

    @property
    def weight(self) -> int:
        """What all ballots weigh together."""
        return int(self.weights.sum())

    @property
    def is_silent(self) -> bool:
        """Whether no ballot says anything about any option."""
        return bool((self.marks == UNRANKED).all())

    def summed(self, chosen: NDArray[np.bool_]) -> list[int]:
        """Weigh the ballots that are chosen in each row."""
        return [int(self.weights[row].sum()) for row in chosen]


def _slices(groups: Iterable[tuple[bytes, int]]) -> Iterator[list[tuple[bytes, int]]]:
    rest = iter(groups)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _part(groups: list[tuple[bytes, int]], options: int) -> tuple[NDArray[np.uint64], Numbers]:
    """Return ballots as whole words (their bytes and then zeros), and their weights."""
    packed = b"".join([marks.ljust(options, b"\xff") for marks, _ in groups])
    if len(packed) != options * len(groups):
        raise ValueError(f"A ballot has more than {options} marks")
    try:
        weights = np.array([weight for _, weight in groups], np.int64)
    except OverflowError as error:
        raise ValueError("A ballot weighs more than can be counted") from error
    padded = np.zeros((len(groups), -(-options // _WORD) * _WORD), np.uint8)
    padded[:, :options] = np.frombuffer(packed, np.uint8).reshape(len(groups), options)
    return padded.view(np.uint64), weights


def _unique(ballots: NDArray[np.uint64], weights: Numbers, options: int) -> tuple[Marks, Numbers]:
    """Make equal ballots one."""
    order = np.lexsort(ballots.T) if ballots.shape[1] > 1 else np.argsort(ballots[:, 0])
    ballots = ballots[order]
    is_first = np.ones(len(ballots), np.bool_)
    is_first[1:] = (ballots[1:] != ballots[:-1]).any(axis=1)
    starts = np.flatnonzero(is_first)
    marks = ballots[starts].view(np.uint8)[:, :options]
    return np.ascontiguousarray(marks.T), np.add.reduceat(weights[order], starts)
