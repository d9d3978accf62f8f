"""Components of messages: rows of buttons and menus, and the layout of Components V2.

Limits are those of Discord's "Component Reference"; error names were seen in answers of Discord's API where one could
be found, and are worded alike elsewhere (COMPONENT_ID_DUPLICATED, SELECT_COMPONENT_INVALID_DEFAULT_VALUES).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.validate.form import Form
from sandbox.validate.selects import read_select
from sandbox.validate.tree import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    MAX_COMPONENTS,
    MAX_TEXT,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT_DISPLAY,
    THUMBNAIL,
    Tree,
)
from sandbox.validate.urls import BUTTON as BUTTON_SCHEMES
from sandbox.validate.urls import FILE_ONLY, MEDIA, read_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.model import Json
    from sandbox.world import World

MAX_ROWS = MAX_WIDTH = 5
MAX_LABEL, MAX_URL, MAX_ALT, MAX_ITEMS, MAX_SECTION = 80, 512, 1_024, 10, 3
MAX_COLOR = 0xFFFFFF
LINK, PREMIUM = 5, 6
IN_ROW = (BUTTON, *SELECTS)
IN_CONTAINER = (ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR)
TOP_LEVEL = (*IN_CONTAINER, CONTAINER)


def check_components(form: Form, *, v2: bool, world: World | None = None, files: Collection[str] = ()) -> list[Json]:
    """Return the components of a message body as Discord gives them back, every one with its id.

    `files` are the names that `attachment://` may point to; these references stay as they are.
    """
    tree = Tree(world, files)
    allowed, most = (TOP_LEVEL, MAX_COMPONENTS) if v2 else ((ROW,), MAX_ROWS)
    if v2 and _count(form.body.get("components")) > MAX_COMPONENTS:
        message = f"Total number of components cannot exceed {MAX_COMPONENTS}"
        form.wrong("components", code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message=message)
        return []
    found = [_read(part, allowed, tree) for part in form.parts("components", most) or ()]
    components = [component for component in found if component is not None]
    if tree.text > MAX_TEXT:
        message = f"Components displayable text size exceeds maximum size of {MAX_TEXT}"
        form.wrong("components", code="COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message=message)
    tree.number(components)
    return components


def _count(value: object) -> int:
    """Count components, nested ones too (however deep), in a body that may be anything."""
    return sum(1 for _ in raw_components(value))


def raw_components(value: object) -> Iterator[Json]:
    """Yield every object that stands where a component may, in a body that was not checked."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += cast("list[object]", found)
        elif isinstance(found, dict):
            component = cast("Json", found)
            yield component
            waiting += [component.get("components"), component.get("accessory")]


def _read(form: Form, allowed: tuple[int, ...], tree: Tree) -> Json | None:
    component = tree.enter(form, allowed)
    if component is None:
        return None
    reader = _READERS.get(component["type"])
    return reader(form, component, tree) if reader else read_select(form, component, tree, modal=False)


def _children(form: Form, allowed: tuple[int, ...], low: int, high: int, tree: Tree) -> list[Json]:
    form.raw("components", required=True)
    found = [_read(part, allowed, tree) for part in form.parts("components", high, low=low) or ()]
    return [component for component in found if component is not None]


def _row(form: Form, component: Json, tree: Tree) -> Json:
    children = _children(form, IN_ROW, 1, MAX_WIDTH, tree)
    if len(children) > 1 and any(child["type"] in SELECTS for child in children):
        for index in range(1, len(children)):
            message = "The specified component exceeds the maximum width"
            form.wrong("components", index, code="COMPONENT_LAYOUT_WIDTH_EXCEEDED", message=message)
    return component | {"components": children}


def _button(form: Form, component: Json, tree: Tree) -> Json:
    style = form.choice("style", (1, 2, 3, 4, LINK, PREMIUM), required=True)
    custom_id = tree.custom_id(form, required=False)
    url = read_url(form, "url", BUTTON_SCHEMES, MAX_URL)
    label, emoji, sku = form.text("label", 0, MAX_LABEL), tree.emoji(form), form.snowflake("sku_id")
    disabled = form.flag("disabled")
    if style is None:
        return component
    _check_button(form, style)
    for name, value in (
        ("style", style),
        ("custom_id", custom_id),
        ("url", url),
        ("label", label or None),
        ("emoji", emoji),
        ("sku_id", None if sku is None else str(sku)),
        ("disabled", disabled),
    ):
        if value is not None:
            component[name] = value
    return component


