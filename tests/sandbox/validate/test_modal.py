"""Modals, from both sides of every border."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.validate.modal import check_modal
from tests.support.bodies import button, label, modal, refused, row, select, text, text_input

Json = dict[str, Any]


def errors(*components: Json, **fields: object) -> dict[str, str]:
    return refused(lambda: check_modal(modal(*components, **fields)))


def options(count: int) -> list[Json]:
    return [{"label": str(number), "value": str(number)} for number in range(count)]


def inner(component: Json) -> Json:
    return check_modal(modal(label(component)))["components"][0]["component"]


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"title": "x" * 46}, "title", "BASE_TYPE_BAD_LENGTH"),
        ({"title": None}, "title", "BASE_TYPE_REQUIRED"),
        ({"custom_id": "x" * 101}, "custom_id", "BASE_TYPE_BAD_LENGTH"),
        ({"custom_id": None}, "custom_id", "BASE_TYPE_REQUIRED"),
        ({"components": None}, "components", "BASE_TYPE_REQUIRED"),
        ({"components": []}, "components", "BASE_TYPE_BAD_LENGTH"),
    ],
)
def test_frame(fields: Json, path: str, code: str) -> None:
    assert errors(label(text_input()), **fields) == {path: code}


def test_five_rows_with_ids() -> None:
    parts = [label(text_input(str(number))) for number in range(5)]
    found = check_modal(modal(*parts, title="x" * 45, custom_id="y" * 100))
    assert [part["id"] for part in found["components"]] == [1, 3, 5, 7, 9]
    assert [part["component"]["id"] for part in found["components"]] == [2, 4, 6, 8, 10]
    assert errors(*parts, text()) == {"components": "BASE_TYPE_BAD_LENGTH"}


def test_what_stands_where() -> None:
    assert check_modal(modal(text("Read this first"), label(text_input())))["components"][0]["content"]
    assert errors(row(button())) == {"components.0.components.0": "UNION_TYPE_CHOICES"}
    assert errors(text_input()) == {"components.0": "UNION_TYPE_CHOICES"}
    assert errors(label(button())) == {"components.0.component": "UNION_TYPE_CHOICES"}
    assert errors({"type": 18, "label": "x"}) == {"components.0.component": "BASE_TYPE_REQUIRED"}
    # the former shape: a text input in a row, which carries the label itself
    assert check_modal(modal(row(text_input(label="Name"))))["components"][0]["components"][0]["label"] == "Name"
    assert errors(row(text_input())) == {"components.0.components.0.label": "BASE_TYPE_REQUIRED"}


def test_label() -> None:
    assert check_modal(modal(label(text_input(), text="x" * 45, description="y" * 100)))
    assert errors(label(text_input(), text="x" * 46)) == {"components.0.label": "BASE_TYPE_BAD_LENGTH"}
    assert errors(label(text_input(), description="x" * 101)) == {"components.0.description": "BASE_TYPE_MAX_LENGTH"}


def test_custom_ids_are_unique() -> None:
    found = errors(label(text_input("a")), label(select("a")))
    assert found == {"components.1.component.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED"}


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"style": 3}, "style", "BASE_TYPE_CHOICES"),
        ({"style": None}, "style", "BASE_TYPE_REQUIRED"),
        ({"min_length": 4_001}, "min_length", "NUMBER_TYPE_MAX"),
        ({"max_length": 0}, "max_length", "NUMBER_TYPE_MIN"),
        ({"max_length": 4_001}, "max_length", "NUMBER_TYPE_MAX"),
        ({"min_length": 5, "max_length": 4}, "min_length", "NUMBER_TYPE_MAX"),
        ({"value": "x" * 4_001}, "value", "BASE_TYPE_MAX_LENGTH"),
        ({"value": "xxxx", "max_length": 3}, "value", "BASE_TYPE_MAX_LENGTH"),
        ({"placeholder": "x" * 101}, "placeholder", "BASE_TYPE_MAX_LENGTH"),
        ({"custom_id": None}, "custom_id", "BASE_TYPE_REQUIRED"),
    ],
)
def test_text_input_refused(fields: Json, path: str, code: str) -> None:
    assert errors(label(text_input(**fields))) == {f"components.0.component.{path}": code}


def test_text_input_accepted() -> None:
    found = inner(text_input(value="x" * 4_000, placeholder="p" * 100, min_length=0, max_length=4_000, required=False))
    assert (found["max_length"], found["required"]) == (4_000, False)


@pytest.mark.parametrize("kind", [3, 5, 6, 7, 8])
def test_selects(kind: int) -> None:
    assert inner(select(kind=kind))["required"] is True
    path = "components.0.component"
    assert errors(label(select(kind=kind, disabled=True))) == {f"{path}.disabled": "MODAL_COMPONENT_CANNOT_BE_DISABLED"}
    assert errors(label(select(kind=kind, min_values=0))) == {f"{path}.min_values": "NUMBER_TYPE_MIN"}
    assert inner(select(kind=kind, min_values=0, required=False))["min_values"] == 0


def test_radio_group() -> None:
    group = {"type": 21, "custom_id": "r"}
    assert len(inner({**group, "options": options(10)})["options"]) == 10
    assert inner({**group, "options": options(2)})
    path = "components.0.component.options"
    assert errors(label({**group, "options": options(1)})) == {path: "BASE_TYPE_BAD_LENGTH"}
    assert errors(label({**group, "options": options(11)})) == {path: "BASE_TYPE_BAD_LENGTH"}
    two = [one | {"default": True} for one in options(2)]
    assert errors(label({**group, "options": two})) == {path: "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES"}


def test_checkbox_group() -> None:
    group = {"type": 22, "custom_id": "c"}
    found = inner({**group, "options": options(3)})
    assert (found["min_values"], found["max_values"]) == (1, 3)
    assert inner({**group, "options": options(1)})
    path = "components.0.component"
    assert errors(label({**group, "options": options(11)})) == {f"{path}.options": "BASE_TYPE_BAD_LENGTH"}
    assert errors(label({**group, "options": options(2), "max_values": 3})) == {
        f"{path}.options": "BASE_TYPE_MIN_LENGTH"
    }
    assert errors(label({**group, "options": options(2), "min_values": 0})) == {f"{path}.min_values": "NUMBER_TYPE_MIN"}


def test_file_upload_and_checkbox() -> None:
    found = inner({"type": 19, "custom_id": "f", "min_values": 1, "max_values": 10})
    assert (found["min_values"], found["max_values"]) == (1, 10)
    path = "components.0.component"
    assert errors(label({"type": 19, "custom_id": "f", "max_values": 11})) == {f"{path}.max_values": "NUMBER_TYPE_MAX"}
    assert errors(label({"type": 19, "custom_id": "f", "min_values": 0})) == {f"{path}.min_values": "NUMBER_TYPE_MIN"}
    assert inner({"type": 23, "custom_id": "y"})["default"] is False
    assert inner({"type": 23, "custom_id": "y", "default": True})["default"] is True
