"""Callbacks and the addresses that a token opens, raw: shapes, rules of types, codes of refusals, deadlines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Options, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord

    from tests.support.stand_in import Answer, Http, Place

EPHEMERAL, LOADING, V2 = 64, 128, 1 << 15
COMMANDS: list[dict[str, Any]] = [
    {"name": "hi", "description": "Say hi."},
    {
        "name": "pick",
        "description": "Pick.",
        "options": [
            {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
            {"type": 4, "name": "number", "description": "How many", "autocomplete": True},
        ],
    },
    {"name": "Ask", "type": 3},
    {"name": "Challenge", "type": 2},
]
ROW = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Vote", "custom_id": "vote"}]}]
MODAL: dict[str, Any] = {
    "custom_id": "ask",
    "title": "Ask",
    "components": [{"type": 18, "label": "Why", "component": {"type": 4, "style": 1, "custom_id": "why"}}],
}


class Clock:
    """The time now, moved forward at will."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Raw:
    """A bot that is online but answers only what the test sends, and the people in front of it."""

    def __init__(self, server: Server, http: Http, ada: Person) -> None:
        self.server, self.http, self.ada = server, http, ada
        self.events: list[dict[str, Any]] = []
        self.autocompletes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.others: list[tuple[str, dict[str, Any], Any]] = []
        server.world.subscribe(self._hear)

    def _hear(self, event: Any) -> None:
        if event.name == "INTERACTION_CREATE":
            self.events.append(event.data)
            if event.data["type"] == 4:
                self.autocompletes.put_nowait(event.data)
        else:
            self.others.append((event.name, event.data, event.users))

    async def asked(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            return await self.autocompletes.get()

    async def slash(self, name: str = "hi", **options: Any) -> Any:
        response = await self.ada.slash("#general", name, options)
        return response, self.events[-1]

    async def answer(self, event: dict[str, Any], kind: Any, data: Any = ..., *, full: bool = True) -> Answer:
        body = {"type": kind} | ({} if data is ... else {"data": data})
        path = f"/interactions/{event['id']}/{event['token']}/callback"
        return await self.http.post(path, json=body, auth=False, params={"with_response": "1"} if full else None)

    async def edit(self, event: dict[str, Any], **body: Any) -> Answer:
        return await self.http.patch(self.hook(event, "/messages/@original"), json=body, auth=False)

    async def follow(self, event: dict[str, Any], **body: Any) -> Answer:
        return await self.http.post(self.hook(event), json=body, auth=False)

    def hook(self, event: dict[str, Any], rest: str = "") -> str:
        return f"/webhooks/{event['application_id']}/{event['token']}{rest}"

    async def original(self, event: dict[str, Any]) -> Answer:
        return await self.http.get(self.hook(event, "/messages/@original"), auth=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(options: Options, clock: Clock) -> AsyncIterator[Server]:
    async with Server(options, clock) as running:
        running.limits.enforce = False
        yield running
    assert running.unknown_routes == []
    assert running.spec is None or [str(one) for one in running.spec.violations] == []


@pytest.fixture
async def raw(server: Server, http: Http, bot: discord.Client, place: Place) -> AsyncIterator[Raw]:  # noqa: ARG001
    made = await http.put(f"/applications/{place.app.id}/commands", json=COMMANDS)
    assert made.status == 200
    async with Stage(server) as stage:
        yield Raw(server, http, await stage.person("Ada"))


async def with_button(raw: Raw, **more: Any) -> tuple[SeenMessage, dict[str, Any]]:
    response, event = await raw.slash()
    assert (await raw.answer(event, 4, {"content": "Vote!", "components": ROW, **more})).status == 200
    return await response.message(), event


def codes(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json["code"]


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


async def test_three_seconds(raw: Raw, clock: Clock) -> None:
    _, event = await raw.slash()
    clock.ahead += timedelta(seconds=2.5)
    assert (await raw.answer(event, 4, {"content": "in time"})).status == 200
    response, event = await raw.slash()
    clock.ahead += timedelta(seconds=3.1)
    assert codes(await raw.answer(event, 4, {"content": "late"})) == (404, 10062)
    assert await response.failed() == "Rostrum did not respond in time"


async def test_fifteen_minutes(raw: Raw, clock: Clock) -> None:
    _, event = await raw.slash()
    await raw.answer(event, 4, {"content": "hello"})
    clock.ahead += timedelta(minutes=14, seconds=55)
    assert (await raw.edit(event, content="edited")).status == 200
    assert (await raw.follow(event, content="more")).status == 200
    clock.ahead += timedelta(seconds=10)
    for answer in (
        await raw.original(event),
        await raw.edit(event, content="late"),
        await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False),
        await raw.follow(event, content="late"),
    ):
        assert codes(answer) == (401, 50027)


async def test_followup_before_any_answer(raw: Raw) -> None:
    _, event = await raw.slash()
    assert codes(await raw.follow(event, content="early")) == (404, 10015)
    assert codes(await raw.original(event)) == (404, 10015)


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


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9])
async def test_autocomplete_takes_choices_only(raw: Raw, kind: int) -> None:
    asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", "model", "q"))
    event = await raw.asked()
    assert codes(await raw.answer(event, kind, MODAL if kind == 9 else {"content": "x"})) == (400, 50035)
    assert (await raw.answer(event, 8, {"choices": []}, full=False)).status == 204
    assert await asked == []
    assert codes(await raw.follow(event, content="x")) == (404, 10015)


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


