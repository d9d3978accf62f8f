"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from cogs.ui.time_words import LANGUAGES
from cogs.ui.times import parse_time, time_hint

BERLIN = ZoneInfo("Europe/Berlin")
# Tuesday, 13:00 in Berlin
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def parse(text: str, language: str = "en") -> datetime:
    return parse_time(text, NOW, BERLIN, field="closes", language=language)


def at(there: str, zone: ZoneInfo = BERLIN) -> datetime:
    """What the clocks of the zone show; of a doubled hour the first."""
    return datetime.fromisoformat(there).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("20 minutes", timedelta(minutes=20)),
        ("in 5 seconds", timedelta(seconds=5)),
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
        ("in two hours", timedelta(hours=2)),
        ("in 1h30", timedelta(minutes=90)),
        ("１２ hours", timedelta(hours=12)),
        ("१० minutes", timedelta(minutes=10)),
        ("in\u00a03\u200b days", timedelta(days=3)),
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
    assert parse(text) == at(there)
    assert parse(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("language", "text", "there"),
    [
        ("de", "Fr 18:00", "2026-11-27 18:00"),
        ("de", "fr. 18 Uhr", "2026-11-27 18:00"),
        ("de", "am Freitag um 18 Uhr 30", "2026-11-27 18:30"),
        ("de", "in 3 Tagen", "2026-11-27 13:00"),
        ("de", "in einer Woche und 2 Stunden", "2026-12-01 15:00"),
        ("de", "20 Minuten", "2026-11-24 13:20"),
        ("de", "1,5 Std.", "2026-11-24 14:30"),
        ("de", "morgen 18 Uhr", "2026-11-25 18:00"),
        ("de", "übermorgen 9:30 Uhr", "2026-11-26 09:30"),
        ("de", "heute Abend 20 Uhr", "2026-11-24 20:00"),
        ("de", "So 18:00", "2026-11-29 18:00"),
        ("de", "Sonnabend 18:00", "2026-11-28 18:00"),
        ("de", "1. Dezember 18:00", "2026-12-01 18:00"),
        ("de", "Dienstag, den 1. Dezember 2026, um 18.00 Uhr", "2026-12-01 18:00"),
        ("de", "3. März mittags", "2027-03-03 12:00"),
        ("de", "1.12. 18:00", "2026-12-01 18:00"),
        ("de", "in einem Jahr", "2027-11-24 13:00"),
        ("fr", "dans 3 jours", "2026-11-27 13:00"),
        ("fr", "dans une heure et 20 minutes", "2026-11-24 14:20"),
        ("fr", "dans 1h30", "2026-11-24 14:30"),
        ("fr", "18h", "2026-11-24 18:00"),
        ("fr", "1h30", "2026-11-25 01:30"),
        ("fr", "ven. 18h30", "2026-11-27 18:30"),
        ("fr", "vendredi à 18 h 30", "2026-11-27 18:30"),
        ("fr", "mar 18:00", "2026-11-24 18:00"),
        ("fr", "demain 18h", "2026-11-25 18:00"),
        ("fr", "après-demain midi", "2026-11-26 12:00"),
        ("fr", "aujourd’hui 18 heures", "2026-11-24 18:00"),
        ("fr", "le 1er décembre 18:00", "2026-12-01 18:00"),
        ("fr", "1/12/2026 18h", "2026-12-01 18:00"),
        ("fr", "2 févr. 9h", "2027-02-02 09:00"),
        ("es", "en 3 días", "2026-11-27 13:00"),
        ("es", "dentro de una semana", "2026-12-01 13:00"),
        ("es", "vie 18:00", "2026-11-27 18:00"),
        ("es", "el miércoles a las 18:00", "2026-11-25 18:00"),
        ("es", "mañana 18:00", "2026-11-25 18:00"),
        ("es", "manana a las 18:00", "2026-11-25 18:00"),
        ("es", "pasado mañana a mediodía", "2026-11-26 12:00"),
        ("es", "1 de diciembre de 2026 a las 18:00", "2026-12-01 18:00"),
        ("es", "1/12 18:00", "2026-12-01 18:00"),
        ("es", "en 2 años", "2028-11-24 13:00"),
    ],
)
def test_other_languages(language: str, text: str, there: str) -> None:
    assert parse(text, language) == at(there)


