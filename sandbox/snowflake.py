"""Discord's ids: 42 bits of milliseconds since 2015, then worker and a counter."""

from __future__ import annotations

from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000


_MOST_DIGITS = 20


def whole(text: str) -> int | None:
    """Return the number that ASCII digits write, or None; Python reads other digits too, and fails on thousands."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


class Snowflakes:
    """Gives out ids that only grow, also when the clock stands still or steps back."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self, now: datetime) -> int:
        """Return an id for the moment `now`, larger than every id before it."""
        wanted = (int(now.timestamp() * 1000) - EPOCH_MS) << 22
        self.last = max(wanted, self.last + 1)
        return self.last


def created_at(snowflake: int) -> datetime:
    """Return the moment that an id carries."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, tz=UTC)
