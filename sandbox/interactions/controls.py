"""Buttons and selects of a message: found by their custom_id, and what may be chosen in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import form_error
from sandbox.interactions.options import snowflake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.interactions.resolve import Resolver
    from sandbox.model import Json

BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(2, 9)
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
_NESTED = ("components", "accessory", "component")


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Yield every component, depth first: rows, sections, containers, labels and what is in them."""
    for component in components:
        yield component
        for name in _NESTED:
            inner = component.get(name)
            if inner is not None:
                yield from walk(cast("list[Json]", inner) if isinstance(inner, list) else [inner])


def find_control(components: list[Json], custom_id: object) -> Json:
    """Return the button or select with this custom_id, or raise 50035 when it is not there or disabled."""
    for component in walk(components):
        if component.get("custom_id") == custom_id and custom_id is not None:
            if component.get("disabled"):
                raise form_error("custom_id", code="COMPONENT_DISABLED", message="This component is disabled.")
            return component
    raise form_error("custom_id", code="COMPONENT_UNKNOWN", message="The message has no such component.")


def press(control: Json, values: object, resolver: Resolver) -> Json:
    """Return the data of a component interaction, or raise 50035 when the values cannot be chosen."""
    data: Json = {"custom_id": control["custom_id"], "component_type": control["type"]}
    if "id" in control:
        data["id"] = control["id"]
    if control["type"] == BUTTON:
        if values:
            raise form_error("values", code="COMPONENT_VALUES", message="A button has no values.")
        return data
    try:
        data["values"] = chosen(control, values, resolver, low=_or(control.get("min_values"), 1))
    except ValueError as error:
        raise form_error("values", code="COMPONENT_VALUES", message=str(error)) from error
    if resolver.data:
        data["resolved"] = resolver.data
    return data


def chosen(control: Json, values: object, resolver: Resolver, *, low: int) -> list[str]:
    """Return the values chosen in a select, all known and within its bounds; ValueError says what is wrong."""
    values = values or []
    if not isinstance(values, list):
        raise ValueError("values are a list")  # noqa: TRY004 - wrong input of a person
    picked = [str(value) for value in cast("list[Any]", values)]
    high = _or(control.get("max_values"), 1)
    if len(set(picked)) != len(picked):
        raise ValueError("a value is chosen twice")
    if not low <= len(picked) <= high:
        raise ValueError(f"choose {low if low == high else f'{low} to {high}'}, not {len(picked)}")
    for value in picked:
        if not _known(control, value, resolver):
            raise ValueError(f"{value!r} is not among what can be chosen")
    return picked


def _known(control: Json, value: str, resolver: Resolver) -> bool:
    kind = control["type"]
    if kind == STRING_SELECT:
        return any(option["value"] == value for option in control["options"])
    number = snowflake(value)
    if kind == USER_SELECT:
        return resolver.user(number, here=True)
    if kind == ROLE_SELECT:
        return resolver.role(number)
    if kind == MENTIONABLE_SELECT:
        return resolver.user(number, here=True) or resolver.role(number)
    channel = resolver.channel(number)
    allowed = control.get("channel_types")
    return channel is not None and (not allowed or channel.type in allowed)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
