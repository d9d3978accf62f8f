"""What clocks show when they are changed: nothing is shown in a gap, and some times twice."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.clock import utc_now, wall_moment


@pytest.mark.parametrize(
    ("zone", "there", "moment"),
    [
        ("Europe/Berlin", "2027-07-01 12:00", "2027-07-01 10:00"),
        ("Europe/Berlin", "2027-01-01 12:00", "2027-01-01 11:00"),
        # the gap from 2 to 3 o'clock: the first moment after it
        ("Europe/Berlin", "2027-03-28 01:59", "2027-03-28 00:59"),
        ("Europe/Berlin", "2027-03-28 02:00", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-03-28 02:59:59.5", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-03-28 03:00", "2027-03-28 01:00"),
        ("Europe/Berlin", "2027-03-28 03:01", "2027-03-28 01:01"),
        # the doubled hour from 2 to 3 o'clock: the first one
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
        ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        # half an hour only
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45"),
        # a day that was left out
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
    ],
)
def test_a_time_of_day_is_one_moment(zone: str, there: str, moment: str) -> None:
    wall = datetime.fromisoformat(there)
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert wall_moment(wall.date(), wall.time(), ZoneInfo(zone)) == expected


def test_utc_has_neither_gaps_nor_doubles() -> None:
    assert wall_moment(date(2027, 3, 28), time(2, 30), UTC) == datetime(2027, 3, 28, 2, 30, tzinfo=UTC)
    assert utc_now().tzinfo is UTC
