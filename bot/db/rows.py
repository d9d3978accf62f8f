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
        amounts = [1 << power for power in range(_MOST_ROWS.bit_length())]
        self._texts = {amount: text.replace("{rows}", "VALUES " + ", ".join([row] * amount)) for amount in amounts}
        self._width = width

    def portions(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
        """Yield texts with their parameters, that together handle all rows."""
        for start in range(0, len(rows), _MOST_ROWS):
            portion = rows[start : start + _MOST_ROWS]
            amount = 1 << (len(portion) - 1).bit_length()
            values = [value for row in portion for value in row]
            values += [None] * (self._width * (amount - len(portion)))
            yield self._texts[amount], values
