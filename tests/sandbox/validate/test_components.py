"""Components of messages, from both sides of every border."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.validate.components import check_components
from sandbox.validate.form import Form
from tests.support.bodies import button, container, gallery, refused, row, section, select, text

Json = dict[str, Any]


def read(*components: Json, v2: bool = False, files: tuple[str, ...] = ()) -> list[Json]:
    form = Form({"components": list(components)})
    found = check_components(form, v2=v2, files=files)
    form.done()
    return found


def errors(*components: Json, v2: bool = False, files: tuple[str, ...] = ()) -> dict[str, str]:
    return refused(lambda: read(*components, v2=v2, files=files))


def test_five_rows_of_five_buttons_and_no_more() -> None:
    rows = [row(*(button(f"{line}-{column}") for column in range(5))) for line in range(5)]
    assert len(read(*rows)) == 5
    assert errors(*rows, row(button("more"))) == {"components": "BASE_TYPE_MAX_LENGTH"}
    assert errors(row(*(button(str(number)) for number in range(6)))) == {
        "components.0.components": "BASE_TYPE_BAD_LENGTH"
    }
    assert errors(row()) == {"components.0.components": "BASE_TYPE_BAD_LENGTH"}


def test_a_select_has_its_row_to_itself() -> None:
    assert read(row(select()))
    assert errors(row(select("a"), select("b"))) == {"components.0.components.1": "COMPONENT_LAYOUT_WIDTH_EXCEEDED"}
    assert errors(row(button(), select())) == {"components.0.components.1": "COMPONENT_LAYOUT_WIDTH_EXCEEDED"}


@pytest.mark.parametrize(
    "component", [text(), section(), gallery("https://a.example/b.png"), {"type": 14}, container()]
)
def test_layout_needs_the_flag(component: Json) -> None:
    assert errors(component)["components.0"] == "UNION_TYPE_CHOICES"


def test_unknown_and_misplaced_types() -> None:
    assert errors({"type": 99}, v2=True) == {"components.0": "UNION_TYPE_CHOICES"}
    assert errors({"content": "x"}, v2=True) == {"components.0.type": "BASE_TYPE_REQUIRED"}
    assert errors(button(), v2=True) == {"components.0": "UNION_TYPE_CHOICES"}
    assert errors(container(container(text())), v2=True) == {"components.0.components.0": "UNION_TYPE_CHOICES"}
    assert errors(row({"type": 4, "custom_id": "x", "style": 1})) == {"components.0.components.0": "UNION_TYPE_CHOICES"}
    form = Form({"components": ["no object"]})
    check_components(form, v2=True)
    assert form.errors[0].code == "MODEL_TYPE_CONVERT"


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"custom_id": ""}, "custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
        ({"custom_id": "x" * 101}, "custom_id", "BASE_TYPE_BAD_LENGTH"),
        ({"label": "x" * 81}, "label", "BASE_TYPE_MAX_LENGTH"),
        ({"label": None}, "label", "BASE_TYPE_REQUIRED"),
        ({"style": 7}, "style", "BASE_TYPE_CHOICES"),
        ({"style": None}, "style", "BASE_TYPE_REQUIRED"),
        ({"url": "https://a.example"}, "custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
        ({"style": 5}, "custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
        ({"style": 5, "custom_id": ""}, "url", "BUTTON_COMPONENT_URL_REQUIRED"),
        ({"style": 5, "custom_id": "", "url": "ftp://a.example"}, "url", "URL_TYPE_INVALID_SCHEME"),
        ({"style": 5, "custom_id": "", "url": "http://localhost:1/x"}, "url", "URL_TYPE_INVALID_URL"),
        ({"style": 5, "custom_id": "", "url": "nothing"}, "url", "URL_TYPE_INVALID_URL"),
        ({"style": 5, "custom_id": "", "url": "https://a.example/" + "x" * 500}, "url", "BASE_TYPE_MAX_LENGTH"),
        ({"style": 6}, "sku_id", "BUTTON_COMPONENT_SKU_ID_REQUIRED"),
        ({"style": 6, "sku_id": "5"}, "custom_id", "BUTTON_COMPONENT_PREMIUM_FIELD_NOT_ALLOWED"),
        ({"sku_id": "5"}, "sku_id", "BUTTON_COMPONENT_SKU_ID_NOT_ALLOWED"),
        ({"emoji": {"name": "nope"}}, "emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI"),
        ({"disabled": "yes"}, "disabled", "BOOLEAN_TYPE_CONVERT"),
    ],
)
def test_button_refused(fields: Json, path: str, code: str) -> None:
    assert errors(row(button(**fields)))[f"components.0.components.0.{path}"] == code


@pytest.mark.parametrize(
    "fields",
    [
        {"custom_id": "x" * 100, "label": "x" * 80},
        {"label": None, "emoji": {"name": "👍🏽"}},
        {"label": None, "emoji": {"id": "123456789012345678", "name": "blob"}},
        {"style": 5, "custom_id": "", "url": "https://a.example/" + "x" * 494},
        {"style": 5, "custom_id": "", "url": "discord://-/channels/1"},
        {"style": 5, "custom_id": "", "url": "http://127.0.0.1:8420/x"},
        {"style": 6, "custom_id": "", "label": None, "sku_id": "5"},
    ],
)
def test_button_accepted(fields: Json) -> None:
    assert read(row(button(**fields)))[0]["components"][0]["type"] == 2


def test_custom_ids_are_unique_in_a_message() -> None:
    doubled = errors(row(button("a"), button("a")), row(select("a")))
    assert doubled == {
        "components.0.components.1.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED",
        "components.1.components.0.custom_id": "COMPONENT_CUSTOM_ID_DUPLICATED",
    }


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"options": []}, "options", "BASE_TYPE_REQUIRED"),
        ({"options": None}, "options", "BASE_TYPE_REQUIRED"),
        ({"placeholder": "x" * 151}, "placeholder", "BASE_TYPE_MAX_LENGTH"),
        ({"min_values": -1}, "min_values", "NUMBER_TYPE_MIN"),
        ({"max_values": 0}, "max_values", "NUMBER_TYPE_MIN"),
        ({"max_values": 26}, "max_values", "NUMBER_TYPE_MAX"),
        ({"min_values": 2}, "min_values", "NUMBER_TYPE_MAX"),
        ({"max_values": 4}, "options", "BASE_TYPE_MIN_LENGTH"),
        ({"options": [{"label": "x" * 101, "value": "a"}]}, "options.0.label", "BASE_TYPE_BAD_LENGTH"),
        ({"options": [{"label": "a", "value": "x" * 101}]}, "options.0.value", "BASE_TYPE_BAD_LENGTH"),
        ({"options": [{"label": "a"}]}, "options.0.value", "BASE_TYPE_REQUIRED"),
        (
            {"options": [{"label": "a", "value": "a", "description": "x" * 101}]},
            "options.0.description",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"options": [{"label": "a", "value": "same"}, {"label": "b", "value": "same"}]},
            "options.1.value",
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        ),
        (
            {"options": [{"label": str(n), "value": str(n), "default": True} for n in range(2)]},
            "options",
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
        ),
    ],
)
def test_string_select_refused(fields: Json, path: str, code: str) -> None:
    assert errors(row(select(**fields)))[f"components.0.components.0.{path}"] == code


def test_string_select_accepted_up_to_its_limits() -> None:
    full = select(count=25, placeholder="x" * 150, min_values=0, max_values=25)
    (found,) = read(row(full))[0]["components"]
    assert (found["min_values"], found["max_values"], len(found["options"])) == (0, 25, 25)
    assert errors(row(select(count=26))) == {"components.0.components.0.options": "BASE_TYPE_BAD_LENGTH"}


@pytest.mark.parametrize(("kind", "named"), [(5, "user"), (6, "role"), (7, "role"), (7, "user"), (8, "channel")])
def test_entity_selects_and_their_defaults(kind: int, named: str) -> None:
    default = {"id": "1", "type": named}
    (found,) = read(row(select(kind=kind, default_values=[default])))[0]["components"]
    assert found["default_values"] == [default]
    path = "components.0.components.0.default_values"
    assert errors(row(select(kind=kind, default_values=[default, {"id": "2", "type": named}]))) == {
        path: "SELECT_COMPONENT_INVALID_DEFAULT_VALUES"
    }
    other = "channel" if named != "channel" else "user"
    assert errors(row(select(kind=kind, default_values=[{"id": "1", "type": other}]))) == {
        f"{path}.0.type": "BASE_TYPE_CHOICES"
    }


def test_channel_types() -> None:
    assert read(row(select(kind=8, channel_types=[0, 15])))[0]["components"][0]["channel_types"] == [0, 15]
    found = errors(row(select(kind=8, channel_types=[0, 0, 99])))
    assert found == {
        "components.0.components.0.channel_types.1": "SET_TYPE_ALREADY_CONTAINS_VALUE",
        "components.0.components.0.channel_types.2": "BASE_TYPE_CHOICES",
    }


def test_forty_components_counted_with_those_inside() -> None:
    assert len(read(*(text(str(number)) for number in range(40)), v2=True)) == 40
    # a row of 5 buttons counts 6, a section with text and accessory 3, a container 1
    rows = [row(*(button(f"{line}-{column}") for column in range(5))) for line in range(5)]
    nested = container(*rows, section(accessory=button("x")), section(accessory=button("y")))
    assert read(nested, text(), text(), text(), v2=True)
    assert errors(nested, text(), text(), text(), text(), v2=True) == {
        "components": "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"
    }


def test_four_thousand_characters_in_all_texts() -> None:
    assert read(text("x" * 2_000), container(section(text("x" * 2_000))), v2=True)
    over = {"components": "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"}
    assert errors(text("x" * 2_000), container(text("x" * 2_001)), v2=True) == over
    assert errors(text("x" * 4_001), v2=True) == {"components.0.content": "BASE_TYPE_BAD_LENGTH"}
    assert errors(text(""), v2=True) == {"components.0.content": "BASE_TYPE_BAD_LENGTH"}
    assert errors(text(" \n"), v2=True) == {"components.0.content": "BASE_TYPE_REQUIRED"}


def test_section() -> None:
    assert read(section(text("1"), text("2"), text("3")), v2=True)
    assert errors(section(*(text(str(n)) for n in range(4))), v2=True) == {
        "components.0.components": "BASE_TYPE_BAD_LENGTH"
    }
    assert errors({"type": 9, "components": [text()]}, v2=True) == {"components.0.accessory": "BASE_TYPE_REQUIRED"}
    assert errors(section(accessory=text()), v2=True) == {"components.0.accessory": "UNION_TYPE_CHOICES"}
    assert errors(section(row(button())), v2=True) == {"components.0.components.0": "UNION_TYPE_CHOICES"}


def test_media() -> None:
    urls = [f"https://a.example/{number}.png" for number in range(11)]
    assert len(read(gallery(*urls[:10]), v2=True)[0]["items"]) == 10
    assert errors(gallery(*urls), v2=True) == {"components.0.items": "BASE_TYPE_BAD_LENGTH"}
    assert errors(gallery(), v2=True) == {"components.0.items": "BASE_TYPE_BAD_LENGTH"}
    assert errors(gallery("data:image/png;base64,x"), v2=True) == {
        "components.0.items.0.media.url": "URL_TYPE_INVALID_SCHEME"
    }
    item = {"type": 12, "items": [{"media": {"url": urls[0]}, "description": "x" * 1025}]}
    assert errors(item, v2=True) == {"components.0.items.0.description": "BASE_TYPE_BAD_LENGTH"}


def test_files_must_be_attached() -> None:
    file = {"type": 13, "file": {"url": "attachment://ballots.json"}}
    assert read(file, v2=True, files=("ballots.json",))
    missing = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
    assert errors(file, v2=True) == {"components.0.file.url": missing}
    assert errors(gallery("attachment://a.png"), v2=True) == {"components.0.items.0.media.url": missing}
    assert errors({"type": 13, "file": {"url": "https://a.example/b.json"}}, v2=True) == {
        "components.0.file.url": "URL_TYPE_INVALID_SCHEME"
    }


def test_container_and_separator() -> None:
    (found,) = read(container(text(), {"type": 14, "divider": False, "spacing": 2}, accent_color=0xFFFFFF), v2=True)
    assert found["components"][1] == {"type": 14, "id": 3, "divider": False, "spacing": 2}
    assert errors(container(), v2=True) == {"components.0.components": "BASE_TYPE_BAD_LENGTH"}
    assert errors(container(text(), accent_color=0x1000000), v2=True) == {
        "components.0.accent_color": "NUMBER_TYPE_MAX"
    }
    assert errors({"type": 14, "spacing": 3}, v2=True) == {"components.0.spacing": "BASE_TYPE_CHOICES"}


def test_ids_are_counted_in_reading_order_and_spare_those_given() -> None:
    found = read(container(text(id=2), section(accessory=button())), row(button("b"), id=7), v2=True)
    box, line = found
    inner = box["components"]
    assert [box["id"], inner[0]["id"], inner[1]["id"]] == [1, 2, 3]
    assert [inner[1]["components"][0]["id"], inner[1]["accessory"]["id"]] == [4, 5]
    assert [line["id"], line["components"][0]["id"]] == [7, 6]
    assert read(text(id=0), v2=True)[0]["id"] == 1
    assert errors(text(id=5), text(id=5), v2=True) == {"components.1.id": "COMPONENT_ID_DUPLICATED"}
