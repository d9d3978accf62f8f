"""Application commands: what Discord accepts, and how it spells back what it took.

Limits are those of Discord's documentation, "Application Commands"; error names were seen in answers of Discord's API.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import FieldError, FormError
from sandbox.validate.form import MAX_SAFE_INTEGER, Form

if TYPE_CHECKING:
    from sandbox.model import Json

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
_LOCALE_NAMES = (
    "ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk "
    "vi zh-CN zh-TW"
)
LOCALES = frozenset(_LOCALE_NAMES.split())
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)
MAX_OF_TYPE = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
MAX_OPTIONS = MAX_CHOICES = 25
MAX_SIZE = 8_000
MAX_NAME, MAX_TEXT, MAX_LENGTH = 32, 100, 6_000


def command_body(body: object, *path: str | int, in_guild: bool, errors: list[FieldError] | None = None) -> Json:
    """Return a command as Discord keeps it, without ids; raises 50035, or only notes what is wrong in `errors`."""
    form = Form(body, *path, errors=errors)
    kind = form.choice("type", (CHAT_INPUT, USER_MENU, MESSAGE_MENU)) or CHAT_INPUT
    chat = kind == CHAT_INPUT
    result: Json = {
        "type": kind,
        "name": _name(form, "name", chat=chat),
        "name_localizations": _localizations(form, "name_localizations", MAX_NAME, names=chat),
        "description": "",
        "description_localizations": _localizations(form, "description_localizations", MAX_TEXT, names=False),
        "default_member_permissions": None,
        "nsfw": bool(form.flag("nsfw")),
    }
    bits = form.bits("default_member_permissions")
    if bits is not None:
        result["default_member_permissions"] = str(bits)
    if chat:
        result["description"] = form.text("description", 1, MAX_TEXT, required=True)
        if options := _options(form, depth=0):
            result["options"] = options
    else:
        _menu(form)
    private = form.flag("dm_permission")
    contexts = _values(form, "contexts", (0, 1, 2))
    installs = _values(form, "integration_types", (0, 1))
    if not in_guild:
        if contexts is not None:
            private = 1 in contexts
        result |= {
            "dm_permission": private is not False,
            "contexts": contexts,
            "integration_types": installs or [0],
        }
    if errors is None:
        form.done()
    if not form.errors and command_size(result) > MAX_SIZE:
        form.wrong(code="APPLICATION_COMMAND_TOO_LARGE", message=f"Command exceeds maximum size ({MAX_SIZE})")
        if errors is None:
            form.done()
    return result


def bulk_bodies(body: object, *, in_guild: bool) -> list[Json]:
    """Return the commands of a bulk overwrite, each with the `id` it was sent with (or None); raises 50035."""
    if not isinstance(body, list):
        raise FormError([FieldError((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")])
    sent = cast("list[Any]", body)
    most = sum(MAX_OF_TYPE.values())
    if len(sent) > most:
        raise FormError([FieldError((), "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")])
    errors: list[FieldError] = []
    results = [command_body(one, index, in_guild=in_guild, errors=errors) for index, one in enumerate(sent)]
    seen: set[tuple[Any, Any]] = set()
    for index, (result, one) in enumerate(zip(results, sent, strict=True)):
        key = (result["type"], result["name"])
        if key in seen and result["name"] is not None:
            errors.append(duplicate_name(index))
        seen.add(key)
        result["id"] = (
            Form(cast("object", one), index, errors=errors).snowflake("id") if isinstance(one, dict) else None
        )
    if errors:
        raise FormError(errors)
    return results


def duplicate_name(*path: str | int) -> FieldError:
    """Return the error of a second command of one type and name."""
    return FieldError(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")


def command_size(body: Json) -> int:
    """Return how many characters of Discord's 8,000 a command takes: every text in its longest language."""
    size = _longest(body, "name") + _longest(body, "description")
    for choice in body.get("choices", ()):
        size += _longest(choice, "name") + len(str(choice["value"]))
    return size + sum(command_size(option) for option in body.get("options", ()))