def _check_button(form: Form, style: int) -> None:
    """Note the fields that a button of this style lacks or may not have."""
    sent = {name for name in ("custom_id", "url", "sku_id", "label", "emoji") if form.body.get(name)}
    if style == PREMIUM:
        if "sku_id" not in sent:
            form.wrong("sku_id", code="BUTTON_COMPONENT_SKU_ID_REQUIRED", message="A sku id is required")
        for name in sorted(sent - {"sku_id"}):
            message = f"A premium button cannot have the field {name}"
            form.wrong(name, code="BUTTON_COMPONENT_PREMIUM_FIELD_NOT_ALLOWED", message=message)
        return
    if "sku_id" in sent:
        message = "Only a premium button can have a sku id"
        form.wrong("sku_id", code="BUTTON_COMPONENT_SKU_ID_NOT_ALLOWED", message=message)
    if {"custom_id", "url"} <= sent or (style != LINK and "url" in sent) or (style == LINK and "custom_id" in sent):
        for name in ("custom_id", "url"):
            code = "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"
            form.wrong(name, code=code, message="A custom id and url cannot both be specified")
    elif style == LINK and "url" not in sent:
        form.wrong("url", code="BUTTON_COMPONENT_URL_REQUIRED", message="A url is required")
    elif style != LINK and "custom_id" not in sent and form.body.get("custom_id") is None:
        form.wrong("custom_id", code="BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", message="A custom id is required")
    if not sent & {"label", "emoji"}:
        form.wrong("label", code="BASE_TYPE_REQUIRED", message="This field is required")


def read_text_display(form: Form, component: Json, tree: Tree) -> Json:
    """Complete a text display, which is in modals too."""
    content = form.text("content", 1, MAX_TEXT, required=True)
    if content is not None and not content.strip():
        form.wrong("content", code="BASE_TYPE_REQUIRED", message="This field is required")
    tree.text += len(content or "")
    return component | {"content": content or ""}


def _section(form: Form, component: Json, tree: Tree) -> Json:
    children = _children(form, (TEXT_DISPLAY,), 1, MAX_SECTION, tree)
    part = form.part("accessory", required=True)
    accessory = _read(part, (BUTTON, THUMBNAIL), tree) if part is not None else None
    return component | {"components": children} | ({"accessory": accessory} if accessory else {})


def _item(form: Form, tree: Tree) -> Json:
    description = form.text("description", 1, MAX_ALT) if form.body.get("description") != "" else None
    return {
        "media": tree.media(form, "media", MEDIA),
        "description": description,
        "spoiler": bool(form.flag("spoiler")),
    }


def _thumbnail(form: Form, component: Json, tree: Tree) -> Json:
    return component | _item(form, tree)


def _gallery(form: Form, component: Json, tree: Tree) -> Json:
    form.raw("items", required=True)
    return component | {"items": [_item(part, tree) for part in form.parts("items", MAX_ITEMS, low=1) or ()]}


def _file(form: Form, component: Json, tree: Tree) -> Json:
    media = tree.media(form, "file", FILE_ONLY)
    return component | {"file": media, "name": None, "size": None, "spoiler": bool(form.flag("spoiler"))}


def _separator(form: Form, component: Json, tree: Tree) -> Json:
    del tree
    divider = form.flag("divider")
    spacing = form.choice("spacing", (1, 2)) or 1
    return component | {"divider": True if divider is None else divider, "spacing": spacing}


def _container(form: Form, component: Json, tree: Tree) -> Json:
    color = form.integer("accent_color", 0, MAX_COLOR)
    children = _children(form, IN_CONTAINER, 1, MAX_COMPONENTS, tree)
    return component | {"accent_color": color, "components": children, "spoiler": bool(form.flag("spoiler"))}


_READERS = {
    ROW: _row,
    BUTTON: _button,
    SECTION: _section,
    TEXT_DISPLAY: read_text_display,
    THUMBNAIL: _thumbnail,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
}