async def test_ephemeral_answer_is_nobody_elses(raw: Raw, stage: Stage) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 4, {"content": "secret", "flags": EPHEMERAL})
    message = answer.json["resource"]["message"]
    assert message["flags"] & EPHEMERAL
    assert answer.json["interaction"]["response_message_ephemeral"] is True
    assert (await response.message()).ephemeral
    ben = await stage.person("Ben")
    assert "secret" not in [one.text for one in await ben.see("#general")]
    created = [users for name, data, users in raw.others if name == "MESSAGE_CREATE" and data["id"] == message["id"]]
    assert created == [frozenset({int(raw.ada.id)})]
    path = f"/channels/{event['channel_id']}/messages"
    assert codes(await raw.http.get(f"{path}/{message['id']}")) == (404, 10008)
    assert message["id"] not in [one["id"] for one in (await raw.http.get(path)).json]
    assert (await raw.original(event)).json["content"] == "secret"
    edited = await raw.edit(event, content="secret 2")
    assert edited.json["flags"] & EPHEMERAL
    assert (await raw.ada.wait_message("#general", "secret 2")).ephemeral
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    assert codes(await raw.original(event)) == (404, 10008)


@pytest.mark.parametrize("flags", [0, EPHEMERAL])
async def test_deferral_is_filled_by_the_followup_and_keeps_its_flag(raw: Raw, flags: int) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 5, {"flags": flags})
    told = answer.json["interaction"]
    assert told["response_message_loading"] is True
    assert told["response_message_ephemeral"] is bool(flags)
    assert "resource" not in answer.json
    thinking = await raw.ada.wait_message("#general", where=lambda one: one.thinking)
    assert thinking.id == told["response_message_id"]
    assert response.state == "thinking"
    assert (await raw.original(event)).json["flags"] & LOADING
    # the other flag is ignored: deferring has decided
    filled = await raw.follow(event, content="here", flags=EPHEMERAL - flags)
    assert filled.status == 200
    assert filled.json["id"] == thinking.id
    assert filled.json["flags"] == flags
    assert filled.json["edited_timestamp"] is None
    message = await response.message()
    assert (message.text, message.ephemeral, message.thinking) == ("here", bool(flags), False)
    second = await raw.follow(event, content="more", flags=EPHEMERAL)
    assert second.json["id"] != thinking.id
    assert second.json["flags"] & EPHEMERAL


async def test_deferral_is_filled_by_an_edit_of_the_original(raw: Raw) -> None:
    response, event = await raw.slash()
    await raw.answer(event, 5, full=False)
    body = {"flags": V2, "components": [{"type": 10, "content": "V2 is set on the edit"}]}
    edited = await raw.edit(event, **body)
    assert edited.status == 200
    assert edited.json["flags"] == V2
    assert (await response.message()).text == "V2 is set on the edit"


async def test_deleting_the_deferred_message_answers(raw: Raw) -> None:
    response, event = await raw.slash()
    await raw.answer(event, 5, full=False)
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    await response.done()
    assert codes(await raw.original(event)) == (404, 10008)