def valid_name(name: str) -> bool:
    """Tell whether a chat-input name holds only what Discord allows, in lower case."""
    return name == name.lower() and all(_allowed(character) for character in name)


def _longest(body: Json, name: str) -> int:
    translated: dict[str, str] = body.get(f"{name}_localizations") or {}
    return max(len(body.get(name) or ""), *(len(text) for text in translated.values()), 0)


def _allowed(character: str) -> bool:
    if character in "-_'" or unicodedata.category(character)[0] in "LN":
        return True
    script = unicodedata.name(character, "").split(" ")[0]
    # combining vowels of these two scripts are letters to their readers; danda and baht belong to no script
    return script in {"DEVANAGARI", "THAI"} and character not in "\u0964\u0965\u0e3f"


def _name(form: Form, field: str, *, chat: bool) -> str | None:
    name = form.text(field, 1, MAX_NAME, required=True)
    if name is not None and chat and not valid_name(name):
        form.wrong(field, code="APPLICATION_COMMAND_INVALID_NAME", message="Command name is invalid")
    return name


def _localizations(form: Form, field: str, most: int, *, names: bool) -> dict[str, str] | None:
    part = form.part(field)
    if part is None:
        return None
    result: dict[str, str] = {}
    for locale in part.body:
        if locale not in LOCALES:
            part.wrong(locale, code="ENUM_TYPE_COERCE", message=f'Value "{locale}" is not a valid enum value.')
            continue
        text = part.text(locale, 1, most)
        if text is None:
            continue
        if names and not valid_name(text):
            part.wrong(locale, code="APPLICATION_COMMAND_INVALID_NAME", message="Command name is invalid")
        result[locale] = text
    return result


def _values(form: Form, field: str, allowed: tuple[int, ...]) -> list[int] | None:
    found = form.items(field, len(allowed), low=1)
    if found is None:
        return None
    for index, value in enumerate(found):
        if value not in allowed or isinstance(value, bool):
            form.wrong(field, index, code="ENUM_TYPE_COERCE", message=f'Value "{value}" is not a valid enum value.')
            return None
    if len(set(found)) != len(found):
        form.wrong(field, code="BASE_TYPE_DUPLICATE", message="Values must be unique.")
    return found


def _menu(form: Form) -> None:
    if form.text("description", 0, MAX_TEXT):
        form.wrong(
            "description",
            code="APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
            message="Context menu commands cannot have description",
        )
    if form.items("options", MAX_OPTIONS):
        form.wrong(
            "options",
            code="APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID",
            message="Context menu commands cannot have options",
        )


def _options(form: Form, *, depth: int) -> list[Json]:
    parts = form.parts("options", MAX_OPTIONS) or []
    results = [_option(part, depth=depth) for part in parts]
    nesting = [result["type"] in {SUBCOMMAND, GROUP} for result in results]
    names: set[Any] = set()
    optional = False
    for index, (result, nested) in enumerate(zip(results, nesting, strict=True)):
        if nested != nesting[0]:
            form.wrong(
                "options",
                index,
                code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                message="Sub-command and sub-command group option types are mutually exclusive to all other types",
            )
        if result["name"] is not None and result["name"] in names:
            form.wrong(
                "options",
                index,
                code="APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                message="Option name already exists",
            )
        names.add(result["name"])
        if optional and result.get("required"):
            form.wrong(
                "options",
                index,
                code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                message="Required options must be placed before non-required options",
            )
        optional = optional or not (nested or result.get("required"))
    return results


