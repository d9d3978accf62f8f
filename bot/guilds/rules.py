"""What a server may set: time zones by the names people know them by, languages that times are read in."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

from bot.errors import InvalidInputError
from bot.guilds.places import ABBREVIATIONS, PLACES
from bot.guilds.types import ModelSettings, Purpose

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"})
"""Languages that typed times are read in, beside English, with their own names."""
DEFAULT_LANGUAGE = "en"
LONGEST_ZONE = 64
MOST_BLOCKED, LONGEST_BLOCKED = 200, 60
"""Blocked words and phrases of a server, and the characters of each."""
_PERCENT = 100
_NOT_ZONES = {"factory", "localtime", "posixrules"}
_OFFSET = re.compile(r"(?:(?:etc/)?(?:utc|gmt|z))?[ _]?[-+−–][ _]?\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_MOST_SUGGESTED = 3


def find_zone(typed: str, known: Collection[str], field: str = "zone") -> str:
    """Return the name of the time zone that `typed` means, one of `known`.

    Raises:
        InvalidInputError: there is none; suggests what comes near.
    """
    shown = typed.strip()[:LONGEST_ZONE]
    if _OFFSET.fullmatch(shown):
        raise InvalidInputError(
            field,
            f"“{shown}” is an offset: it knows no summer time, so times would be an hour off for half of the year. "
            "Write a city, such as Europe/Berlin.",
        )
    word = _plain(shown)
    if not word or len(typed) > 10 * LONGEST_ZONE:
        raise InvalidInputError(field, "Write the time zone as a city, such as Europe/Berlin or New York.")
    if meant := ABBREVIATIONS.get(word):
        raise InvalidInputError(
            field, f"“{shown}” is not the same all year round, or not everywhere. Write a city, such as {meant}."
        )
    zones = {_plain(name): name for name in known if name.lower() not in _NOT_ZONES}
    cities = _cities(zones)
    found = zones.get(word) or cities.get(word) or zones.get(_plain(PLACES.get(word, "")))
    if found:
        return found
    raise InvalidInputError(field, f"“{shown}” is not a time zone I know. {_advice(word, zones, cities)}")


def check_language(code: str, field: str = "language") -> str:
    """Return `code` when it is one of `LANGUAGES`.

    Raises:
        InvalidInputError: it is not.
    """
    if code not in LANGUAGES:
        raise InvalidInputError(field, f"Choose one of these languages: {', '.join(LANGUAGES.values())}.")
    return code


def check_purpose(purpose: str) -> Purpose:
    """Return the purpose of that name.

    Raises:
        InvalidInputError: there is none.
    """
    try:
        return Purpose(purpose)
    except ValueError:
        raise InvalidInputError("purpose", "There is no channel for such a purpose.") from None


def check_models(models: ModelSettings) -> ModelSettings:
    """Return `models` with each blocked word once and without blanks around it.

    Raises:
        InvalidInputError: too many or too long words, or a score that is none.
    """
    words = tuple(dict.fromkeys(word for part in models.blocked_words if (word := " ".join(part.split()))))
    if len(words) > MOST_BLOCKED:
        raise InvalidInputError(
            "blocked_words", f"Block at most {MOST_BLOCKED} words or phrases; these are {len(words)}."
        )
    if long := [word for word in words if len(word) > LONGEST_BLOCKED]:
        raise InvalidInputError(
            "blocked_words", f"“{long[0][:LONGEST_BLOCKED]}…” is too long: at most {LONGEST_BLOCKED} characters each."
        )
    if models.moderation is not None and not 1 <= models.moderation <= _PERCENT:
        raise InvalidInputError("moderation", "Write the least score as a percentage from 1 to 100.")
    return replace(models, blocked_words=words)


def _plain(name: str) -> str:
    """Return a name without accents, case and the difference between blanks, hyphens and underscores."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(char))
    # an offset's sign stays what it is; those names are refused before
    return re.sub(r"[\s_-]+", "_", bare.replace("’", "'")).strip("_ .")


def _cities(zones: Mapping[str, str]) -> dict[str, str]:
    """Return city to zone; where two zones are named for one city, the one with the shorter name (they are aliases)."""
    cities: dict[str, str] = {}
    for plain, name in sorted(zones.items(), key=lambda pair: (pair[0].count("/"), pair[0])):
        region, _, city = plain.rpartition("/")
        if region and region not in {"etc", "us", "canada", "systemv"}:
            cities.setdefault(city, name)
    return cities


def _advice(word: str, zones: Mapping[str, str], cities: Mapping[str, str]) -> str:
    near = {
        **{plain: PLACES[plain] for plain in PLACES},
        **cities,
        **{plain: name for plain, name in zones.items() if "/" in plain},
    }
    matches = get_close_matches(word, near, n=_MOST_SUGGESTED, cutoff=0.75)
    names = list(dict.fromkeys(near[match] for match in matches))
    if not names:
        return "Write a large city in your zone, such as Europe/Berlin or New York."
    return f"Did you mean {' or '.join(names)}?"
