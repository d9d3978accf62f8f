"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from cogs.ui.times import parse_time

BERLIN = ZoneInfo("Europe/Berlin")
# Tuesday, 13:00 in Berlin
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def parse(text: str) -> datetime:
    return parse_time(text, NOW, BERLIN, field="closes")


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("20 minutes", timedelta(minutes=20)),
        ("in 3 days", timedelta(days=3)),
        ("IN 3 DAYS ", timedelta(days=3)),
        ("1h30m", timedelta(minutes=90)),
        ("1 hour and 30 minutes", timedelta(minutes=90)),
        ("2 weeks, 1 day", timedelta(days=15)),
        ("1.5h", timedelta(minutes=90)),
        ("an hour", timedelta(hours=1)),
        ("in a day", timedelta(days=1)),
        ("٣ days", timedelta(days=3)),
        ("90 mins", timedelta(minutes=90)),
    ],
)
def test_spans(text: str, later: timedelta) -> None:
    assert parse(text) == NOW + later


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Fri 18:00", "2026-11-27 18:00"),
        ("friday at 6pm", "2026-11-27 18:00"),
        ("on Friday, 18:00", "2026-11-27 18:00"),
        ("Tue 18:00", "2026-11-24 18:00"),
        ("Tuesday 12:59", "2026-12-01 12:59"),
        ("tue 13:00", "2026-12-01 13:00"),
        ("mon 9:05 am", "2026-11-30 09:05"),
        ("18:00", "2026-11-24 18:00"),
        ("9:00", "2026-11-25 09:00"),
        ("today 23:59", "2026-11-24 23:59"),
        ("today 9:00", "2026-11-24 09:00"),
        ("tomorrow 9am", "2026-11-25 09:00"),
        ("tomorrow noon", "2026-11-25 12:00"),
        ("tomorrow 12am", "2026-11-25 00:00"),
        ("2026-12-01 18:00", "2026-12-01 18:00"),
        ("2026-12-01T18:00", "2026-12-01 18:00"),
        ("1.12. 18:00", "2026-12-01 18:00"),
        ("1.12.2026 18.00", "2026-12-01 18:00"),
        ("1 Dec 18:00", "2026-12-01 18:00"),
        ("Dec 1st, 2027 at 6:30 pm", "2027-12-01 18:30"),
        ("3 January 18:00", "2027-01-03 18:00"),
        ("24 Nov 18:00", "2026-11-24 18:00"),
        ("24 Nov 9:00", "2027-11-24 09:00"),
    ],
)
def test_days_and_clocks_in_the_servers_zone(text: str, there: str) -> None:
    assert parse(text) == datetime.fromisoformat(there).replace(tzinfo=BERLIN)
    assert parse(text).tzinfo is UTC


def test_summer_time_counts() -> None:
    # Berlin is an hour further from UTC in July
    assert parse("2027-07-01 12:00") == datetime(2027, 7, 1, 10, 0, tzinfo=UTC)
    assert parse("2026-12-01 12:00") == datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


def test_a_stamp_copied_from_discord() -> None:
    assert parse("<t:1800000000:R>") == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "3", "3 dayz", "in days", "Fri 25:00", "Fri 13pm", "32 Dec 18:00", "2026-13-01 18:00", "0 days",
     "Frx 18:00", "99999 weeks " * 40, "ju 1 18:00", "18:60", "30 Feb 12:00", "x" * 4000],
)  # fmt: skip
def test_what_cannot_be_read_shows_examples(text: str) -> None:
    with pytest.raises(InvalidInputError, match="Fri 18:00") as caught:
        parse(text)
    assert caught.value.field == "closes"
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", ["Fri", "tomorrow", "1 Dec", "2026-12-01"])
def test_a_day_alone_is_asked_for_its_time(text: str) -> None:
    with pytest.raises(InvalidInputError, match="has no time of day"):
        parse(text)


@given(st.text(max_size=60))
def test_nothing_typed_breaks_it(text: str) -> None:
    try:
        moment = parse(text)
    except InvalidInputError:
        return
    assert moment.tzinfo is UTC


@given(st.datetimes(datetime(2026, 11, 24, 14), datetime(2036, 1, 1)))  # noqa: DTZ001 - a wall clock's
def test_iso_days_come_back(there: datetime) -> None:
    there = there.replace(second=0, microsecond=0)
    parsed = parse(f"{there:%Y-%m-%d %H:%M}")
    # an hour that the clocks skip in spring does not exist: it is moved, never refused
    assert abs(parsed.astimezone(BERLIN).replace(tzinfo=None) - there) <= timedelta(hours=1)
