"""Small things that every protocol's bodies need: turns that alternate, pictures as text, numbers that are numbers."""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

import orjson

from bot.backends.base import Picture, Turn

_MOST_TOKENS = 1_000_000_000


def alternating(turns: Iterable[Turn]) -> list[Turn]:
    """Return turns of which the first is a user's and no two neighbours have one role, as chat templates demand."""
    found: list[Turn] = []
    for turn in turns:
        if not turn.text.strip() and not turn.pictures:
            continue
        if found and found[-1].role == turn.role:
            before = found.pop()
            text = "\n\n".join(part for part in (before.text, turn.text) if part)
            found.append(replace(before, text=text, pictures=before.pictures + turn.pictures))
        elif found or turn.role == "user":
            found.append(turn)
    return found


def base64_of(picture: Picture) -> str:
    """Return a picture's bytes as text."""
    return base64.b64encode(picture.content).decode("ascii")


def data_url(picture: Picture) -> str:
    """Return a picture as an address that holds it."""
    return f"data:{picture.media_type};base64,{base64_of(picture)}"


def object_of(data: bytes) -> tuple[dict[str, Any], bool]:
    """Decode a JSON object, and say whether its text may hold halves of characters.

    Raises:
        ValueError: it is no JSON object.
    """
    halves = False
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _leniently(data)
        halves = True
    if not isinstance(value, dict):
        msg = "not a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - malformed input, not a wrong call
    return cast("dict[str, Any]", value), halves


def _leniently(data: bytes) -> object:
    """Decode what orjson rightly refuses: bytes that are no UTF-8, and a character escaped as two halves in two events.

    Raises:
        ValueError: it is no JSON all the same.
    """
    text = data.decode("utf-8", "replace")
    if "\ufffd" not in text and "\\u" not in text:
        return None
    try:
        return json.loads(text)
    except RecursionError:
        return None


def field(value: object, key: str) -> Any:  # noqa: ANN401 - what others send
    """Return a field of what should be an object; None when it is none or lacks it."""
    return cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None


def first(value: object) -> object:
    """Return the first of what should be a list; None when it is none or empty."""
    return cast("list[object]", value)[0] if isinstance(value, list) and value else None


def listed(value: object) -> list[object]:
    """Return what should be a list; an empty one when it is none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def count(value: object) -> int | None:
    """Return a number of tokens; None when it cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def total(*counts: int | None) -> int | None:
    """Add the counts that are known; None when none is."""
    known = [number for number in counts if number is not None]
    return sum(known) if known else None
