"""What an autocomplete may answer: at most 25 choices of the option's own type."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import FieldError, FormError

if TYPE_CHECKING:
    from sandbox.model import Json

STRING, INTEGER = 3, 4
MOST_CHOICES, LONGEST = 25, 100
SAFE = 1 << 53


def check_choices(data: Json, option_type: int) -> list[Json]:
    """Return the choices {"name", "value"} of a callback's data, or raise 50035 with each wrong field."""
    given: object = data.get("choices")
    if given is None:
        return []
    if not isinstance(given, list):
        raise FormError([FieldError(("choices",), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")])
    sent = cast("list[Any]", given)
    if len(sent) > MOST_CHOICES:
        message = f"Must be {MOST_CHOICES} or fewer in length."
        raise FormError([FieldError(("choices",), "BASE_TYPE_MAX_LENGTH", message)])
    errors: list[FieldError] = []
    choices: list[Json] = []
    for index, one in enumerate(sent):
        if not isinstance(one, dict):
            errors.append(
                FieldError(("choices", index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            )
            continue
        choice = cast("Json", one)
        found = [*_name(choice.get("name")), *_value(choice.get("value"), option_type)]
        errors += [error.under("choices", index) for error in found]
        choices.append({"name": choice.get("name"), "value": choice.get("value")})
    if errors:
        raise FormError(errors)
    return choices


def _name(name: object) -> list[FieldError]:
    if name is None:
        return [FieldError(("name",), "BASE_TYPE_REQUIRED", "This field is required")]
    if not isinstance(name, str):
        return [FieldError(("name",), "STRING_TYPE_CONVERT", "Could not interpret as string.")]
    if not 1 <= len(name) <= LONGEST:
        return [FieldError(("name",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {LONGEST} in length.")]
    return []


def _value(value: object, option_type: int) -> list[FieldError]:
    if value is None:
        return [FieldError(("value",), "BASE_TYPE_REQUIRED", "This field is required")]
    return _text(value) if option_type == STRING else _number(value, option_type)


def _text(value: object) -> list[FieldError]:
    if not isinstance(value, str):
        return [FieldError(("value",), "STRING_TYPE_CONVERT", "Could not interpret as string.")]
    if len(value) > LONGEST:
        return [FieldError(("value",), "BASE_TYPE_MAX_LENGTH", f"Must be {LONGEST} or fewer in length.")]
    return []


def _number(value: object, option_type: int) -> list[FieldError]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _fits(value, option_type):
        kind = "int" if option_type == INTEGER else "float"
        return [FieldError(("value",), "NUMBER_TYPE_COERCE", f'Value "{value}" is not {kind}.')]
    if abs(value) > SAFE:
        return [FieldError(("value",), "NUMBER_TYPE_MAX", f"Must be between -{SAFE} and {SAFE}.")]
    return []


def _fits(value: float, option_type: int) -> bool:
    return math.isfinite(value) and (option_type != INTEGER or value == int(value))