def _option(form: Form, *, depth: int) -> Json:
    kind = form.choice("type", tuple(range(SUBCOMMAND, ATTACHMENT + 1)), required=True) or STRING
    result: Json = {
        "type": kind,
        "name": _name(form, "name", chat=True),
        "name_localizations": _localizations(form, "name_localizations", MAX_NAME, names=True),
        "description": form.text("description", 1, MAX_TEXT, required=True),
        "description_localizations": _localizations(form, "description_localizations", MAX_TEXT, names=False),
    }
    required = form.flag("required")
    if kind in {SUBCOMMAND, GROUP}:
        _check_place(form, kind, depth)
        if required:
            _misplaced(form, "required", "REQUIRED", "Required")
        # a group's own options are subcommands, a subcommand's are values
        if options := _options(form, depth=1 if kind == GROUP else 2):
            result["options"] = options
    else:
        if depth == 1:
            _bad_nesting(form)
        if form.raw("options"):
            _misplaced(form, "options", "OPTIONS", "Options")
        if required:
            result["required"] = True
    result |= _choices(form, kind)
    result |= _bounds(form, kind)
    if form.raw("channel_types") is not None:
        if kind != CHANNEL:
            _misplaced(form, "channel_types", "CHANNEL_TYPES", "Channel types")
        elif types := _values(form, "channel_types", CHANNEL_TYPES):
            result["channel_types"] = types
    return result


def _check_place(form: Form, kind: int, depth: int) -> None:
    if (kind == GROUP and depth > 0) or depth > 1:
        _bad_nesting(form)


def _bad_nesting(form: Form) -> None:
    form.wrong(
        "type",
        code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        message="Sub-command groups hold sub-commands, and sub-commands hold options of all other types only",
    )


def _misplaced(form: Form, field: str, name: str, spoken: str) -> None:
    form.wrong(
        field,
        code=f"APPLICATION_COMMAND_{name}_INVALID",
        message=f"{spoken} cannot be configured for this type of option",
    )


def _choices(form: Form, kind: int) -> Json:
    """Read choices and autocomplete, which exclude each other."""
    result: Json = {}
    valued = kind in {STRING, INTEGER, NUMBER}
    autocomplete = form.flag("autocomplete")
    if autocomplete:
        if not valued:
            _misplaced(form, "autocomplete", "AUTOCOMPLETE", "Autocomplete")
        result["autocomplete"] = True
    parts = form.parts("choices", MAX_CHOICES)
    if not parts:
        return result
    if not valued:
        _misplaced(form, "choices", "CHOICES", "Choices")
        return result
    if autocomplete:
        form.wrong(
            "choices",
            code="APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
            message="Autocomplete options cannot have choices",
        )
    result["choices"] = [_choice(part, kind) for part in parts]
    names: set[str | None] = set()
    for index, choice in enumerate(result["choices"]):
        if choice["name"] in names and choice["name"] is not None:
            form.wrong(
                "choices",
                index,
                code="APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                message="Option choice name already exists",
            )
        names.add(choice["name"])
    return result


def _choice(form: Form, kind: int) -> Json:
    value: str | float | None
    if form.raw("value", required=True) is None:
        value = None
    elif kind == STRING:
        value = form.text("value", 0, MAX_TEXT)
    elif kind == INTEGER:
        value = form.integer("value", -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    else:
        value = form.number("value", -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    return {
        "name": form.text("name", 1, MAX_TEXT, required=True),
        "name_localizations": _localizations(form, "name_localizations", MAX_TEXT, names=False),
        "value": "" if value is None else value,
    }


def _bounds(form: Form, kind: int) -> Json:
    """Read min and max of a value or a length."""
    result: Json = {}
    for what, kinds in (("value", (INTEGER, NUMBER)), ("length", (STRING,))):
        for field in (f"min_{what}", f"max_{what}"):
            if form.raw(field) is None:
                continue
            if kind not in kinds:
                _misplaced(form, field, field.upper(), field.replace("_", " ").capitalize())
                continue
            bound = _bound(form, field, kind)
            if bound is not None:
                result[field] = bound
        low, high = result.get(f"min_{what}"), result.get(f"max_{what}")
        if low is not None and high is not None and low > high:
            form.wrong(
                f"max_{what}",
                code="NUMBER_TYPE_MIN",
                message=f"int value should be greater than or equal to {low}.",
            )
    return result


def _bound(form: Form, field: str, kind: int) -> float | None:
    if kind == STRING:
        return form.integer(field, 1 if field == "max_length" else 0, MAX_LENGTH)
    if kind == INTEGER:
        return form.integer(field, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    return form.number(field, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
