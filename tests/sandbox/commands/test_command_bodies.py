"""Both sides of every border of an application command."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from discord.app_commands.commands import VALID_SLASH_COMMAND_NAME
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import FormError
from sandbox.validate.commands import LOCALES, bulk_bodies, command_body, command_size, valid_name

Json = dict[str, Any]


def chat(**fields: object) -> Json:
    return {"name": "poll", "description": "Ask the room", **fields}


def option(kind: int = 3, **fields: object) -> Json:
    return {"type": kind, "name": "topic", "description": "About what", **fields}


def choices(count: int) -> list[Json]:
    return [{"name": f"choice {number}", "value": f"value {number}"} for number in range(count)]


def many(count: int, kind: int = 3) -> list[Json]:
    return [option(kind, name=f"option{number}") for number in range(count)]


def sub(**fields: object) -> Json:
    return option(1, **{"name": "create", **fields})


def group(*subs: Json, **fields: object) -> Json:
    return option(2, name="group", options=list(subs), **fields)


ACCEPTED = [
    chat(),
    chat(name="a"),
    chat(name="a" * 32),
    chat(name="frage_zwei-3"),
    chat(name="l'heure"),
    chat(name="投票"),
    chat(name="ไทยดีๆ"),
    chat(name="हिन्दी"),
    chat(name="привет"),
    chat(description="d" * 100),
    chat(options=many(25)),
    chat(options=[option(choices=choices(25))]),
    chat(options=[option(choices=[{"name": "n" * 100, "value": "v" * 100}])]),
    chat(options=[option(required=True), option(name="later")]),
    chat(options=[option(autocomplete=True)]),
    chat(options=[option(min_length=0, max_length=6000)]),
    chat(options=[option(min_length=6000, max_length=6000)]),
    chat(options=[option(4, min_value=-5, max_value=5)]),
    chat(options=[option(4, min_value=-(2**53) + 1, max_value=2**53 - 1)]),
    chat(options=[option(10, min_value=0.5, max_value=0.75)]),
    chat(options=[option(4, choices=[{"name": "one", "value": 1}])]),
    chat(options=[option(10, choices=[{"name": "half", "value": 0.5}])]),
    chat(options=[option(7, channel_types=[0, 5, 15])]),
    *(chat(options=[option(kind)]) for kind in range(3, 12)),
    chat(options=[sub(), sub(name="list")]),
    chat(options=[group(sub(options=[option()]))]),
    chat(options=[group(sub()), sub(name="list")]),
    chat(options=[group(*(sub(name=f"s{number}") for number in range(25)))]),
    chat(default_member_permissions="0"),
    chat(default_member_permissions=32),
    chat(default_member_permissions=None),
    chat(contexts=[0]),
    chat(contexts=[0, 1, 2], integration_types=[0, 1]),
    chat(nsfw=True),
    chat(name_localizations={"de": "umfrage"}, description_localizations={"de": "Frag den Raum"}),
    chat(name_localizations=None, options=None),
    {"type": 2, "name": "Challenge to debate"},
    {"type": 3, "name": "Ask about this", "description": ""},
    {"type": 3, "name": "U" * 32, "options": []},
]

REFUSED: list[tuple[Json, str, str]] = [
    ({"description": "Ask"}, "name", "BASE_TYPE_REQUIRED"),
    (chat(name=""), "name", "BASE_TYPE_BAD_LENGTH"),
    (chat(name="a" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    (chat(name="Poll"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(name="two words"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(name="poll!"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(name="poll\N{FIRE}"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(name="Ärger"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(name=["a"]), "name", "STRING_TYPE_CONVERT"),
    ({"name": "poll"}, "description", "BASE_TYPE_REQUIRED"),
    (chat(description=""), "description", "BASE_TYPE_BAD_LENGTH"),
    (chat(description="d" * 101), "description", "BASE_TYPE_BAD_LENGTH"),
    (chat(type=5), "type", "BASE_TYPE_CHOICES"),
    (chat(options=many(26)), "options", "BASE_TYPE_MAX_LENGTH"),
    (chat(options={"name": "a"}), "options", "LIST_TYPE_CONVERT"),
    (chat(options=["topic"]), "options.0", "MODEL_TYPE_CONVERT"),
    (chat(options=[option(12)]), "options.0.type", "BASE_TYPE_CHOICES"),
    (chat(options=[option(name="Topic")]), "options.0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(options=[option(description="")]), "options.0.description", "BASE_TYPE_BAD_LENGTH"),
    (chat(options=[option(), option()]), "options.1", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
    (
        chat(options=[option(), option(name="later", required=True)]),
        "options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        chat(options=[sub(options=[option(), option(name="later", required=True)])]),
        "options.0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (chat(options=[option(choices=choices(26))]), "options.0.choices", "BASE_TYPE_MAX_LENGTH"),
    (
        chat(options=[option(choices=[{"name": "n" * 101, "value": "v"}])]),
        "options.0.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        chat(options=[option(choices=[{"name": "n", "value": "v" * 101}])]),
        "options.0.choices.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (chat(options=[option(choices=[{"name": "n"}])]), "options.0.choices.0.value", "BASE_TYPE_REQUIRED"),
    (
        chat(options=[option(choices=choices(1) * 2)]),
        "options.0.choices.1",
        "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
    ),
    (
        chat(options=[option(4, choices=[{"name": "n", "value": "many"}])]),
        "options.0.choices.0.value",
        "NUMBER_TYPE_COERCE",
    ),
    (
        chat(options=[option(autocomplete=True, choices=choices(1))]),
        "options.0.choices",
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
    ),
    (
        chat(options=[option(5, autocomplete=True)]),
        "options.0.autocomplete",
        "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
    ),
    (chat(options=[option(5, choices=choices(1))]), "options.0.choices", "APPLICATION_COMMAND_CHOICES_INVALID"),
    (chat(options=[option(3, min_value=1)]), "options.0.min_value", "APPLICATION_COMMAND_MIN_VALUE_INVALID"),
    (chat(options=[option(4, max_length=1)]), "options.0.max_length", "APPLICATION_COMMAND_MAX_LENGTH_INVALID"),
    (chat(options=[option(min_length=-1)]), "options.0.min_length", "NUMBER_TYPE_MIN"),
    (chat(options=[option(max_length=0)]), "options.0.max_length", "NUMBER_TYPE_MIN"),
    (chat(options=[option(max_length=6001)]), "options.0.max_length", "NUMBER_TYPE_MAX"),
    (chat(options=[option(min_length=5, max_length=4)]), "options.0.max_length", "NUMBER_TYPE_MIN"),
    (chat(options=[option(4, min_value=5, max_value=4)]), "options.0.max_value", "NUMBER_TYPE_MIN"),
    (chat(options=[option(4, max_value=2**53)]), "options.0.max_value", "NUMBER_TYPE_MAX"),
    (chat(options=[option(4, min_value=0.5)]), "options.0.min_value", "NUMBER_TYPE_COERCE"),
    (
        chat(options=[option(3, channel_types=[0])]),
        "options.0.channel_types",
        "APPLICATION_COMMAND_CHANNEL_TYPES_INVALID",
    ),
    (chat(options=[option(7, channel_types=[99])]), "options.0.channel_types.0", "ENUM_TYPE_COERCE"),
    (chat(options=[sub(required=True)]), "options.0.required", "APPLICATION_COMMAND_REQUIRED_INVALID"),
    (chat(options=[option(options=[option()])]), "options.0.options", "APPLICATION_COMMAND_OPTIONS_INVALID"),
    (chat(options=[sub(), option()]), "options.1", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (chat(options=[group(option())]), "options.0.options.0.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (
        chat(options=[group(group(sub()))]),
        "options.0.options.0.type",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (chat(options=[sub(options=[sub()])]), "options.0.options.0.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (chat(default_member_permissions="many"), "default_member_permissions", "NUMBER_TYPE_COERCE"),
    (chat(default_member_permissions=-1), "default_member_permissions", "NUMBER_TYPE_MIN"),
    (chat(contexts=[]), "contexts", "BASE_TYPE_BAD_LENGTH"),
    (chat(contexts=[3]), "contexts.0", "ENUM_TYPE_COERCE"),
    (chat(contexts=[0, 0]), "contexts", "BASE_TYPE_DUPLICATE"),
    (chat(integration_types=[2]), "integration_types.0", "ENUM_TYPE_COERCE"),
    (chat(nsfw="very"), "nsfw", "BOOLEAN_TYPE_CONVERT"),
    (chat(name_localizations={"xx": "poll"}), "name_localizations.xx", "ENUM_TYPE_COERCE"),
    (chat(name_localizations={"de": "Umfrage"}), "name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME"),
    (chat(description_localizations={"de": "d" * 101}), "description_localizations.de", "BASE_TYPE_BAD_LENGTH"),
    ({"type": 2, "name": "U" * 33}, "name", "BASE_TYPE_BAD_LENGTH"),
    (
        {"type": 2, "name": "Ask", "description": "no"},
        "description",
        "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
    ),
    ({"type": 3, "name": "Ask", "options": [option()]}, "options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID"),
]


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body)[:50])
def test_taken(body: Json) -> None:
    result = command_body(body, in_guild=False)
    assert result["name"] == body["name"]
    # what Discord returned can be sent back to it
    again = command_body({key: value for key, value in result.items() if key != "dm_permission"}, in_guild=False)
    assert {**again, "dm_permission": None} == {**result, "dm_permission": None}


@pytest.mark.parametrize(("body", "path", "code"), REFUSED, ids=lambda part: str(part)[:50])
def test_refused(body: Json, path: str, code: str) -> None:
    with pytest.raises(FormError) as caught:
        command_body(body, in_guild=False)
    found = {(".".join(map(str, error.path)), error.code) for error in caught.value.fields}
    assert (path, code) in found


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(FormError) as caught:
        command_body({"name": "Bad Name", "options": [option(13)]}, in_guild=False)
    body = caught.value.body()
    assert body["code"] == 50035
    assert set(body["errors"]) == {"name", "description", "options"}
    assert "_errors" in body["errors"]["options"]["0"]["type"]


def test_eight_thousand_characters() -> None:
    def sized(last: int) -> Json:
        # 20 options of 1 + 100 + 25 choices of 1 + 10 characters each: 20 * 376 = 7,520
        options = [
            option(
                name=chr(ord("a") + number),
                description="d" * 100,
                choices=[{"name": chr(ord("a") + one), "value": "v" * 10} for one in range(25)],
            )
            for number in range(20)
        ]
        full = [{"name": str(number) + "c" * 99, "value": "v" * 100} for number in range(2)]
        padding = option(name="z", description="d", choices=[*full, {"name": "x", "value": "v" * last}])
        return chat(name="p", description="d", options=[*options, padding])

    # 7,520 + 2 for the command + 2 for the option + 400 + 1 leave 75
    assert command_size(command_body(sized(75), in_guild=False)) == 8000
    with pytest.raises(FormError) as caught:
        command_body(sized(76), in_guild=False)
    assert [(error.path, error.code) for error in caught.value.fields] == [((), "APPLICATION_COMMAND_TOO_LARGE")]


def test_size_counts_the_longest_language() -> None:
    short = command_body(chat(), in_guild=False)
    longer = command_body(chat(description_localizations={"de": "d" * 90, "fr": "d" * 30}), in_guild=False)
    assert command_size(longer) == command_size(short) - len("Ask the room") + 90


def test_bulk_borders() -> None:
    full = [chat(name=f"command{number}") for number in range(100)]
    menus = [{"type": kind, "name": f"Menu {number}"} for kind in (2, 3) for number in range(15)]
    assert len(bulk_bodies(full + menus, in_guild=True)) == 130
    with pytest.raises(FormError, match="Invalid Form Body") as caught:
        bulk_bodies([*full, *menus, chat(name="one-more")], in_guild=True)
    assert caught.value.fields[0].code == "BASE_TYPE_MAX_LENGTH"


def test_bulk_names_are_unique_within_a_type() -> None:
    bodies = bulk_bodies([chat(), {"type": 2, "name": "poll"}], in_guild=True)
    assert [one["type"] for one in bodies] == [1, 2]
    with pytest.raises(FormError) as caught:
        bulk_bodies([chat(), chat()], in_guild=True)
    assert caught.value.body()["errors"] == {
        "1": {
            "_errors": [
                {"code": "APPLICATION_COMMANDS_DUPLICATE_NAME", "message": "Application command names must be unique"}
            ]
        }
    }


def test_bulk_takes_a_list_only() -> None:
    with pytest.raises(FormError) as caught:
        bulk_bodies({"name": "poll"}, in_guild=True)
    assert caught.value.fields[0].code == "LIST_TYPE_CONVERT"


def test_locales_are_discords() -> None:
    assert len(LOCALES) == 34


LETTERS = st.characters(categories=["L", "N", "Mn", "Mc", "P", "Zs"]) | st.sampled_from("-_'ก็हिßİ")


@given(st.text(LETTERS, min_size=1, max_size=32))
def test_names_agree_with_discord_py(name: str) -> None:
    if valid_name(name) and "'" not in name:
        assert VALID_SLASH_COMMAND_NAME.match(name)
    elif VALID_SLASH_COMMAND_NAME.match(name) and name == name.lower():
        # its pattern is Python's, which knows a few more signs inside of words
        assert any(unicodedata.category(character)[0] not in "LN" for character in name)
