"""A slash command as typed: checked against the registered command as Discord's own client checks it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import FieldError, FormError
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from sandbox.interactions.resolve import Resolver
    from sandbox.model import Json

SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
NAMES = {
    SUBCOMMAND: "a subcommand",
    GROUP: "a group",
    STRING: "text",
    INTEGER: "a whole number",
    BOOLEAN: "true or false",
    USER: "a user",
    CHANNEL: "a channel",
    ROLE: "a role",
    MENTIONABLE: "a user or role",
    NUMBER: "a number",
    ATTACHMENT: "a file",
}
LONGEST_STRING = 6000
SAFE = 1 << 53


class Typed:
    """Options of one command as a person typed them.

    `lenient` is for autocomplete: required options may be missing yet, the focused one is taken as it stands, and what
    is not yet right elsewhere is left out, as a client does.
    """

    def __init__(self, body: Json, resolver: Resolver, *, lenient: bool = False) -> None:
        self._body = body
        self._resolver = resolver
        self._lenient = lenient
        self._errors: list[FieldError] = []
        self.focused: Json | None = None

    def check(self, options: object) -> list[Json]:
        """Return the options as an interaction carries them, or raise 50035 with every wrong one at its path."""
        result = self._level(self._body.get("options") or [], options, ("options",))
        if self._errors:
            raise FormError(self._errors)
        return result

    def _level(self, known: list[Json], given: object, path: tuple[str | int, ...]) -> list[Json]:
        if given is None:
            given = []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in cast("list[Any]", given)):
            self._wrong(path, "LIST_TYPE_CONVERT", "Options are a list of objects.")
            return []
        sent = cast("list[Json]", given)
        names = [one.get("name") for one in sent]
        if known and known[0]["type"] in {SUBCOMMAND, GROUP}:
            return self._branch(known, sent, path)
        by_name = {option["name"]: option for option in known}
        result: list[Json] = []
        for index, one in enumerate(sent):
            option = by_name.get(one.get("name"))
            if option is None:
                self._wrong((*path, index), "OPTION_UNKNOWN", f"There is no option {one.get('name')!r}.")
            elif names.index(one.get("name")) != index:
                self._wrong((*path, index), "OPTION_TWICE", f"The option {option['name']!r} is given twice.")
            else:
                taken = self._one(option, one, (*path, index))
                result += [taken] if "value" in taken else []
        missing = [option["name"] for option in known if option.get("required") and option["name"] not in names]
        if missing and not self._lenient:
            self._wrong(path, "BASE_TYPE_REQUIRED", f"Missing: {', '.join(missing)}.")
        return result

    def _branch(self, known: list[Json], sent: list[Json], path: tuple[str | int, ...]) -> list[Json]:
        names = ", ".join(option["name"] for option in known)
        if len(sent) != 1:
            self._wrong(path, "BASE_TYPE_REQUIRED", f"Choose one of: {names}.")
            return []
        option = next((one for one in known if one["name"] == sent[0].get("name")), None)
        if option is None:
            self._wrong((*path, 0), "OPTION_UNKNOWN", f"There is no {sent[0].get('name')!r}; there are {names}.")
            return []
        inner = self._level(option.get("options") or [], sent[0].get("options"), (*path, 0, "options"))
        return [{"name": option["name"], "type": option["type"], "options": inner}]

    def _one(self, option: Json, one: Json, path: tuple[str | int, ...]) -> Json:
        kind, value = option["type"], one.get("value")
        if one.get("type", kind) != kind:
            self._wrong(path, "OPTION_TYPE", f"{option['name']!r} is {NAMES[kind]}.")
        result: Json = {"name": option["name"], "type": kind}
        if self._lenient and one.get("focused"):
            if not option.get("autocomplete"):
                self._wrong(path, "OPTION_AUTOCOMPLETE", f"{option['name']!r} does not autocomplete.")
            self.focused = option
            return result | {"value": value if isinstance(value, str) else str(value or ""), "focused": True}
        try:
            result["value"] = _CHECKS[kind](option, value, self._resolver)
        except ValueError as error:
            if not self._lenient:
                self._wrong((*path, "value"), "OPTION_VALUE", f"{option['name']}: {error}")
        return result

    def _wrong(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        self._errors.append(FieldError(path, code, message))


def _choices(option: Json, value: str | float) -> None:
    choices: list[Json] = option.get("choices") or []
    if choices and not any(choice["value"] == value for choice in choices):
        raise ValueError(f"must be one of {', '.join(str(choice['name']) for choice in choices)}")


def _string(option: Json, value: object, _: Resolver) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")  # noqa: TRY004 - wrong input of a person, gathered with the others
    low, high = max(option.get("min_length") or 0, 1), option.get("max_length") or LONGEST_STRING
    if not low <= len(value) <= high:
        raise ValueError(f"must be between {low} and {high} characters, not {len(value)}")
    _choices(option, value)
    return value


def _number(option: Json, value: object, _: Resolver) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("must be a number")
    if option["type"] == INTEGER and value != int(value):
        raise ValueError("must be a whole number")
    low, high = option.get("min_value"), option.get("max_value")
    if not (low if low is not None else -SAFE) <= value <= (high if high is not None else SAFE):
        bounds = [f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else ""]
        raise ValueError(f"must be {' and '.join(filter(None, bounds)) or 'between -2^53 and 2^53'}")
    _choices(option, value)
    return int(value) if option["type"] == INTEGER else value


def _boolean(_: Json, value: object, __: Resolver) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - wrong input of a person
    return value


def _user(_: Json, value: object, resolver: Resolver) -> str:
    if not resolver.user(snowflake(value)):
        raise ValueError("nobody has this id")
    return str(value)


def _role(_: Json, value: object, resolver: Resolver) -> str:
    if not resolver.role(snowflake(value)):
        raise ValueError("there is no such role here")
    return str(value)


def _mentionable(_: Json, value: object, resolver: Resolver) -> str:
    number = snowflake(value)
    if not (resolver.user(number) or resolver.role(number)):
        raise ValueError("there is no such user or role here")
    return str(value)


def _channel(option: Json, value: object, resolver: Resolver) -> str:
    channel = resolver.channel(snowflake(value))
    if channel is None:
        raise ValueError("there is no such channel in your sight")
    allowed = option.get("channel_types")
    if allowed and channel.type not in allowed:
        raise ValueError("channels of this type cannot be chosen")
    return str(value)


def _attachment(_: Json, value: object, resolver: Resolver) -> str:
    given = None if isinstance(value, bool) or not isinstance(value, int | str) else whole(str(value))
    if given is None:
        raise ValueError("must be the number of an uploaded file")
    number = resolver.attachment(given)
    if number is None:
        raise ValueError(f"there is no file {value}, or it is over 10 MiB")
    return str(number)


def snowflake(value: object) -> int:
    """Return an id given as text (or number); ValueError for anything else."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 - 64 bits
        raise ValueError("must be an id")
    return int(text)


_CHECKS = {
    STRING: _string,
    INTEGER: _number,
    BOOLEAN: _boolean,
    USER: _user,
    CHANNEL: _channel,
    ROLE: _role,
    MENTIONABLE: _mentionable,
    NUMBER: _number,
    ATTACHMENT: _attachment,
}
