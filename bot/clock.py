"""What time it is: aware, in UTC, and handed down so that tests can set it; and what the clocks of a zone show."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

_SECOND = timedelta(seconds=1)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def wall_moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which the clocks of `zone` first show `clock` on `day`.

    A time that they skip is taken for the first moment after the gap, and one that they show twice for the first.
    """
    wall = datetime.combine(day, clock)
    # fold=0 counts with the offset before a change, fold=1 with the one after it
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown(early, zone) == wall:
        return early
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), early
    before, after = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
    new_offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after


def _shown(moment: datetime, zone: tzinfo) -> datetime:
    """Return what the clocks of `zone` show at `moment`."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
