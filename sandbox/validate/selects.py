"""Select menus of all five kinds, in messages and in modals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.validate.tree import CHANNEL_SELECT, MENTIONABLE_SELECT, ROLE_SELECT, STRING_SELECT, USER_SELECT

if TYPE_CHECKING:
    from sandbox.model import Json
    from sandbox.validate.form import Form
    from sandbox.validate.tree import Tree

MAX_PLACEHOLDER, MAX_OPTIONS, MAX_OPTION_TEXT = 150, 25, 100
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)
_DEFAULT_KINDS = {
    USER_SELECT: ("user",),
    ROLE_SELECT: ("role",),
    MENTIONABLE_SELECT: ("user", "role"),
    CHANNEL_SELECT: ("channel",),
}


def read_select(form: Form, component: Json, tree: Tree, *, modal: bool) -> Json:
    """Complete the select that `tree.enter` began."""
    component["custom_id"] = tree.custom_id(form)
    placeholder = form.text("placeholder", 0, MAX_PLACEHOLDER)
    if placeholder:
        component["placeholder"] = placeholder
    disabled = form.flag("disabled")
    if modal:
        component["required"] = read_required(form)
        if disabled:
            message = "Modals cannot have disabled components"
            form.wrong("disabled", code="MODAL_COMPONENT_CANNOT_BE_DISABLED", message=message)
    else:
        form.flag("required")  # of no meaning in a message
        if disabled is not None:
            component["disabled"] = disabled
    low, high = read_range(form, MAX_OPTIONS, required=modal and component["required"])
    component |= {"min_values": low, "max_values": high}
    if component["type"] == STRING_SELECT:
        component["options"] = read_options(form, tree, 1, MAX_OPTIONS)
        check_options(form, component["options"], low, high)
    else:
        _defaults(form, component)
    if component["type"] == CHANNEL_SELECT:
        types = _channel_types(form)
        if types:
            component["channel_types"] = types
    return component


def read_required(form: Form) -> bool:
    """Return `required` of a modal's component, true unless said otherwise."""
    value = form.flag("required")
    return True if value is None else value


def read_range(form: Form, most: int, *, required: bool, high: int = 1) -> tuple[int, int]:
    """Return min_values and max_values; `high` is what the latter is when absent."""
    wanted = form.integer("min_values", 0, most)
    top = form.integer("max_values", 1, most)
    if required and wanted == 0:
        form.wrong("min_values", code="NUMBER_TYPE_MIN", message="int value should be greater than or equal to 1.")
    # a menu that asks for more than one needs no max_values of its own only if it may hold as many
    low, top = 1 if wanted is None else wanted, high if top is None else top
    if low > top and form.body.get("min_values") is not None:
        message = f"min_values value should be less than or equal to {top}."
        form.wrong("min_values", code="NUMBER_TYPE_MAX", message=message)
    return low, top


def read_options(form: Form, tree: Tree | None, low: int, high: int) -> list[Json]:
    """Return the options of a menu, radio or checkbox group (these take no emoji: `tree` None)."""
    if not form.raw("options", required=True):
        if form.body.get("options") == []:
            form.wrong("options", code="BASE_TYPE_REQUIRED", message="This field is required")
        return []
    found: list[Json] = []
    values: set[str] = set()
    for part in form.parts("options", high, low=low) or ():
        option: Json = {}
        for name, required in (("label", True), ("value", True), ("description", False)):
            text = part.text(name, 1 if required else 0, MAX_OPTION_TEXT, required=required)
            if text:
                option[name] = text
        emoji = tree.emoji(part) if tree is not None else None
        if emoji is not None:
            option["emoji"] = emoji
        chosen = part.flag("default")
        if chosen is not None:
            option["default"] = chosen
        value = option.get("value")
        if value in values:
            message = "The specified option value is already used"
            part.wrong("value", code="SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message=message)
        if value is not None:
            values.add(value)
        found.append(option)
    return found


def check_options(form: Form, options: list[Json], low: int, high: int) -> None:
    """Note what does not fit between options and the numbers that may be chosen."""
    if not options:
        return
    if high > len(options) or low > len(options):
        message = f"Must be {max(low, high)} or more in length."
        form.wrong("options", code="BASE_TYPE_MIN_LENGTH", message=message)
    if sum(bool(option.get("default")) for option in options) > high:
        message = "The specified number of default values exceeds the specified maximum values"
        form.wrong("options", code="SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message=message)


def _defaults(form: Form, component: Json) -> None:
    found: list[Json] = []
    for part in form.parts("default_values", MAX_OPTIONS) or ():
        kind = part.choice("type", _DEFAULT_KINDS[component["type"]], required=True)
        chosen = part.snowflake("id", required=True)
        if kind is not None and chosen is not None:
            found.append({"id": str(chosen), "type": kind})
    if not found:
        return
    component["default_values"] = found
    if not component["min_values"] <= len(found) <= component["max_values"]:
        message = "The specified number of default values is not within the specified minimum and maximum values"
        form.wrong("default_values", code="SELECT_COMPONENT_INVALID_DEFAULT_VALUES", message=message)


def _channel_types(form: Form) -> list[Any]:
    found = form.items("channel_types", len(CHANNEL_TYPES)) or []
    for index, kind in enumerate(found):
        if kind not in CHANNEL_TYPES:
            message = f"Value must be one of {{{', '.join(map(str, CHANNEL_TYPES))}}}."
            form.wrong("channel_types", index, code="BASE_TYPE_CHOICES", message=message)
        elif kind in found[:index]:
            message = "The set already contains this value"
            form.wrong("channel_types", index, code="SET_TYPE_ALREADY_CONTAINS_VALUE", message=message)
    return found