@pytest.mark.parametrize("language", ["de", "fr", "es", "tlh"])
@pytest.mark.parametrize("text", ["in 3 days", "Fri 18:00", "tomorrow 9am", "Dec 1st 18:00", "2026-12-01 18:00"])
def test_english_is_read_everywhere(language: str, text: str) -> None:
    assert parse(text, language) == parse(text)


def test_other_languages_are_read_only_where_they_are_set() -> None:
    for text in ("in 3 Tagen", "demain 18h", "1/12 18:00"):
        with pytest.raises(InvalidInputError, match="Fri 18:00"):
            parse(text)
    with pytest.raises(InvalidInputError, match=r"“in 3 Tagen”, .*“Fr 18:00” or “1. Dezember 18:00”"):
        parse("irgendwann", "de")
    with pytest.raises(InvalidInputError, match=r"has no time of day; write it like “ven\. 18h30”"):
        parse("vendredi", "fr")


def test_every_example_and_hint_can_be_read() -> None:
    for language, words in LANGUAGES.items():
        for example in words.examples:
            assert parse(example, language) > NOW
            assert example in (time_hint(language) + words.examples[3])
    assert time_hint("en") == "Such as: in 3 days · 20 minutes · Fri 18:00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_has_two_meanings(language: str) -> None:
    words = LANGUAGES[language]
    for names in (words.weekdays, words.months):
        for name in names:
            assert parse_time(f"1 {name} 2027 9:00" if names is words.months else f"{name} 9:00", NOW, BERLIN,
                              field="closes", language=language)  # fmt: skip
    plain = {*words.units, *words.amounts, *words.days, *words.clocks, *words.weekdays, *words.months}
    assert {word for word in plain if not word.replace(" ", "").replace("'", "").isascii()} == set()


@pytest.mark.parametrize(
    ("zone", "now", "text", "there"),
    [
        # the hour from 2 to 3 is left out: the first moment after it
        ("Europe/Berlin", "2027-03-27 12:00", "tomorrow 2:30", "2027-03-28 03:00"),
        ("Europe/Berlin", "2027-03-27 12:00", "tomorrow 3:00", "2027-03-28 03:00"),
        ("America/New_York", "2027-03-13 12:00", "Sun 2:30am", "2027-03-14 03:00"),
        ("Australia/Lord_Howe", "2026-10-03 12:00", "tomorrow 2:10", "2026-10-04 02:30"),
        # the hour comes twice: the first
        ("Europe/Berlin", "2026-10-24 12:00", "tomorrow 2:30", "2026-10-25 02:30"),
        ("America/New_York", "2026-10-31 12:00", "Nov 1 1:30", "2026-11-01 01:30"),
        ("Australia/Lord_Howe", "2027-04-03 12:00", "tomorrow 1:45", "2027-04-04 01:45"),
        # days keep the time of day, hours do not
        ("Europe/Berlin", "2026-10-24 12:00", "in 1 day", "2026-10-25 12:00"),
        ("Europe/Berlin", "2026-10-24 12:00", "in 24 hours", "2026-10-25 11:00"),
        ("Europe/Berlin", "2027-03-27 12:00", "in 1 day", "2027-03-28 12:00"),
        ("Europe/Berlin", "2027-03-27 12:00", "24h", "2027-03-28 13:00"),
        ("Europe/Berlin", "2027-03-27 02:30", "in 1 day", "2027-03-28 03:00"),
        ("Europe/Berlin", "2027-03-21 12:00", "1 week and 1 hour", "2027-03-28 13:00"),
        ("America/New_York", "2026-10-25 12:00", "in 2 weeks", "2026-11-08 12:00"),
        ("Australia/Lord_Howe", "2026-10-03 12:00", "1 day", "2026-10-04 12:00"),
        ("Australia/Lord_Howe", "2026-10-03 12:00", "24 hours", "2026-10-04 12:30"),
        # years and ends of months
        ("Europe/Berlin", "2026-11-24 12:00", "in 1 year", "2027-11-24 12:00"),
        ("Europe/Berlin", "2027-01-31 12:00", "in a month", "2027-02-28 12:00"),
        ("Europe/Berlin", "2028-02-29 12:00", "in 1 year", "2029-02-28 12:00"),
        ("Europe/Berlin", "2026-11-24 12:00", "29 Feb 18:00", "2028-02-29 18:00"),
        ("Europe/Berlin", "2096-03-01 12:00", "29 Feb 18:00", "2104-02-29 18:00"),
        ("Europe/Berlin", "2028-02-29 19:00", "29 Feb 18:00", "2032-02-29 18:00"),
        ("Pacific/Kiritimati", "2026-12-31 23:00", "tomorrow 0:30", "2027-01-01 00:30"),
    ],
)
def test_where_clocks_and_calendars_jump(zone: str, now: str, text: str, there: str) -> None:
    place = ZoneInfo(zone)
    assert parse_time(text, at(now, place).astimezone(UTC), place, field="closes") == at(there, place).astimezone(UTC)


