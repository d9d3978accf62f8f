"""A modal as filled in: what a person typed and chose, checked as Discord's client checks it, in Discord's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import FieldError, FormError
from sandbox.interactions.controls import SELECTS, STRING_SELECT, TEXT_INPUT, chosen, walk
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from sandbox.interactions.resolve import Resolver
    from sandbox.model import Json

ROW, TEXT_DISPLAY, LABEL = 1, 10, 18
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 19, 21, 22, 23
LONGEST_TEXT = 4000


def fill(modal: Json, values: object, resolver: Resolver) -> Json:
    """Return the data of a modal submit interaction, or raise 50035 with each wrong field under its custom_id.

    `values` holds text, a value or a list of values, true or false, or the numbers of uploaded files by custom_id.
    What is left out is sent as the modal shows it at first.
    """
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise FormError([FieldError(("values",), "DICT_TYPE_CONVERT", "Values are an object by custom_id.")])
    given = cast("Json", values)
    known = {one["custom_id"] for one in walk(modal["components"]) if "custom_id" in one}
    errors = [
        FieldError(("values", name), "COMPONENT_UNKNOWN", f"The modal has no field {name!r}.")
        for name in given
        if name not in known
    ]
    data: Json = {
        "custom_id": modal["custom_id"],
        "components": [_filled(one, given, resolver, errors) for one in modal["components"]],
    }
    if errors:
        raise FormError(errors)
    if resolver.data:
        data["resolved"] = resolver.data
    return data


def _filled(component: Json, given: Json, resolver: Resolver, errors: list[FieldError]) -> Json:
    kind = component["type"]
    result: Json = {"type": kind}
    if "id" in component:
        result["id"] = component["id"]
    if kind == ROW:
        result["components"] = [_filled(one, given, resolver, errors) for one in component["components"]]
    elif kind == LABEL:
        result["component"] = _filled(component["component"], given, resolver, errors)
    elif kind != TEXT_DISPLAY:
        name = component["custom_id"]
        result["custom_id"] = name
        try:
            value = given[name] if name in given else _untouched(component)
            result |= _value(component, value, resolver)
        except ValueError as error:
            errors.append(FieldError(("values", name), "COMPONENT_VALUES", str(error)))
    return result


def _untouched(component: Json) -> object:
    kind = component["type"]
    if kind == TEXT_INPUT:
        return component.get("value") or ""
    if kind == CHECKBOX:
        return bool(component.get("default"))
    if kind in {STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP}:
        return [option["value"] for option in component["options"] if option.get("default")]
    defaults: list[Json] = component.get("default_values") or []
    return [default["id"] for default in defaults]


def _value(component: Json, value: object, resolver: Resolver) -> Json:
    kind, required = component["type"], component.get("required") is not False
    if kind == TEXT_INPUT:
        return {"value": _text(component, value, required=required)}
    if kind == CHECKBOX:
        if not isinstance(value, bool):
            raise ValueError("must be true or false")
        return {"value": value}
    if kind == RADIO_GROUP:
        return {"value": _radio(component, value, required=required)}
    values = _listed(value)
    if kind in SELECTS:
        low = _least(component, values, required=required)
        return {"values": chosen(component, values, resolver, low=low)}
    if kind == CHECKBOX_GROUP:
        return {"values": _boxes(component, values, required=required)}
    if kind == FILE_UPLOAD:
        return {"values": _files(component, values, resolver, required=required)}
    raise ValueError(f"a field of type {kind} cannot be filled in")


def _text(component: Json, value: object, *, required: bool) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")  # noqa: TRY004 - wrong input of a person
    low, high = component.get("min_length") or 0, component.get("max_length") or LONGEST_TEXT
    if not value and not required:
        return value
    low = max(low, 1) if required else low
    if not low <= len(value) <= high:
        raise ValueError(f"must be between {low} and {high} characters, not {len(value)}")
    return value


def _radio(component: Json, value: object, *, required: bool) -> str | None:
    values = _listed(value)
    if not values and not required:
        return None
    if len(values) != 1:
        raise ValueError("choose one")
    return _among(component, values)[0]


def _boxes(component: Json, values: list[Any], *, required: bool) -> list[str]:
    picked = _among(component, values)
    low = _least(component, picked, required=required)
    high = component.get("max_values") or len(component["options"])
    if not low <= len(picked) <= high:
        raise ValueError(f"choose {low} to {high}, not {len(picked)}")
    return picked


def _files(component: Json, values: list[Any], resolver: Resolver, *, required: bool) -> list[str]:
    low, high = _least(component, values, required=required), component.get("max_values") or 1
    if not low <= len(values) <= high:
        raise ValueError(f"upload {low} to {high} files, not {len(values)}")
    numbers: list[str] = []
    for value in values:
        number = None if (given := whole(str(value))) is None else resolver.attachment(given)
        if number is None:
            raise ValueError(f"there is no file {value}, or it is over 10 MiB")
        numbers.append(str(number))
    return numbers


def _least(component: Json, values: list[Any], *, required: bool) -> int:
    low: int | None = component.get("min_values")
    if not required:
        # nothing at all is always a choice then; once something is chosen the lower bound holds
        return (low or 0) if values else 0
    return max(1, 1 if low is None else low)


def _among(component: Json, values: list[Any]) -> list[str]:
    known = {option["value"] for option in component["options"]}
    picked = [str(value) for value in values]
    if len(set(picked)) != len(picked) or not known.issuperset(picked):
        raise ValueError(f"must be among {', '.join(sorted(known))}, each once")
    return picked


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
