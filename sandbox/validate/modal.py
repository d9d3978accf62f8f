"""Modals: what Discord shows to a person, or refuses (documentation, "Using Modal Components")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.validate.components import read_text_display
from sandbox.validate.form import Form
from sandbox.validate.selects import check_options, read_options, read_range, read_required, read_select
from sandbox.validate.tree import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
    Tree,
)

if TYPE_CHECKING:
    from sandbox.model import Json
    from sandbox.world import World

MAX_TITLE, MAX_ROWS, MAX_LABEL, MAX_DESCRIPTION, MAX_PLACEHOLDER, MAX_INPUT = 45, 5, 45, 100, 100, 4_000
MAX_CUSTOM_ID, MAX_FILES, MAX_CHOICES = 100, 10, 10
TOP_LEVEL = (ROW, TEXT_DISPLAY, LABEL)
IN_LABEL = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)


def check_modal(body: Json, world: World | None = None) -> Json:
    """Return a modal as the person's client gets it, every component with its id; raises 50035."""
    form, tree = Form(body), Tree(world)
    custom_id = form.text("custom_id", 1, MAX_CUSTOM_ID, required=True)
    title = form.text("title", 1, MAX_TITLE, required=True)
    form.raw("components", required=True)
    components: list[Json] = []
    for part in form.parts("components", MAX_ROWS, low=1) or ():
        component = tree.enter(part, TOP_LEVEL)
        if component is not None:
            components.append(_top(part, component, tree))
    form.done()
    tree.number(components)
    return {"custom_id": custom_id, "title": title, "components": components}


def _top(form: Form, component: Json, tree: Tree) -> Json:
    if component["type"] == TEXT_DISPLAY:
        return read_text_display(form, component, tree)
    if component["type"] == ROW:
        form.raw("components", required=True)
        inputs: list[Json] = []
        for part in form.parts("components", 1, low=1) or ():
            inner = tree.enter(part, (TEXT_INPUT,))
            if inner is not None:
                label = part.text("label", 1, MAX_LABEL, required=True)
                inputs.append(_text_input(part, inner, tree) | {"label": label})
        return component | {"components": inputs}
    component["label"] = form.text("label", 1, MAX_LABEL, required=True)
    description = form.text("description", 0, MAX_DESCRIPTION)
    if description:
        component["description"] = description
    part = form.part("component", required=True)
    inner = tree.enter(part, IN_LABEL) if part is not None else None
    if part is not None and inner is not None:
        component["component"] = _field(part, inner, tree)
    return component


def _field(form: Form, component: Json, tree: Tree) -> Json:
    kind = component["type"]
    if kind == TEXT_INPUT:
        form.text("label", 0, MAX_LABEL)  # shown by the enclosing label instead
        return _text_input(form, component, tree)
    if kind in SELECTS:
        return read_select(form, component, tree, modal=True)
    component["custom_id"] = tree.custom_id(form)
    if kind == CHECKBOX:
        return component | {"default": bool(form.flag("default"))}
    component["required"] = read_required(form)
    if kind == RADIO_GROUP:
        component["options"] = read_options(form, None, 2, MAX_CHOICES)
        check_options(form, component["options"], 1, 1)
        return component
    if kind == CHECKBOX_GROUP:
        component["options"] = read_options(form, None, 1, MAX_CHOICES)
        low, high = read_range(
            form, MAX_CHOICES, required=component["required"], high=max(1, len(component["options"]))
        )
        check_options(form, component["options"], low, high)
    else:
        low, high = read_range(form, MAX_FILES, required=component["required"])
    return component | {"min_values": low, "max_values": high}


def _text_input(form: Form, component: Json, tree: Tree) -> Json:
    component["custom_id"] = tree.custom_id(form)
    component["style"] = form.choice("style", (1, 2), required=True)
    component["required"] = read_required(form)
    low, high = form.integer("min_length", 0, MAX_INPUT), form.integer("max_length", 1, MAX_INPUT)
    if low is not None and high is not None and low > high:
        message = f"min_length value should be less than or equal to {high}."
        form.wrong("min_length", code="NUMBER_TYPE_MAX", message=message)
    value = form.text("value", 0, MAX_INPUT if high is None else high)
    placeholder = form.text("placeholder", 0, MAX_PLACEHOLDER)
    for name, found in (("min_length", low), ("max_length", high), ("value", value), ("placeholder", placeholder)):
        if found is not None:
            component[name] = found
    return component