def test_the_doubled_hour_itself() -> None:
    second = datetime(2026, 10, 25, 1, 45, tzinfo=UTC)  # 2:45 for the second time
    for text, hours in (("2:30", 24), ("in 1 hour", 1), ("tomorrow 2:30", 24)):
        moment = parse_time(text, second, BERLIN, field="closes")
        assert moment - second == timedelta(hours=hours, minutes=-15 if hours == 24 else 0)


@pytest.mark.parametrize(
    "text",
    ["1 " * 100, "1" * 200, "a " * 100, "in " * 66, "1h" * 100, "1d " * 66, "fri " * 50, "," * 200, "<t:" * 66,
     "1." * 100, "1/" * 100, " " * 200, "18:00 " * 33, "an an an " * 22, "a.m" * 66, "a. m" * 50, "9" * 4000,
     "in 1d," * 700, "\u0301" * 200, "ﷺ" * 200, "\u202e" * 200, "½ day", "² days", "Ⅳ days", "一天",
     "завтра 18:00", "明日18時",
     "\ud800 18:00"],
)  # fmt: skip
def test_hostile_text_is_refused_in_no_time(text: str) -> None:
    started = process_time()
    for language in LANGUAGES:
        for _ in range(20):
            with pytest.raises(InvalidInputError):
                parse(text, language)
    assert process_time() - started < 10


def test_summer_time_counts() -> None:
    # Berlin is an hour further from UTC in July
    assert parse("2027-07-01 12:00") == datetime(2027, 7, 1, 10, 0, tzinfo=UTC)
    assert parse("2026-12-01 12:00") == datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


def test_a_stamp_copied_from_discord() -> None:
    assert parse("<t:1800000000:R>") == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "3", "3 dayz", "in days", "Fri 25:00", "Fri 13pm", "32 Dec 18:00", "2026-13-01 18:00", "0 days",
     "Frx 18:00", "99999 weeks " * 40, "ju 1 18:00", "18:60", "30 Feb 12:00", "1.5 months", "31 Apr",
     "on", "2026-02-30", "x" * 4000],
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


WORDS = st.lists(
    st.sampled_from([*"0123456789:.,h-/ ", " ", "in ", "dans ", "Tag ", "fri ", "mar ", "día ", "29 feb ",
                     "uhr", "pm", "9999"]),
    max_size=14,
).map("".join)  # fmt: skip


@given(st.text(max_size=60) | WORDS, st.sampled_from(sorted(LANGUAGES)))
def test_nothing_typed_breaks_it(text: str, language: str) -> None:
    try:
        moment = parse(text, language)
    except InvalidInputError:
        return
    assert moment.tzinfo is UTC


@given(st.datetimes(datetime(2026, 11, 24, 14), datetime(2036, 1, 1)))  # noqa: DTZ001 - a wall clock's
def test_iso_days_come_back(there: datetime) -> None:
    there = there.replace(second=0, microsecond=0)
    parsed = parse(f"{there:%Y-%m-%d %H:%M}")
    # an hour that the clocks skip in spring does not exist: it is moved, never refused
    assert abs(parsed.astimezone(BERLIN).replace(tzinfo=None) - there) <= timedelta(hours=1)
