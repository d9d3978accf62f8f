"""What came back of a modal. Anybody can send anything: what is no answer to a field of its type is left out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self, cast

TICKED = "true"
"""What a single checkbox that is ticked comes back as."""
_SELECT, _TEXT, _RADIO, _CHECKS, _TICK = 3, 4, 21, 22, 23
_ID_SELECTS = (5, 6, 7, 8)
_LONGEST_TEXT, _LONGEST_VALUE, _MOST_VALUES, _LONGEST_ID = 4000, 100, 25, 19


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answers by the questions' names: what was typed, and what was chosen (nothing where nothing was)."""

    texts: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read an interaction's data, the part of it that is as it should be."""
        texts: dict[str, str] = {}
        choices: dict[str, tuple[str, ...]] = {}
        for field in _fields(data.get("components")):
            name, kind = field.get("custom_id"), field.get("type")
            if not isinstance(name, str):
                continue
            if kind == _TEXT:
                if isinstance(text := field.get("value"), str):
                    texts[name] = text[:_LONGEST_TEXT]
            elif (chosen := _chosen(kind, field)) is not None:
                choices[name] = chosen
        return cls(MappingProxyType(texts), MappingProxyType(choices))

    def text(self, name: str) -> str:
        """Return what was typed, or nothing."""
        return self.texts.get(name, "")

    def chosen(self, name: str, among: Collection[str] | None = None) -> tuple[str, ...]:
        """Return the values that were chosen, each once, as far as they are `among` those that were offered."""
        values = self.choices.get(name, ())
        return values if among is None else tuple(value for value in values if value in among)

    def ids(self, name: str) -> tuple[int, ...]:
        """Return the ids that were chosen in a select of roles or channels."""
        return tuple(int(value) for value in self.chosen(name) if _is_id(value))

    def ticked(self, name: str) -> bool:
        """Say whether a single checkbox is ticked."""
        return self.chosen(name) == (TICKED,)

    @property
    def filled(self) -> dict[str, str | tuple[str, ...]]:
        """Everything, as `form` takes it to open with."""
        return {**self.texts, **self.choices}


def _fields(components: object) -> Iterator[Mapping[str, Any]]:
    """Give the fields in labels and in rows, as far as they have the shape of one."""
    for component in _dicts(components):
        yield from _dicts([component.get("component")])
        yield from _dicts(component.get("components"))


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for one in cast("list[object]", value):
            if isinstance(one, dict):
                yield cast("dict[str, Any]", one)


def _chosen(kind: object, field: Mapping[str, Any]) -> tuple[str, ...] | None:
    if kind == _TICK:
        return (TICKED,) if field.get("value") is True else ()
    if kind == _RADIO:
        return read_values([field.get("value")])
    if kind in (_SELECT, _CHECKS):
        return read_values(field.get("values"))
    if kind in _ID_SELECTS:
        return tuple(value for value in read_values(field.get("values")) if _is_id(value))
    return None


def read_values(given: object) -> tuple[str, ...]:
    """Return the values of a menu or group, each once, as far as they are text that Discord would send."""
    if not isinstance(given, list):
        return ()
    values = [one for one in cast("list[object]", given) if isinstance(one, str) and 0 < len(one) <= _LONGEST_VALUE]
    return tuple(dict.fromkeys(values))[:_MOST_VALUES]


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= _LONGEST_ID
