"""Which way each character runs, after the Unicode Bidirectional Algorithm (UAX 9) for one line.

Left out: explicit embeddings and overrides. Whoever types one into a label wants to be read wrongly, so the characters
are taken as if they were not there (`without_controls`), and brackets are not paired (N0).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from unicodedata import bidirectional

_CONTROLS = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = {"B", "S", "WS", "ON"}


def without_controls(text: str) -> str:
    """Return `text` without the invisible characters that turn text around."""
    return text.translate(_CONTROLS)


def base_level(text: str) -> int:
    """Return 1 when the first letter runs from right to left, else 0."""
    return next((_STRONG[kind] for char in text if (kind := bidirectional(char)) in _STRONG), 0)


def levels(text: str, base: int) -> list[int]:
    """Return the level of each character: odd ones run from right to left."""
    edge = "R" if base else "L"
    kinds = [bidirectional(char) or "L" for char in text]
    _resolve_marks(kinds, edge)
    _resolve_digits(kinds, edge)
    _resolve_signs(kinds)
    _resolve_latin_digits(kinds, edge)
    _resolve_neutral(kinds, edge)
    return [_level(kind, base) for kind in kinds]


def visual(runs: Sequence[int]) -> list[int]:
    """Return the places of runs, given by their levels, in the order in which they are drawn (L2)."""
    order = list(range(len(runs)))
    for level in range(max(runs, default=0), 0, -1):
        place = 0
        for high, group in groupby(tuple(order), key=lambda at: runs[at] >= level):
            length = len(list(group))
            if high:
                order[place : place + length] = order[place : place + length][::-1]
            place += length
    return order


def _level(kind: str, base: int) -> int:
    if base % 2 == 0:
        return base + {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)
    return base + (0 if kind == "R" else 1)


def _resolve_marks(kinds: list[str], edge: str) -> None:
    # W1: a mark goes with what it stands on
    before = edge
    for at, kind in enumerate(kinds):
        if kind in {"NSM", "BN"}:
            kinds[at] = before
        before = kinds[at]


def _resolve_digits(kinds: list[str], edge: str) -> None:
    # W2, W3: digits after Arabic letters
    strong = edge
    for at, kind in enumerate(kinds):
        if kind in _STRONG:
            strong = kind
        if kind == "EN" and strong == "AL":
            kinds[at] = "AN"
        elif kind == "AL":
            kinds[at] = "R"


def _resolve_signs(kinds: list[str]) -> None:
    # W4: one sign between two digits of a number
    for at in range(1, len(kinds) - 1):
        if kinds[at - 1] == kinds[at + 1] and (
            (kinds[at] in {"ES", "CS"} and kinds[at - 1] == "EN") or (kinds[at] == "CS" and kinds[at - 1] == "AN")
        ):
            kinds[at] = kinds[at - 1]
    # W5, W6: signs beside a number belong to it, others are neutral
    for start, end, kind in _stretches(kinds):
        if kind == "ET" and "EN" in {_at(kinds, start - 1), _at(kinds, end)}:
            kinds[start:end] = ["EN"] * (end - start)
        elif kind in {"ET", "ES", "CS"}:
            kinds[start:end] = ["ON"] * (end - start)


def _resolve_latin_digits(kinds: list[str], edge: str) -> None:
    # W7: digits in left-to-right text run with it
    strong = edge
    for at, kind in enumerate(kinds):
        if kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _resolve_neutral(kinds: list[str], edge: str) -> None:
    # N1, N2: what lies between two texts of one direction runs with them, the rest with the line
    neutral = ["N" if kind in _NEUTRAL else kind for kind in kinds]
    for start, end, kind in _stretches(neutral):
        if kind == "N":
            sides = {_side(_at(neutral, start - 1) or edge), _side(_at(neutral, end) or edge)}
            kinds[start:end] = [sides.pop() if len(sides) == 1 else edge] * (end - start)


def _side(kind: str) -> str:
    return "R" if kind in {"AN", "EN"} else kind


def _at(kinds: Sequence[str], at: int) -> str | None:
    return kinds[at] if 0 <= at < len(kinds) else None


def _stretches(kinds: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    start = 0
    for kind, group in groupby(list(kinds)):
        end = start + len(list(group))
        yield start, end, kind
        start = end
