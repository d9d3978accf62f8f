"""What comes again: by examples at changes of the clocks, and beside a walk through every minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.recurrence import EVERY_DAY, Recurrence, daily, next_moment, weekly

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC")
# around the changes of 2026 and 2027 in those zones
CHANGES = [
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2027, 2, 7, 2, tzinfo=UTC),
    datetime(2027, 3, 14, 7, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2027, 4, 3, 15, tzinfo=UTC),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walked(rule: Recurrence, after: datetime, zone: ZoneInfo) -> datetime:
    """Walk minute by minute until the clock on the wall reaches, for the first time, what the rule says."""
    moment = (after - timedelta(hours=30)).replace(second=0, microsecond=0)
    highest = moment.astimezone(zone).replace(tzinfo=None)
    while True:
        moment += MINUTE
        wall = moment.astimezone(zone).replace(tzinfo=None)
        reached = [
            target
            for target in (datetime.combine(day, rule.at) for day in {highest.date(), wall.date()})
            if highest < target <= wall and target.weekday() in rule.weekdays
        ]
        highest = max(highest, wall)
        if reached and moment > after:
            return moment


@settings(max_examples=60, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    minutes=st.integers(-3 * 24 * 60, 24 * 60),
    seconds=st.integers(0, 59),
    clock=st.one_of(st.times(), st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45]))),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(ZONES),
)
def test_it_is_where_a_walk_through_every_minute_ends(
    change: datetime, minutes: int, seconds: int, clock: time, weekdays: frozenset[int], zone: str
) -> None:
    rule = Recurrence(clock.replace(second=0, microsecond=0, fold=0), weekdays)
    after = change + timedelta(minutes=minutes, seconds=seconds)
    assert next_moment(rule, after, ZoneInfo(zone)) == walked(rule, after, ZoneInfo(zone))


def test_a_gap_is_stepped_over_and_a_doubled_hour_counts_once() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = daily(time(2, 30))
    assert next_moment(night, at("2027-03-27 12:00"), berlin) == at("2027-03-28 01:00")
    assert next_moment(night, at("2027-03-28 01:00"), berlin) == at("2027-03-29 00:30")
    assert next_moment(night, at("2026-10-24 12:00"), berlin) == at("2026-10-25 00:30")
    assert next_moment(night, at("2026-10-25 00:30"), berlin) == at("2026-10-26 01:30")


def test_monday_at_nine_stays_monday_at_nine() -> None:
    berlin, rule = ZoneInfo("Europe/Berlin"), weekly(0, time(9))
    moment = at("2026-10-01 00:00")
    for _ in range(60):
        moment = next_moment(rule, moment, berlin)
        there = moment.astimezone(berlin)
        assert (there.weekday(), there.time()) == (0, time(9))


def test_a_day_that_a_zone_left_out() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert next_moment(daily(time(12)), at("2011-12-30 00:00"), apia) == at("2011-12-30 10:00")
    assert next_moment(daily(time(12)), at("2011-12-30 10:00"), apia) == at("2011-12-30 22:00")


def test_rules_that_make_no_sense_are_refused() -> None:
    for weekdays in (frozenset[int](), frozenset({7}), frozenset({-1, 2})):
        with pytest.raises(ValueError, match="weekdays"):
            Recurrence(time(9), weekdays)
    with pytest.raises(ValueError, match="zone of its own"):
        daily(time(9, tzinfo=UTC))
    assert daily(time(9)).weekdays == EVERY_DAY
