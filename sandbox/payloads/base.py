"""Spelling of ids and times."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def iso(moment: datetime | None) -> str | None:
    """Return a time as Discord writes it: microseconds and an explicit +00:00; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def sid(snowflake: int | None) -> str | None:
    """Return an id as a string; None stays None."""
    return None if snowflake is None else str(snowflake)