async def test_followups_by_their_ids(raw: Raw) -> None:
    _, event = await raw.slash()
    first = (await raw.answer(event, 4, {"content": "hello"})).json["resource"]["message"]
    more = (await raw.follow(event, content="more")).json
    assert more["type"] == 19
    assert more["message_reference"]["message_id"] == first["id"]
    assert more["interaction_metadata"]["original_response_message_id"] == first["id"]
    path = raw.hook(event, f"/messages/{more['id']}")
    assert (await raw.http.get(path, auth=False)).json["content"] == "more"
    assert (await raw.http.patch(path, json={"content": "changed"}, auth=False)).json["content"] == "changed"
    assert (await raw.http.get(raw.hook(event, f"/messages/{first['id']}"), auth=False)).json["content"] == "hello"
    assert (await raw.http.delete(path, auth=False)).status == 204
    assert codes(await raw.http.get(path, auth=False)) == (404, 10008)
    ordinary = await raw.ada.post("#general", "not of this interaction")
    foreign = raw.hook(event, f"/messages/{ordinary.id}")
    assert codes(await raw.http.patch(foreign, json={"content": "mine"}, auth=False)) == (404, 10008)


async def test_files_in_callback_and_followup(raw: Raw) -> None:
    response, event = await raw.slash()
    body = {"type": 4, "data": {"content": "see", "attachments": [{"id": 0, "description": "a chart"}]}}
    path = f"/interactions/{event['id']}/{event['token']}/callback"
    answer = await raw.http.post(path, json=body, files={"files[0]": ("chart.txt", b"bars")}, auth=False)
    assert answer.status == 204
    message = await response.message()
    assert message.alternative_texts == ["a chart"]
    assert await message.attachments[0].download() == b"bars"
    more = await raw.http.post(raw.hook(event), json={"content": "x"}, files={"files[0]": ("b.txt", b"2")}, auth=False)
    assert more.json["attachments"][0]["filename"] == "b.txt"


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


async def test_deferred_update_then_edit_and_followup(raw: Raw) -> None:
    message, _ = await with_button(raw)
    response = await raw.ada.click(message, "Vote")
    event = raw.events[-1]
    answer = await raw.answer(event, 6)
    assert "resource" not in answer.json
    assert answer.json["interaction"]["response_message_loading"] is False
    await response.done()
    edited = await raw.edit(event, content="Later")
    assert edited.json["id"] == message.id
    more = await raw.follow(event, content="receipt", flags=EPHEMERAL)
    assert more.json["id"] != message.id
    assert more.json["interaction_metadata"]["interacted_message_id"] == message.id


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


async def test_choices_up_to_25(raw: Raw) -> None:
    async def ask(option: str, data: Any) -> tuple[Answer, Any]:
        asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", option, "1"))
        event = await raw.asked()
        answer = await raw.answer(event, 8, data, full=False)
        if answer.status >= 400:
            await raw.answer(event, 8, {"choices": []}, full=False)
        return answer, await asked

    many = [{"name": f"n{n}", "value": f"v{n}"} for n in range(25)]
    answer, choices = await ask("model", {"choices": many})
    assert (answer.status, choices) == (204, many)
    wrong: list[tuple[str, Any, tuple[str, ...]]] = [
        ("model", {"choices": [*many, {"name": "x", "value": "x"}]}, ("choices",)),
        ("model", {"choices": [{"name": "x" * 101, "value": "x"}]}, ("choices", "0", "name")),
        ("model", {"choices": [{"name": "", "value": "x"}]}, ("choices", "0", "name")),
        ("model", {"choices": [{"name": "x", "value": "x" * 101}]}, ("choices", "0", "value")),
        ("model", {"choices": [{"name": "x"}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": "x"}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": 1.5}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": 2**53 + 1}]}, ("choices", "0", "value")),
    ]
    for option, data, path in wrong:
        answer, _ = await ask(option, data)
        assert codes(answer) == (400, 50035), data
        node = answer.json["errors"]["data"]
        for step in path:
            node = node[step]
        assert node["_errors"]
    answer, choices = await ask("model", {"choices": [{"name": "x" * 100, "value": "x" * 100}]})
    assert answer.status == 204
    answer, choices = await ask("number", {"choices": [{"name": "most", "value": 2**53}]})
    assert choices[0]["value"] == 2**53
