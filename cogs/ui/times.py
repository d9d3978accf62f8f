"""Times as people type them: "in 3 days", "Fri 18:00", "tomorrow 9am", "2026-12-01 18:00"."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import InvalidInputError

EXAMPLES = "“in 3 days”, “20 minutes”, “Fri 18:00” or “2026-12-01 18:00”"

_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNITS = r"(?P<m>m|mins?|minutes?)|(?P<h>h|hrs?|hours?)|(?P<d>d|days?)|(?P<w>w|wks?|weeks?)"  # what "in 2 ..." may say
_AMOUNT = re.compile(rf"(?P<amount>\d{{1,5}}(?:\.\d+)?|an?|one)\s*(?:{_UNITS})(?![a-z])(?:\s*,)?(?:\s*and\b)?\s*")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CLOCK = re.compile(r"(?:^|\s|,)(?:at\s+)?(?:(\d{1,2})[:.h](\d{2})\s*(am|pm)?|(\d{1,2})\s*(am|pm)|(noon|midnight))$")
_STAMP = re.compile(r"<t:(\d{1,11})(?::[a-z])?>", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ISO_T = re.compile(r"(?<=^\d{4}-\d\d-\d\d)t(?=\d)")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?:(\d{4}))?")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s+([a-z]{3,9})\.?(?:,?\s+(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")


def parse_time(typed: str, now: datetime, zone: ZoneInfo, *, field: str) -> datetime:
    """Return the moment that `typed` names, in UTC; what has no date means the next such moment after `now`.

    Raises:
        InvalidInputError: it cannot be read; carries `field`.
    """
    text = _ISO_T.sub(" ", " ".join(typed.lower().split()))
    try:
        moment = _stamp(text) or _duration(text, now) or _calendar(text, now.astimezone(zone), zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        if _bare_day(text):
            raise InvalidInputError(field, f"“{typed.strip()[:60]}” has no time of day; write it like “Fri 18:00”.")
        raise InvalidInputError(field, f"“{typed.strip()[:60]}” is not a time I can read. Write it like {EXAMPLES}.")
    return moment.astimezone(UTC)


def _stamp(text: str) -> datetime | None:
    match = _STAMP.fullmatch(text)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _duration(text: str, now: datetime) -> datetime | None:
    rest = text.removeprefix("in ").strip()
    seconds = 0.0
    while rest:
        match = _AMOUNT.match(rest)
        if match is None:
            return None
        unit = next(name for name in _SECONDS if match[name])
        seconds += (1 if match["amount"][0].isalpha() else float(match["amount"])) * _SECONDS[unit]
        rest = rest[match.end() :]
    return now + timedelta(seconds=seconds) if seconds else None


def _calendar(text: str, here: datetime, zone: ZoneInfo) -> datetime | None:
    """Read a day and a time of day; `here` is now on the clocks of `zone`."""
    match = _CLOCK.search(text)
    if match is None:
        return None
    clock = _clock(match)
    day = text[: match.start()].strip().removeprefix("on ").rstrip(",")
    if not day:
        moment = datetime.combine(here.date(), clock, zone)
        return moment if moment > here else datetime.combine(here.date() + timedelta(days=1), clock, zone)
    found = _day(day, here.date())
    if found is None:
        return None
    days, repeats = found
    moment = datetime.combine(days, clock, zone)
    if moment <= here and repeats:
        moment = datetime.combine(_again(days, repeats), clock, zone)
    return moment


def _clock(match: re.Match[str]) -> time:
    hour, minute, half, short_hour, short_half, word = match.groups()
    if word:
        return time(12 if word == "noon" else 0)
    value, half = int(hour or short_hour), half or short_half
    if half:
        if not 1 <= value <= 12:  # noqa: PLR2004
            raise ValueError(value)
        value = value % 12 + (12 if half == "pm" else 0)
    return time(value, int(minute or 0))


def _day(text: str, today: date) -> tuple[date, str] | None:
    """Return the day and how it comes again when it has passed: "week", "year" or "" (never)."""
    if text in {"today", "tonight", "tomorrow"}:
        return today + timedelta(days=text == "tomorrow"), ""
    for number, name in enumerate(_WEEKDAYS):
        if len(text) >= 3 and name.startswith(text.removesuffix(".")):  # noqa: PLR2004
            return today + timedelta(days=(number - today.weekday()) % 7), "week"
    return _date(text, today)


def _date(text: str, today: date) -> tuple[date, str] | None:
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3])), ""
    if match := _DOTTED.fullmatch(text):
        return _dated(match[1], match[2], match[3], today)
    if match := _DAY_MONTH.fullmatch(text):
        return _dated(match[1], _month(match[2]), match[3], today)
    if match := _MONTH_DAY.fullmatch(text):
        return _dated(match[2], _month(match[1]), match[3], today)
    return None


def _dated(day: str, month: str | int, year: str | None, today: date) -> tuple[date, str]:
    if year:
        return date(int(year), int(month), int(day)), ""
    this_year = date(today.year, int(month), int(day))
    return (this_year, "year") if this_year >= today else (_again(this_year, "year"), "")


def _again(day: date, repeats: str) -> date:
    return day + timedelta(days=7) if repeats == "week" else day.replace(year=day.year + 1)


def _month(word: str) -> int:
    for number, name in enumerate(_MONTHS, start=1):
        if name.startswith(word):
            return number
    raise ValueError(word)


def _bare_day(text: str) -> bool:
    try:
        return _day(text.removeprefix("on "), date(2024, 1, 1)) is not None
    except ValueError:
        return False
