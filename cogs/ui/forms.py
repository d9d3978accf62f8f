"""Modals: what they ask, and what came back; read from the submission alone, so that a restart loses nothing."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

_KEPT = 500
_SECONDS_KEPT = 900


@dataclass(frozen=True, slots=True)
class Question:
    """One text field; `name` is the key of its answer."""

    name: str
    label: str
    hint: str
    longest: int
    placeholder: str = ""
    long: bool = False


def form(title: str, custom_id: str, questions: Sequence[Question], typed: Mapping[str, str]) -> ui.Modal:
    """Build a modal with what was typed before filled in; `custom_id` comes from `control_id`."""
    modal = ui.Modal(title=title, custom_id=custom_id, timeout=_SECONDS_KEPT)
    for question in questions:
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=question.name,
            style=discord.TextStyle.paragraph if question.long else discord.TextStyle.short,
            placeholder=question.placeholder or None,
            default=typed.get(question.name, "")[: question.longest] or None,
            max_length=question.longest,
        )
        modal.add_item(ui.Label(text=question.label, description=question.hint, component=field))
    return modal


def submitted(data: Mapping[str, Any]) -> dict[str, str]:
    """Read the text fields of a submitted modal from the interaction's data."""
    values: dict[str, str] = {}
    for component in data.get("components", ()):
        inner = component.get("component")
        for field in [inner] if inner else component.get("components", ()):
            if isinstance(field.get("value"), str):
                values[field["custom_id"]] = field["value"]
    return values


class Typed:
    """What people typed lately, so that a form opens filled in without asking the database; the oldest goes first."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    def keep(self, key: str, values: Mapping[str, str]) -> None:
        """Remember `values` under `key`."""
        self._values[key] = dict(values)
        self._values.move_to_end(key)
        if len(self._values) > _KEPT:
            self._values.popitem(last=False)

    def get(self, key: str) -> Mapping[str, str] | None:
        """Return what was kept under `key`, unless it was long ago."""
        return self._values.get(key)

    def drop(self, key: str) -> None:
        """Forget it."""
        self._values.pop(key, None)
