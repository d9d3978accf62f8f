"""Statements over many rows at once, for SQLite's driver."""

from collections.abc import Iterator, Sequence
from typing import Any

_MOST_ROWS = 256


class RowStatement:
    """A statement whose `{rows}` are VALUES; compiled for a few amounts of rows, the rest filled up with NULL.

    The statement must skip rows whose first column is NULL.
    """

    def __init__(self, text: str, width: int) -> None:
        row = f"({', '.join('?' * width)})"
        amounts = {_filled(amount) for amount in range(1, _MOST_ROWS + 1)}
        self._texts = {amount: text.replace("{rows}", "VALUES " + ", ".join([row] * amount)) for amount in amounts}
        self._width = width

    def portions(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
        """Yield texts with their parameters, that together handle all rows."""
        for start in range(0, len(rows), _MOST_ROWS):
            portion = rows[start : start + _MOST_ROWS]
            amount = _filled(len(portion))
            values = [value for row in portion for value in row]
            values += [None] * (self._width * (amount - len(portion)))
            yield self._texts[amount], values


def _filled(amount: int) -> int:
    """Return up to how many rows so many are filled: four sizes between each power of two and the next."""
    step = max(1, (1 << (amount - 1).bit_length()) // 8)
    return -(-amount // step) * step
