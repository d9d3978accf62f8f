"""Callbacks, raw: shapes, rules of types, codes of refusals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.driver import Refused, Response, Stage
from tests.support.raw_bot import EPHEMERAL, MODAL, Raw, codes, with_button

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.server import Server
    from tests.support.stand_in import Place


async def test_new_message(raw: Raw) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 4, {"content": "hello"})
    assert answer.status == 200
    told, resource = answer.json["interaction"], answer.json["resource"]
    assert told["id"] == event["id"]
    assert told["type"] == 2
    assert told["response_message_loading"] is False
    assert told["response_message_ephemeral"] is False
    assert told["response_message_id"] == resource["message"]["id"]
    assert resource["type"] == 4
    message = resource["message"]
    assert message["content"] == "hello"
    assert message["type"] == 20
    assert message["webhook_id"] == message["application_id"] == event["application_id"]
    metadata = message["interaction_metadata"]
    assert (metadata["id"], metadata["type"], metadata["user"]["global_name"]) == (event["id"], 2, "Ada")
    assert metadata["authorizing_integration_owners"] == {"0": event["guild_id"]}
    assert (await response.message()).content == "hello"
    assert response.state == "done"


async def test_without_response_wanted(raw: Raw) -> None:
    _, event = await raw.slash()
    answer = await raw.answer(event, 4, {"content": "hello"}, full=False)
    assert (answer.status, answer.raw) == (204, b"")


async def test_event_tells_all_that_discord_tells(raw: Raw, place: Place) -> None:
    _, event = await raw.slash()
    assert event["version"] == 1
    assert event["token"].startswith("aW50ZXJhY3Rpb246")
    assert event["guild_id"] == event["guild"]["id"] == str(place.guild.id)
    assert event["locale"] == event["guild_locale"] == event["guild"]["locale"] == "en-US"
    assert event["channel"]["id"] == event["channel_id"] == str(place.channel("general").id)
    assert event["channel"]["permissions"] == event["member"]["permissions"]
    assert event["member"]["user"]["id"] == raw.ada.id
    assert event["context"] == 0
    assert event["authorizing_integration_owners"] == {"0": str(place.guild.id)}
    assert event["attachment_size_limit"] == 10 * 1024 * 1024
    assert event["entitlements"] == []
    assert int(event["app_permissions"]) & (1 << 11)
    assert event["data"] == {"id": event["data"]["id"], "name": "hi", "type": 1}
    assert "user" not in event


async def test_second_acknowledgement(raw: Raw) -> None:
    _, event = await raw.slash()
    await raw.answer(event, 5)
    assert codes(await raw.answer(event, 4, {"content": "again"})) == (400, 40060)


async def test_unknown_interaction_or_token(raw: Raw) -> None:
    _, event = await raw.slash()
    assert codes(await raw.answer({**event, "id": "12345"}, 4, {"content": "x"})) == (404, 10062)
    assert codes(await raw.answer({**event, "token": "wrong"}, 4, {"content": "x"})) == (404, 10062)
    assert codes(await raw.follow({**event, "token": "wrong"}, content="x")) == (401, 50027)


@pytest.mark.usefixtures("three_seconds")
async def test_three_seconds(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    world = raw.server.world

    async def asked(seconds: float) -> tuple[Response, dict[str, Any]]:
        """A command that was used so long ago by a clock that stands still."""
        response, event = await raw.slash()
        now = world.interactions[int(response.id)].created_at + timedelta(seconds=seconds)
        monkeypatch.setattr(world, "_clock", lambda: now)
        return response, event

    _, event = await asked(2.9)
    assert (await raw.answer(event, 4, {"content": "in time"})).status == 200
    response, event = await asked(3.1)
    assert codes(await raw.answer(event, 4, {"content": "late"})) == (404, 10062)
    assert await response.failed() == "Rostrum did not respond in time"


@pytest.mark.parametrize("kind", [1, 2, 3, 6, 7, 8, 10, 12, 99])
async def test_types_that_do_not_answer_a_command(raw: Raw, kind: int) -> None:
    _, event = await raw.slash()
    answer = await raw.answer(event, kind, {"content": "x"})
    assert codes(answer) == (400, 50035)
    assert answer.json["errors"]["type"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"
    assert (await raw.answer(event, 4, {"content": "x"})).status == 200


@pytest.mark.parametrize("kind", [None, "4", True])
async def test_type_must_be_a_number(raw: Raw, kind: Any) -> None:
    _, event = await raw.slash()
    answer = await raw.answer(event, kind)
    assert codes(answer) == (400, 50035)
    assert list(answer.json["errors"]) == ["type"]


async def test_errors_lie_under_data(raw: Raw) -> None:
    _, event = await raw.slash()
    answer = await raw.answer(event, 4, {"content": "x" * 2001})
    assert codes(answer) == (400, 50035)
    assert answer.json["errors"]["data"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    assert codes(await raw.answer(event, 4, {})) == (400, 50006)
    assert codes(await raw.answer(event, 4)) == (400, 50006)
    answer = await raw.answer(event, 9, MODAL | {"title": "x" * 46})
    assert "title" in answer.json["errors"]["data"]
    # nothing of that was an answer yet
    assert (await raw.answer(event, 4, {"content": "x" * 2000})).status == 200


async def test_component_updates_its_message(raw: Raw) -> None:
    message, _ = await with_button(raw)
    response = await raw.ada.click(message, "Vote")
    event = raw.events[-1]
    assert event["type"] == 3
    assert event["message"]["id"] == message.id
    assert event["data"]["custom_id"] == "vote"
    assert event["data"]["component_type"] == 2
    answer = await raw.answer(event, 7, {"content": "Voted", "components": []})
    assert answer.json["resource"]["type"] == 7
    assert answer.json["interaction"]["response_message_id"] == message.id
    assert (await response.message()).text == "Voted"
    assert (await raw.original(event)).json["id"] == message.id


async def test_component_answers_with_a_new_message_that_replies(raw: Raw) -> None:
    message, _ = await with_button(raw)
    await raw.ada.click(message, "Vote")
    answer = await raw.answer(raw.events[-1], 4, {"content": "Thanks", "flags": EPHEMERAL})
    made = answer.json["resource"]["message"]
    assert made["type"] == 19
    assert made["message_reference"]["message_id"] == message.id


async def test_modal_rules(raw: Raw) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 9, MODAL)
    assert answer.status == 200
    assert "resource" not in answer.json
    assert codes(await raw.original(event)) == (404, 10008)
    modal = await response.opened()
    assert (modal.title, list(modal.fields)) == ("Ask", ["Why"])
    sent = await modal.submit({"Why": "because"})
    event = raw.events[-1]
    assert event["type"] == 5
    assert "message" not in event
    for kind, data in ((9, MODAL), (6, {}), (7, {"content": "x"})):
        refused = await raw.answer(event, kind, data)
        assert refused.json["errors"]["type"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"
    done = await raw.answer(event, 4, {"content": "Thanks"})
    metadata = done.json["resource"]["message"]["interaction_metadata"]
    assert metadata["type"] == 5
    assert metadata["triggering_interaction_metadata"]["type"] == 2
    assert (await sent.message()).text == "Thanks"
    assert response.state == "done"
    assert response.modal is None


async def test_modal_of_a_component_may_update_its_message(raw: Raw) -> None:
    message, _ = await with_button(raw)
    response = await raw.ada.click(message, "Vote")
    await raw.answer(raw.events[-1], 9, MODAL)
    sent = await (await response.opened()).submit({"why": "so"})
    event = raw.events[-1]
    assert event["message"]["id"] == message.id
    assert codes(await raw.answer(event, 9, MODAL)) == (400, 50035)
    assert (await raw.answer(event, 7, {"content": "Because so"})).status == 200
    assert (await sent.message()).text == "Because so"


async def test_timed_out_members_may_neither_run_nor_press(raw: Raw, server: Server, place: Place) -> None:
    message, _ = await with_button(raw)
    async with Stage(server) as stage:
        chika = await stage.person("Chika")
        command = await chika.wait_command("#general", "hi")
        member = server.world.members[place.guild.id][int(chika.id)]
        member.timed_out_until = server.world.now() + timedelta(minutes=5)
        server.world.save(member)
        with pytest.raises(Refused) as refused:
            await chika.click(message, "Vote")
        assert (refused.value.status, refused.value.code) == (403, 50013)
        body = {"channel_id": message.channel_id, "command_id": command["id"], "options": []}
        with pytest.raises(Refused) as refused:
            await chika.act("slash", body)
        assert (refused.value.status, refused.value.code) == (403, 50013)


@pytest.fixture
def check(api_description: Path) -> Callable[[str, Any], None]:
    """Check an answer against a schema of Discord's API description."""
    import jsonschema_rs  # noqa: PLC0415 - an extra

    described = json.loads(api_description.read_text())

    def check(name: str, body: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(body)
        assert [f"{list(error.instance_path)}: {error.message[:200]}" for error in errors] == []

    return check


async def test_answers_are_what_the_api_description_says(raw: Raw, check: Callable[[str, Any], None]) -> None:
    message, _ = await with_button(raw, embeds=[{"title": "One", "description": "two"}])
    check("MessageResponse", {key: value for key, value in message.raw.items() if key != "guild_id"})
    await raw.ada.click(message, "Vote")
    check("InteractionCallbackResponse", (await raw.answer(raw.events[-1], 4, {"content": "x", "flags": 64})).json)
    await raw.ada.click(message, "Vote")
    check("InteractionCallbackResponse", (await raw.answer(raw.events[-1], 7, {"content": "x"})).json)
    await raw.ada.click(message, "Vote")
    check("InteractionCallbackResponse", (await raw.answer(raw.events[-1], 6)).json)
    _, event = await raw.slash()
    check("InteractionCallbackResponse", (await raw.answer(event, 5)).json)
    check("MessageResponse", (await raw.follow(event, content="more")).json)
    check("MessageResponse", (await raw.original(event)).json)
    response, event = await raw.slash()
    check("InteractionCallbackResponse", (await raw.answer(event, 9, MODAL)).json)
    await (await response.opened()).submit({"Why": "so"})
    check("InteractionCallbackResponse", (await raw.answer(raw.events[-1], 4, {"content": "x"})).json)
