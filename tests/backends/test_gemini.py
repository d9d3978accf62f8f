"""What Gemini is asked, and what it answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from bot.backends.base import Finish, Picture, Prompt, State, Turn
from bot.backends.gemini_api import GeminiBackend, GeminiReader
from bot.errors import Trouble
from tests.backends.contract import completion_of, events_of, failure_of, prompt_of
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer, Raw, Refuse, Say, card_of


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.gemini(key=KEY) as server:
        yield server


@pytest.fixture
def backend(server: ModelServer, client: httpx.AsyncClient) -> GeminiBackend:
    return GeminiBackend(card_of(server, images=True), KEY, client)


def read(*events: object) -> GeminiReader:
    reader = GeminiReader()
    for event in events:
        reader.take(orjson.dumps(event))
    reader.end()
    return reader


async def test_a_question_in_its_form(server: ModelServer, backend: GeminiBackend) -> None:
    turns = (
        Turn("user", "What is it?", (Picture("image/png", b"\x89PNG"),)),
        Turn("assistant", "A dot."),
        Turn("user", "Why?"),
    )
    prompt = Prompt(turns, "Be brief.", max_tokens=99, temperature=0.5, top_p=0.9, stop=tuple("abcdef"), seed=2**40 + 7)
    server.will(Say("It is."))
    completion_of(await events_of(backend, prompt))
    seen = server.requests[0]
    assert (seen.method, seen.url) == ("POST", "/v1beta/models/test-model:streamGenerateContent?alt=sse")
    assert seen.headers["x-goog-api-key"] == KEY
    assert seen.body == {
        "contents": [
            {
                "role": "user",
                "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}}, {"text": "What is it?"}],
            },
            {"role": "model", "parts": [{"text": "A dot."}]},
            {"role": "user", "parts": [{"text": "Why?"}]},
        ],
        "generationConfig": {
            "maxOutputTokens": 99,
            "temperature": 0.5,
            "topP": 0.9,
            "stopSequences": list("abcde"),
            "seed": 7,
        },
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
    }


async def test_what_is_not_asked_for_is_not_sent(server: ModelServer, backend: GeminiBackend) -> None:
    server.will(Say("A dot."))
    await events_of(backend, Prompt((Turn("user", "", (Picture("image/png", b"x"),)),)))
    assert set(server.requests[0].body) == {"contents", "generationConfig"}
    assert server.requests[0].body["generationConfig"] == {"maxOutputTokens": 512}
    assert [list(part) for part in server.requests[0].body["contents"][0]["parts"]] == [["inlineData"]]


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("gemini-2.5-pro", {"thinkingBudget": 128}),
        ("models/gemini-2.5-flash", {"thinkingBudget": 0}),
        ("gemini-3-pro", {"thinkingLevel": "low"}),
        ("gemini-2.0-flash", None),
        ("gemma-3-27b-it", None),
    ],
)
async def test_it_is_to_think_little(client: httpx.AsyncClient, model: str, thinking: dict[str, Any] | None) -> None:
    async with ModelServer.gemini(model=model.removeprefix("models/")) as server:
        completion_of(await events_of(GeminiBackend(card_of(server, model=model), None, client), prompt_of()))
    assert server.requests[0].body["generationConfig"].get("thinkingConfig") == thinking


async def test_a_card_says_how_hard_to_think_and_that_no_temperature_is_taken(client: httpx.AsyncClient) -> None:
    async with ModelServer.gemini(model="gemini-3.5-flash-lite") as server:
        card = card_of(server, effort="minimal", sampling=False)
        completion_of(await events_of(GeminiBackend(card, None, client), prompt_of(temperature=0.5, top_p=0.9)))
    config = server.requests[0].body["generationConfig"]
    assert (config["thinkingConfig"], "temperature" in config, "topP" in config) == (
        {"thinkingLevel": "minimal"}, False, False,
    )  # fmt: skip


async def test_a_model_that_cannot_think_less_thinks(client: httpx.AsyncClient) -> None:
    async with ModelServer.gemini(model="gemini-2.5-flash") as server:
        error = {"code": 400, "message": "The thinking budget 0 is invalid.", "status": "INVALID_ARGUMENT"}
        server.will(Refuse(400, {"error": error}))
        completion_of(await events_of(GeminiBackend(card_of(server), None, client), prompt_of()))
    assert ["thinkingConfig" in seen.body["generationConfig"] for seen in server.requests] == [True, False]


async def test_what_it_thought_is_paid_for(server: ModelServer, backend: GeminiBackend) -> None:
    server.will(Say("Yes", tokens=(21, 4)))
    completion = completion_of(await events_of(backend, prompt_of()))
    assert (completion.prompt_tokens, completion.completion_tokens) == (21, 4)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", Finish.STOP),
        ("OTHER", Finish.STOP),
        ("MAX_TOKENS", Finish.LENGTH),
        ("SAFETY", Finish.FILTERED),
        ("RECITATION", Finish.FILTERED),
        ("PROHIBITED_CONTENT", Finish.FILTERED),
        ("SPII", Finish.FILTERED),
    ],
)
def test_why_it_ended(reason: str, finish: Finish) -> None:
    assert read({"candidates": [{"finishReason": reason}]}).finish is finish


def test_an_event_without_data_says_nothing() -> None:
    reader = GeminiReader()
    reader.take(b"")
    assert (reader.pieces, reader.finish, reader.fault) == ([], None, None)


def test_several_parts_are_joined_and_thoughts_left_out() -> None:
    parts = [{"text": "hm", "thought": True}, {"text": "Y"}, {"inlineData": {}}, {"text": "es"}]
    assert read({"candidates": [{"content": {"parts": parts}}]}).pieces == ["Y", "es"]


async def test_a_question_that_is_not_let_in(server: ModelServer, backend: GeminiBackend) -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}
    server.will(Raw((b"data: " + orjson.dumps(blocked) + b"\r\n\r\n",)))
    _, error = await failure_of(backend, prompt_of())
    assert error.trouble is Trouble.FILTERED


async def test_a_wait_in_the_body_is_passed_on(server: ModelServer, backend: GeminiBackend) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}]
    error = {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED", "details": details}
    server.will(Refuse(429, {"error": error}))
    failure = (await failure_of(backend, prompt_of()))[1]
    assert (failure.trouble, failure.retry_after) == (Trouble.BUSY, 37)
    assert "in 37 seconds" in str(failure)


async def test_it_is_asked_for_the_model_itself(server: ModelServer, backend: GeminiBackend) -> None:
    assert (await backend.probe()).state is State.READY
    server.will(Refuse(404))
    assert (await backend.probe()).state is State.TROUBLED
    assert {seen.url for seen in server.requests} == {"/v1beta/models/test-model"}
