"""Reading files that others hand over, as JSON: strict, bounded, and with errors that name the place."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, cast

from bot.errors import InvalidInputError

LARGEST_FILE = 64 << 20
"""Bytes; a million ballots over eight options need less than half."""
MOST_PARTS = 2_000_000
"""Lists and objects in a file; a ballot is one."""
MOST_WHOLE = (1 << 53) - 1
"""The largest whole number that all programs read alike (RFC 8785, 3.2.2.3)."""
LONGEST_TEXT = 4_000
_LONGEST_NUMBER = 17
_SHOWN = 80
_ABSENT = object()

Choice = TypeVar("Choice", bound=StrEnum)


def read_document(data: bytes) -> object:
    """Read JSON as strictly as it is written here; only whole numbers, no name twice, nothing enormous.

    Raises:
        InvalidInputError: it does not fit (file).
    """
    if len(data) > LARGEST_FILE:
        raise _unfit(f"larger than {LARGEST_FILE >> 20} MB")
    if data.count(b"{") + data.count(b"[") > MOST_PARTS:
        raise _unfit("made of more parts than any file of ours")
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_not_whole,
            parse_constant=_not_whole,
        )
    except UnicodeDecodeError:
        raise _unfit("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _unfit(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _unfit("nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _unfit("unclear: the same name stands twice in one object")
    return members


def _whole(text: str) -> int:
    number = int(text) if len(text) <= _LONGEST_NUMBER else MOST_WHOLE + 1
    if abs(number) > MOST_WHOLE:
        raise _unfit("unreadable: a number in it is too large")
    return number


def _not_whole(_text: str) -> float:
    raise _unfit("not ours: a number in it is not whole")


def _unfit(how: str) -> InvalidInputError:
    return InvalidInputError("file", f"The file is {how}.")


class Reader:
    """A value of a file that was read, and where it stands in it. Each method raises InvalidInputError (file)."""

    __slots__ = ("_value", "_where")

    def __init__(self, value: object, where: str = "") -> None:
        self._value = value
        self._where = where

    def unfit(self, what: str) -> InvalidInputError:
        """Return the error to raise where a value is not what it should be."""
        return InvalidInputError("file", f"The file does not fit: {self._where or 'its content'} {what}.")

    def mapping(self) -> Mapping[str, Any]:
        """Return the members of an object as they are."""
        value = self._value
        if not isinstance(value, dict):
            raise self.unfit("is no object")
        return cast("dict[str, Any]", value)

    def member(self, name: str) -> "Reader":
        """Return a member of an object; what is missing is read as null."""
        return Reader(self.mapping().get(name), f"{self._where}.{name}" if self._where else name)

    def is_there(self) -> bool:
        """Tell whether there is a value other than null."""
        return self._value is not None

    def items(self, fewest: int = 0, most: int | None = None) -> "Iterator[Reader]":
        """Yield what is in a list, of which there are so many."""
        values = self.values()
        if len(values) < fewest or (most is not None and len(values) > most):
            amount = str(fewest) if fewest == most else f"from {fewest} to {most}" if most is not None else "more"
            raise self.unfit(f"has {len(values)} entries in place of {amount}")
        return (Reader(value, f"{self._where}[{place}]") for place, value in enumerate(values))

    def values(self) -> list[object]:
        """Return a list as it is."""
        value = self._value
        if not isinstance(value, list):
            raise self.unfit("is no list")
        return cast("list[object]", value)

    def number(self, low: int, high: int = MOST_WHOLE) -> int:
        """Return a whole number within bounds."""
        if not isinstance(self._value, int) or isinstance(self._value, bool) or not low <= self._value <= high:
            raise self.unfit(f"is no whole number from {low} {'on' if high == MOST_WHOLE else f'to {high}'}")
        return self._value

    def text(self, most: int = LONGEST_TEXT) -> str:
        """Return a text that is not longer than that."""
        if not isinstance(self._value, str) or len(self._value) > most:
            raise self.unfit(f"is no text of at most {most} characters")
        return self._value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self._value, bool):
            raise self.unfit("is neither true nor false")
        return self._value

    def one_of(self, choices: type[Choice]) -> Choice:
        """Return one of the values that are known."""
        known = {choice.value: choice for choice in choices}
        if not isinstance(self._value, str) or self._value not in known:
            raise self.unfit(f"is none of {', '.join(known)}")
        return known[self._value]


def differences(published: object, counted: object, where: str, close: Decimal | None = None) -> list[str]:
    """Say where two values, as JSON has them, differ, one line a place; decimal figures may be so far apart."""
    first, second = dict(_leaves(published, where)), dict(_leaves(counted, where))
    return [
        f"{place}: published {_shown(first, place)}, counted {_shown(second, place)}"
        for place in second | first
        if not _same(first.get(place, _ABSENT), second.get(place, _ABSENT), close)
    ]


def _leaves(value: object, where: str) -> Iterator[tuple[str, object]]:
    """Take a value apart into what is not made of parts, each with its place."""
    if isinstance(value, dict) and value:
        for name, part in cast("dict[str, object]", value).items():
            yield from _leaves(part, f"{where}.{name}")
    elif isinstance(value, list | tuple) and value:
        for place, part in enumerate(cast("list[object]", value)):
            yield from _leaves(part, f"{where}[{place}]")
    else:
        yield where, cast("object", value)


def _same(one: object, other: object, close: Decimal | None) -> bool:
    if close is not None and isinstance(one, str) and isinstance(other, str):
        try:
            return one == other or abs(Decimal(one) - Decimal(other)) <= close
        except InvalidOperation:
            return False
    # in Python 1 is True
    return type(one) is type(other) and one == other


def _shown(leaves: Mapping[str, object], place: str) -> str:
    if place not in leaves:
        return "nothing"
    text = json.dumps(leaves[place], ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
