"""Reads the fields of a request body and gathers everything that is wrong with them, in Discord's words.

    form = Form(body)
    name = form.text("name", 1, 100, required=True)
    form.done()

Readers return None for a field that is absent, null or wrong; `form.has(name)` tells whether it was sent at all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sandbox.errors import FieldError, FormError
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.model import Json

MAX_BITS = 1 << 63
MAX_SAFE_INTEGER = (1 << 53) - 1
Choice = TypeVar("Choice", int, str)
Number = TypeVar("Number", int, float)


class Form:
    """One object of a body; parts of it share the list of errors."""

    def __init__(self, body: object, *path: str | int, errors: list[FieldError] | None = None) -> None:
        self.errors: list[FieldError] = [] if errors is None else errors
        self.path = path
        self.body: Json = {}
        if isinstance(body, dict):
            self.body = cast("Json", body)
        else:
            self.wrong(code="MODEL_TYPE_CONVERT", message="Only dictionaries may be used in a ModelType")

    def wrong(self, *steps: str | int, code: str, message: str) -> None:
        """Note that a field is wrong."""
        self.errors.append(FieldError((*self.path, *steps), code, message))

    def done(self) -> None:
        """Raise 50035 if anything was wrong."""
        if self.errors:
            raise FormError(self.errors)

    def has(self, name: str) -> bool:
        """Tell whether the field was sent, even as null."""
        return name in self.body

    def raw(self, name: str, *, required: bool = False) -> object:
        """Return a field as it was sent, noting its absence if it is required."""
        value = self.body.get(name)
        if value is None and required:
            self.wrong(name, code="BASE_TYPE_REQUIRED", message="This field is required")
        return value

    def text(self, name: str, low: int, high: int, *, required: bool = False) -> str | None:
        """Return a text of `low` to `high` characters."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, code="STRING_TYPE_CONVERT", message=f'Could not interpret "{value}" as string.')
            return None
        if not low <= len(value) <= high:
            if low == 0:
                self.wrong(name, code="BASE_TYPE_MAX_LENGTH", message=f"Must be {high} or fewer in length.")
            else:
                self.wrong(name, code="BASE_TYPE_BAD_LENGTH", message=f"Must be between {low} and {high} in length.")
            return None
        return value

    def integer(self, name: str, low: int, high: int, *, required: bool = False, digits: bool = False) -> int | None:
        """Return an integer from `low` to `high`; with `digits` a string of them counts."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if digits and isinstance(value, str):
            value = whole(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(name, code="NUMBER_TYPE_COERCE", message=f'Value "{value}" is not int.')
            return None
        return self._within(name, value, low, high, "int")

    def number(self, name: str, low: float, high: float) -> float | None:
        """Return a number from `low` to `high`."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, code="NUMBER_TYPE_COERCE", message=f'Value "{value}" is not float.')
            return None
        return self._within(name, value, low, high, "float")

    def _within(self, name: str, value: Number, low: float, high: float, kind: str) -> Number | None:
        if value < low:
            self.wrong(name, code="NUMBER_TYPE_MIN", message=f"{kind} value should be greater than or equal to {low}.")
            return None
        if value > high:
            self.wrong(name, code="NUMBER_TYPE_MAX", message=f"{kind} value should be less than or equal to {high}.")
            return None
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(name, code="BOOLEAN_TYPE_CONVERT", message="Must be either true or false.")
        return None

    def choice(self, name: str, allowed: Collection[Choice], *, required: bool = False) -> Choice | None:
        """Return a value that is one of `allowed`, of the same type."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        listed = "{" + ", ".join(str(one) for one in allowed) + "}"
        found = next((one for one in allowed if type(one) is type(value) and one == value), None)
        if found is None:
            self.wrong(name, code="BASE_TYPE_CHOICES", message=f"Value must be one of {listed}.")
        return found

    def snowflake(self, name: str, *, required: bool = False) -> int | None:
        """Return an id."""
        value = self.raw(name, required=required)
        return None if value is None else self.as_snowflake(value, name)

    def as_snowflake(self, value: object, *steps: str | int) -> int | None:
        """Return `value` as an id, or note that it is none."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_BITS:
            return value
        if isinstance(value, str) and (number := whole(value)) is not None and number < MAX_BITS:
            return number
        self.wrong(*steps, code="NUMBER_TYPE_COERCE", message=f'Value "{value}" is not snowflake.')
        return None

    def bits(self, name: str) -> int | None:
        """Return a set of permission bits, sent as a string or a number."""
        most = MAX_BITS - 1 if isinstance(self.body.get(name), str) else MAX_SAFE_INTEGER
        return self.integer(name, 0, most, digits=True)

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        """Return a moment in ISO 8601; without an offset it is UTC."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        try:
            parsed = datetime.fromisoformat(str(value))
        except ValueError:
            self.wrong(name, code="DATE_TIME_TYPE_PARSE", message=f"Could not parse {value}. Should be ISO8601.")
            return None
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)

    def items(self, name: str, high: int, *, low: int = 0, required: bool = False) -> list[Any] | None:
        """Return a list of `low` to `high` members."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, list):
            self.wrong(name, code="LIST_TYPE_CONVERT", message="Only iterables may be used in a ListType")
            return None
        found = cast("list[Any]", value)
        if len(found) > high or len(found) < low:
            if low:
                message, code = f"Must be between {low} and {high} in length.", "BASE_TYPE_BAD_LENGTH"
            else:
                message, code = f"Must be {high} or fewer in length.", "BASE_TYPE_MAX_LENGTH"
            self.wrong(name, code=code, message=message)
            return None
        return found

    def snowflakes(self, name: str, high: int) -> list[int] | None:
        """Return a list of at most `high` ids, or None when it is absent or wrong."""
        found = self.items(name, high)
        if found is None:
            return None
        ids = [self.as_snowflake(one, name, index) for index, one in enumerate(found)]
        return None if None in ids else cast("list[int]", ids)

    def parts(self, name: str, high: int, *, low: int = 0) -> list[Form] | None:
        """Return the objects of a list as forms."""
        found = self.items(name, high, low=low)
        if found is None:
            return None
        return [Form(one, *self.path, name, index, errors=self.errors) for index, one in enumerate(found)]

    def part(self, name: str, *, required: bool = False) -> Form | None:
        """Return an object inside this one as a form."""
        value = self.raw(name, required=required)
        return None if value is None else Form(value, *self.path, name, errors=self.errors)


def forms(body: object, high: int) -> tuple[Form, list[Form]]:
    """Return a body that is a list of objects as forms, and the one whose `done` raises what is wrong with any."""
    root = Form({})
    if not isinstance(body, list):
        root.wrong(code="LIST_TYPE_CONVERT", message="Only iterables may be used in a ListType")
        return root, []
    sent = cast("list[Any]", body)
    if len(sent) > high:
        root.wrong(code="BASE_TYPE_MAX_LENGTH", message=f"Must be {high} or fewer in length.")
        return root, []
    return root, [Form(one, index, errors=root.errors) for index, one in enumerate(sent)]
