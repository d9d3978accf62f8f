"""Modals as discord.py spells them: every class that a modal can hold is accepted and keeps its meaning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import discord
import jsonschema_rs
from discord import ui

from sandbox.validate.modal import check_modal

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


def modals() -> list[ui.Modal]:
    options = [discord.SelectOption(label=str(number)) for number in range(3)]
    fields: list[ui.Item[Any]] = [
        ui.TextInput(style=discord.TextStyle.paragraph, max_length=4_000, placeholder="p", default="d", required=False),
        ui.Select(options=options, max_values=2, required=False, min_values=0),
        ui.UserSelect(max_values=5),
        ui.RoleSelect(),
        ui.MentionableSelect(),
        ui.ChannelSelect(channel_types=[discord.ChannelType.text]),
        ui.FileUpload(max_values=10, required=False),
        ui.RadioGroup(options=[discord.RadioGroupOption(label=str(number)) for number in range(2)]),
        ui.CheckboxGroup(options=[discord.CheckboxGroupOption(label=str(number)) for number in range(10)]),
        ui.Checkbox(default=True),
    ]
    found: list[ui.Modal] = []
    for place in range(0, len(fields), 4):
        modal = ui.Modal(title="Title", custom_id=f"m{place}")
        modal.add_item(ui.TextDisplay("Read this first"))
        for field in fields[place : place + 4]:
            modal.add_item(ui.Label(text="Label", description="More", component=field))
        found.append(modal)
    former = ui.Modal(title="Former")
    former.add_item(ui.TextInput(label="Name"))
    return [*found, former]


def test_every_field_is_accepted_and_numbered() -> None:
    kinds: set[int] = set()
    for modal in modals():
        found = check_modal(modal.to_dict())
        assert found["title"] == modal.title
        for number, component in enumerate(found["components"]):
            assert component["id"] >= number + 1
            inner = component.get("component") or (component.get("components") or [component])[0]
            kinds.add(inner["type"])
    assert kinds == {3, 4, 5, 6, 7, 8, 10, 19, 21, 22, 23}


def test_they_fit_the_description_too(api_description: Path) -> None:
    components = json.loads(api_description.read_bytes())["components"]
    schema = {"$ref": "#/components/schemas/ModalInteractionCallbackRequestData", "components": components}
    validator = jsonschema_rs.Draft202012Validator(schema)
    for modal in modals():
        assert [error.message for error in validator.iter_errors(modal.to_dict())] == []
