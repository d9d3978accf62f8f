"""Times as people type them: "in 3 days", "Fri 18:00", "tomorrow 9am", "2026-12-01 18:00"; in English and one more.

Where clocks change: a time of day that they skip is taken for the first moment after the gap, one that they show twice
for the first. "In 2 hours" is two hours from now; "in 2 days" is at the same time of day, two days later.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import wall_moment
from bot.errors import InvalidInputError
from cogs.ui.time_words import ENGLISH, LANGUAGES, TimeWords

LONGEST = 200
"""Characters; more than anybody needs for a time."""
_MOST_AMOUNTS = 12
_LEAP_CYCLE = 9
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"o": 1, "y": 12}

_STAMP = re.compile(r"<t:(\d{1,11})(?::[a-z])?>")
_ISO_T = re.compile(r"(?<=^\d{4}-\d\d-\d\d)t(?=\d)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|\.)?")
_YEAR = re.compile(r"\d{4}")
# one amount of a span at its beginning: a number or a word, and a unit
_AMOUNT = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?|[a-z]{1,8}(?= ))\s?([a-z]{1,8})(?![a-z])\.?")
_HOURS_MINUTES = re.compile(r"(\d{1,3})\s?h\s?(\d{2})$")
_HOUR = re.compile(r"\d{1,2}\s?h(?:\s?\d{2})?")
# a time of day at the end
_CLOCKS = (
    re.compile(r"(?<!\S)(\d{1,2})\s?[:.h]\s?(\d{2})(?:\s?(am|pm|uhr|h))?$"),
    re.compile(r"(?<!\S)(\d{1,2})\s?(am|pm|uhr|h|heures?|horas?)$"),
    re.compile(r"(?<!\S)(\d{1,2})\s?(?:uhr)\s?(\d{2})$"),
)
_HALF_DAY = 12


@dataclass(frozen=True, slots=True)
class _Day:
    """A day, and how it comes again when its time has passed: in so many days, next year, or never."""

    day: date
    again_days: int = 0
    again_yearly: bool = False


def time_examples(language: str) -> tuple[str, ...]:
    """Return times as they are typed in a language."""
    return LANGUAGES.get(language, ENGLISH).examples


def time_hint(language: str) -> str:
    """Return what a form says beside a field for a time."""
    span, short, day, _ = LANGUAGES.get(language, ENGLISH).examples
    return f"Such as: {span} · {short} · {day}"


def parse_time(typed: str, now: datetime, zone: ZoneInfo, *, field: str, language: str = "en") -> datetime:
    """Return the moment that `typed` names, in UTC; what has no date means the next such moment after `now`.

    It is read in `language` first and in English then.

    Raises:
        InvalidInputError: it cannot be read; carries `field`.
    """
    words = LANGUAGES.get(language, ENGLISH)
    readings = (words,) if words is ENGLISH else (words, ENGLISH)
    text = _normal(typed) if len(typed) <= LONGEST else ""
    for reading in readings:
        try:
            moment = _stamp(text) or _span(text, now, zone, reading) or _calendar(text, now, zone, reading)
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            return moment.astimezone(UTC)
    shown = " ".join(typed.split())[:60]
    if any(_bare_day(text, now.astimezone(zone).date(), reading) for reading in readings):
        raise InvalidInputError(field, f"“{shown}” has no time of day; write it like “{words.examples[2]}”.")
    *first, last = (f"“{example}”" for example in words.examples)
    raise InvalidInputError(field, f"“{shown}” is not a time I can read. Write it like {', '.join(first)} or {last}.")


def _normal(typed: str) -> str:
    """Return text in lower case with plain digits, spaces and apostrophes, without accents and what cannot be seen."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", typed.lower()):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            kept.append(str(digit))
        elif unicodedata.category(char) not in {"Mn", "Cf"}:
            kept.append("'" if char in "’`´" else char)
    text = re.sub(r"\b([ap])\. ?m\b\.?", r"\1m", "".join(kept))
    return _ISO_T.sub(" ", " ".join(text.split()))


def _stamp(text: str) -> datetime | None:
    match = _STAMP.fullmatch(text)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _span(text: str, now: datetime, zone: ZoneInfo, words: TimeWords) -> datetime | None:
    """Read "in 2 weeks and 1 day"."""
    rest, begins = text, False
    for word in words.within:
        if text.startswith(word + " "):
            rest, begins = text[len(word) + 1 :], True
    if begins and (match := _HOURS_MINUTES.fullmatch(rest)):
        return now + timedelta(hours=int(match[1]), minutes=int(match[2]))
    if words.says_hours and not begins and _HOUR.fullmatch(rest):
        return None
    found = _amounts(rest, words)
    if found is None or not any(found):
        return None
    seconds, days, months = found
    return _later(now, zone, months, days) + timedelta(seconds=seconds)


def _amounts(rest: str, words: TimeWords) -> tuple[float, int, int] | None:
    """Return the seconds, days and months of a span."""
    seconds, days, months = 0.0, 0, 0
    for _ in range(_MOST_AMOUNTS):
        match = _AMOUNT.match(rest)
        unit = match and words.units.get(match[2])
        if match is None or unit is None:
            return None
        amount = _amount(match[1], words)
        if unit in _SECONDS:
            seconds += amount * _SECONDS[unit]
        elif unit in _DAYS:
            whole = int(amount * _DAYS[unit])
            days += whole
            seconds += (amount * _DAYS[unit] - whole) * 86_400
        else:
            months += _whole(amount * _MONTHS[unit])
        rest = _joined(rest[match.end() :], words)
        if not rest:
            return seconds, days, months
    return None


