"""What comes again by the calendar: on some weekdays at a time of day, on the clocks of a zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.clock import wall_moment

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A time of day on some `weekdays` (0 is Monday)."""

    at: time
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            msg = f"weekdays are numbers from 0 (Monday) to 6, at least one: {sorted(self.weekdays)}"
            raise ValueError(msg)
        if self.at.tzinfo is not None:
            msg = f"a time of day has no zone of its own: {self.at!r}"
            raise ValueError(msg)


def daily(at: time) -> Recurrence:
    """Every day at this time."""
    return Recurrence(at)


def weekly(weekday: int, at: time) -> Recurrence:
    """Every week on this day (0 is Monday) at this time."""
    return Recurrence(at, frozenset({weekday}))


def next_moment(rule: Recurrence, after: datetime, zone: tzinfo) -> datetime:
    """Return the first moment after `after`, in UTC, at which the clocks of `zone` reach what the rule says.

    Where they jump over it, that is the first moment after the gap; where they show it twice, the first time.
    """
    # from two days before: what lies in a gap may be moved into the next day, and a zone may skip a whole day
    day: date = after.astimezone(zone).date() - 2 * _DAY
    while True:
        if day.weekday() in rule.weekdays:
            moment = wall_moment(day, rule.at, zone)
            if moment > after:
                return moment
        day += _DAY
