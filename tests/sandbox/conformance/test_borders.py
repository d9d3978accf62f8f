"""Every limit that facts.md names, over the wire from both sides of the border: the most that passes, and one more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bodies import (
    V2,
    button,
    container,
    label,
    modal,
    poll,
    row,
    section,
    select,
    text,
    text_input,
    wrong,
)
from tests.support.raw_bot import MODAL, codes

if TYPE_CHECKING:
    from tests.support.raw_bot import Raw
    from tests.support.stand_in import Answer, Http, Place

Json = dict[str, Any]


def v2(*components: Json, **fields: Any) -> Json:
    return {"flags": V2, "components": list(components), **fields}


def embed(length: int) -> Json:
    """An embed of so many characters in all, none of its texts too long by itself."""
    rest = length - 4_096
    return {"description": "a" * min(length, 4_096)} | ({"footer": {"text": "b" * rest}} if rest > 0 else {})


def embeds(*lengths: int) -> Json:
    return {"embeds": [embed(length) for length in lengths]}


def poll_of(answer: str, **fields: Any) -> Json:
    return {"poll": poll(**fields) | {"answers": [{"poll_media": {"text": answer}}] * fields.get("count", 2)}}


ROW = row(button())
# what passes, what does not, where it is wrong and Discord's name for that
MESSAGES: dict[str, tuple[Json, Json, str, str]] = {
    "content of 2,000": ({"content": "a" * 2000}, {"content": "a" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "embeds of 6,000 in all": (embeds(3000, 3000), embeds(3000, 3001), "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    "ten embeds": (embeds(*[1] * 10), embeds(*[1] * 11), "embeds", "BASE_TYPE_MAX_LENGTH"),
    "own custom ids": (
        {"components": [row(button("a"), button("b"))]},
        {"components": [row(button("a"), button("a"))]},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a custom id": (
        {"components": [ROW]},
        {"components": [row(button(""))]},
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    "a link without one": (
        {"components": [row(button("", style=5, url="https://a.example"))]},
        {"components": [row(button("a", style=5, url="https://a.example"))]},
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "five rows": (
        {"components": [row(button(str(n))) for n in range(5)]},
        {"components": [row(button(str(n))) for n in range(6)]},
        "components",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "five buttons a row": (
        {"components": [row(*(button(str(n)) for n in range(5)))]},
        {"components": [row(*(button(str(n)) for n in range(6)))]},
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "own values of a select": (
        {"components": [row(select(count=2))]},
        {"components": [row(select(options=[{"label": "a", "value": "a"}, {"label": "b", "value": "a"}]))]},
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "25 options": (
        {"components": [row(select(count=25))]},
        {"components": [row(select(count=26))]},
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "max_values up to the options": (
        {"components": [row(select(count=3, max_values=3))]},
        {"components": [row(select(count=3, max_values=4))]},
        "components.0.components.0.options",
        "BASE_TYPE_MIN_LENGTH",
    ),
    "layout with the flag": (v2(text()), {"components": [text()]}, "components.0", "UNION_TYPE_CHOICES"),
    "layout without content": (
        v2(text()),
        v2(text(), content="a"),
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "layout without embeds": (
        v2(text()),
        v2(text(), embeds=[embed(1)]),
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "layout without a poll": (
        v2(text()),
        v2(text(), poll=poll()),
        "poll",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "40 components": (
        v2(container(*(text("a") for _ in range(39)))),
        v2(container(*(text("a") for _ in range(40)))),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "text of 4,000 in all": (
        v2(text("a" * 3999), section(text("a"))),
        v2(text("a" * 3999), section(text("aa"))),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "poll answers of 55": (
        poll_of("a" * 55),
        poll_of("a" * 56),
        "poll.answers.0.poll_media.text",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "ten poll answers": (poll_of("a", count=10), poll_of("a", count=11), "poll.answers", "BASE_TYPE_BAD_LENGTH"),
    "polls of 768 hours": (poll_of("a", duration=768), poll_of("a", duration=769), "poll.duration", "NUMBER_TYPE_MAX"),
    "nonces of 25": (
        {"content": "a", "nonce": "n" * 25},
        {"content": "a", "nonce": "n" * 26},
        "nonce",
        "NONCE_TYPE_TOO_LONG",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_messages(http: Http, place: Place, name: str) -> None:
    path = f"/channels/{place.channel('general').id}/messages"
    passing, failing, where, error = MESSAGES[name]
    assert (await http.post(path, json=passing)).status == 200
    before = len(place.world.messages[place.channel("general").id])
    assert wrong(await http.post(path, json=failing))[where] == error
    assert len(place.world.messages[place.channel("general").id]) == before


@pytest.mark.parametrize("name", MESSAGES)
async def test_answers_to_interactions(raw: Raw, name: str) -> None:
    """The same borders hold for a callback (there under `data`), a followup and, but for polls, an edit."""
    passing, failing, where, error = MESSAGES[name]
    _, event = await raw.slash()
    assert wrong(await raw.answer(event, 4, failing))[f"data.{where}"] == error
    assert (await raw.answer(event, 4, passing)).status == 200
    assert wrong(await raw.follow(event, **failing))[where] == error
    assert (await raw.follow(event, **passing)).status == 200
    if "poll" not in failing and "nonce" not in failing:
        _, other = await raw.slash()
        assert (await raw.answer(other, 4, {"content": "a"})).status == 200
        assert wrong(await raw.edit(other, **failing))[where] == error
        alone = {"content": None} if "flags" in passing else {}
        assert (await raw.edit(other, **passing, **alone)).status == 200


async def test_an_empty_message(http: Http, place: Place) -> None:
    answer = await http.post(f"/channels/{place.channel('general').id}/messages", json={"content": " "})
    assert codes(answer) == (400, 50006)


def fields(count: int) -> Json:
    return modal(*(label(text_input(str(number))) for number in range(count)))


MODALS: dict[str, tuple[Json, Json, str, str]] = {
    "five rows": (fields(5), fields(6), "components", "BASE_TYPE_BAD_LENGTH"),
    "titles of 45": (fields(1) | {"title": "t" * 45}, fields(1) | {"title": "t" * 46}, "title", "BASE_TYPE_BAD_LENGTH"),
    "own custom ids": (
        fields(2),
        modal(label(text_input("a")), label(text_input("a"))),
        "components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "labels of 45": (
        modal(label(text_input(), "a" * 45)),
        modal(label(text_input(), "a" * 46)),
        "components.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
}


@pytest.mark.parametrize("name", MODALS)
async def test_modals(raw: Raw, name: str) -> None:
    passing, failing, where, error = MODALS[name]
    _, event = await raw.slash()
    assert wrong(await raw.answer(event, 9, failing))[f"data.{where}"] == error
    assert (await raw.answer(event, 9, passing)).status == 200


def command(**changes: Any) -> Json:
    return {"name": "ask", "description": "d"} | changes


def option(name: str = "a", **changes: Any) -> Json:
    return {"type": 3, "name": name, "description": "d"} | changes


COMMANDS_OF: dict[str, tuple[Json, Json, str, str]] = {
    "lower case": (command(), command(name="Ask"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "no spaces": (command(name="a-b"), command(name="a b"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "names of 32": (command(name="a" * 32), command(name="a" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    "a description": (command(description="d"), command(description=""), "description", "BASE_TYPE_BAD_LENGTH"),
    "25 options": (
        command(options=[option(f"a{n}") for n in range(25)]),
        command(options=[option(f"a{n}") for n in range(26)]),
        "options",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "required ones first": (
        command(options=[option("a", required=True), option("b")]),
        command(options=[option("b"), option("a", required=True)]),
        "options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
}


@pytest.mark.parametrize("name", COMMANDS_OF)
async def test_commands(http: Http, place: Place, name: str) -> None:
    path = f"/applications/{place.app.id}/commands"
    passing, failing, where, error = COMMANDS_OF[name]
    assert wrong(await http.post(path, json=failing))[where] == error
    assert (await http.post(path, json=passing)).status == 201


async def test_a_hundred_global_commands(http: Http, place: Place) -> None:
    path = f"/applications/{place.app.id}/commands"
    assert (await http.put(path, json=[command(name=f"a{number}") for number in range(100)])).status == 200
    assert codes(await http.post(path, json=command(name="more"))) == (400, 30032)


async def test_uploads_of_ten_mebibytes(http: Http, place: Place) -> None:
    path, most = f"/channels/{place.channel('general').id}/messages", 10 << 20

    async def send(size: int) -> Answer:
        return await http.post(path, json={"content": "a"}, files={"files[0]": ("a.bin", b"a" * size)})

    assert (await send(most)).status == 200
    assert codes(await send(most + 1)) == (413, 40005)


async def test_what_is_gone_stays_gone(raw: Raw) -> None:
    """An answer that was deleted can be neither read nor edited, but more can be said; no modal once answered."""
    _, event = await raw.slash()
    assert (await raw.answer(event, 5, {"flags": 64})).status == 200
    assert codes(await raw.answer(event, 9, MODAL)) == (400, 40060)
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    assert codes(await raw.original(event)) == (404, 10008)
    assert codes(await raw.edit(event, content="late")) == (404, 10008)
    assert (await raw.follow(event, content="instead")).json["flags"] == 0


async def test_the_channel_of_an_interaction_is_deleted(raw: Raw, place: Place) -> None:
    _, event = await raw.slash()
    assert (await raw.answer(event, 4, {"content": "a"})).status == 200
    _, unanswered = await raw.slash()
    channel = place.channel("general")
    raw.server.world.discard(channel)
    assert codes(await raw.follow(event, content="b"))[1] == 10003
    assert codes(await raw.answer(unanswered, 4, {"content": "b"}))[1] == 10003


async def test_layout_is_forever(raw: Raw) -> None:
    """A message becomes V2 by an edit that empties it of everything else, and never goes back."""
    _, event = await raw.slash()
    assert (await raw.answer(event, 4, {"content": "a"})).status == 200
    refused = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert wrong(await raw.edit(event, **v2(text()))) == {"content": refused}
    assert (await raw.edit(event, content=None, **v2(text()))).json["flags"] & V2
    assert wrong(await raw.edit(event, content="back")) == {"content": refused}
    assert (await raw.edit(event, flags=0, components=[text("still")])).json["flags"] & V2


async def test_fixed_when_deferred(raw: Raw) -> None:
    """Ephemeral or not is fixed by the deferral: neither the filling followup nor an edit changes it."""
    for first, second in ((64, 0), (0, 64)):
        _, event = await raw.slash()
        await raw.answer(event, 5, {"flags": first})
        assert (await raw.follow(event, content="a", flags=second)).json["flags"] & 64 == first
        assert (await raw.edit(event, content="b", flags=second)).json["flags"] & 64 == first