def _amount(text: str, words: TimeWords) -> float:
    if text[0].isdigit():
        return float(text.replace(",", "."))
    if text not in words.amounts:
        raise ValueError(text)
    return words.amounts[text]


def _whole(amount: float) -> int:
    if amount != int(amount):
        raise ValueError(amount)
    return int(amount)


def _joined(rest: str, words: TimeWords) -> str:
    """Return what follows an amount, without a comma or "and"."""
    rest = rest.lstrip(" ,")
    first, _, others = rest.partition(" ")
    return others if first in words.fillers else rest


def _later(now: datetime, zone: ZoneInfo, months: int, days: int) -> datetime:
    """Return the moment so many months and days later, at the same time of day on the clocks of `zone`."""
    if not months and not days:
        return now
    here = now.astimezone(zone)
    total = here.year * 12 + here.month - 1 + months
    year, month = total // 12, total % 12 + 1
    day = date(year, month, min(here.day, monthrange(year, month)[1])) + timedelta(days=days)
    return wall_moment(day, here.time(), zone)


def _calendar(text: str, now: datetime, zone: ZoneInfo, words: TimeWords) -> datetime | None:
    """Read a day and a time of day."""
    found = _clock(text, words)
    if found is None:
        return None
    clock, rest = found
    today = now.astimezone(zone).date()
    parts = rest.replace(",", " ").split()
    while parts and parts[-1] in words.before_clock:
        parts.pop()
    day = _day(parts, today, words) if parts else _Day(today, again_days=1)
    if day is None:
        return None
    moment = wall_moment(day.day, clock, zone)
    if moment > now:
        return moment
    if day.again_days:
        return wall_moment(day.day + timedelta(days=day.again_days), clock, zone)
    if day.again_yearly:
        return wall_moment(_coming(day.day.day, day.day.month, date(day.day.year + 1, 1, 1)), clock, zone)
    return moment


def _clock(text: str, words: TimeWords) -> tuple[time, str] | None:
    """Return the time of day at the end of `text`, and what stands before it."""
    before, _, last = text.rpartition(" ")
    if last in words.clocks:
        return time(words.clocks[last]), before
    pointed, bare, named = (pattern.search(text) for pattern in _CLOCKS)
    if pointed:
        return _time(pointed[1], pointed[2], pointed[3]), text[: pointed.start()]
    if bare:
        return _time(bare[1], "0", bare[2]), text[: bare.start()]
    if named:
        return _time(named[1], named[2], None), text[: named.start()]
    return None


def _time(hour: str, minute: str, half: str | None) -> time:
    value = int(hour)
    if half in {"am", "pm"}:
        if not 1 <= value <= _HALF_DAY:
            raise ValueError(value)
        value = value % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    return time(value, int(minute))


def _day(parts: Sequence[str], today: date, words: TimeWords) -> _Day | None:
    """Read a day: by its distance, its weekday or its date, or a weekday and its date."""
    phrase = " ".join(parts).replace("-", " ")
    if phrase in words.days:
        return _Day(today + timedelta(days=words.days[phrase]))
    parts = [part for part in parts if part not in words.fillers]
    if not parts:
        return None
    weekday = _named(parts[0], words.weekdays, words)
    weekday = dict(words.other_weekdays).get(parts[0]) if weekday is None else weekday
    if weekday is None:
        return _date(parts, today, words)
    if len(parts) == 1:
        return _Day(today + timedelta(days=(weekday - today.weekday()) % 7), again_days=7)
    found = _date(parts[1:], today, words)
    return found if found and found.day.weekday() == weekday else None


def _date(parts: Sequence[str], today: date, words: TimeWords) -> _Day | None:
    text = " ".join(parts)
    if match := _ISO.fullmatch(text):
        return _Day(date(int(match[1]), int(match[2]), int(match[3])))
    match = _DOTTED.fullmatch(text) or (_SLASHED.fullmatch(text) if words.reads_slashes else None)
    if match:
        return _dated(match[1], int(match[2]), match[3], today)
    if len(parts) not in {2, 3} or (len(parts) == 3 and not _YEAR.fullmatch(parts[2])):  # noqa: PLR2004
        return None
    year = parts[2] if len(parts) == 3 else None  # noqa: PLR2004
    for number, name in ((parts[0], parts[1]), (parts[1], parts[0])):
        day, month = _NUMBER.fullmatch(number), _named(name, words.months, words)
        if day and month is not None:
            return _dated(day[1], month + 1, year, today)
    return None


def _named(word: str, names: Sequence[str], words: TimeWords) -> int | None:
    """Return the place of the one name that `word` is or begins."""
    word = word.removesuffix(".")
    if len(word) < words.shortest:
        return None
    if word in names:
        return names.index(word)
    found = [place for place, name in enumerate(names) if name.startswith(word)]
    return found[0] if len(found) == 1 else None


def _dated(day: str, month: int, year: str | None, today: date) -> _Day:
    if year:
        return _Day(date(int(year), month, int(day)))
    return _Day(_coming(int(day), month, today), again_yearly=True)


def _coming(day: int, month: int, since: date) -> date:
    """Return the first such day from `since` on; the 29th of February may be years away."""
    for year in range(since.year, since.year + _LEAP_CYCLE):
        if day <= monthrange(year, month)[1] and (found := date(year, month, day)) >= since:
            return found
    msg = f"no such day: {day}.{month}."
    raise ValueError(msg)


def _bare_day(text: str, today: date, words: TimeWords) -> bool:
    try:
        return _day(text.replace(",", " ").split(), today, words) is not None
    except (ValueError, OverflowError):
        return False
