"""What Messages are asked, and what they answer."""

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from bot.backends.anthropic_api import AnthropicBackend, AnthropicReader
from bot.backends.base import Finish, Picture, Prompt, State, Turn
from bot.errors import Trouble
from tests.backends.contract import completion_of, events_of, failure_of, prompt_of
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer, Refuse, Say, card_of


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.anthropic(key=KEY) as server:
        yield server


@pytest.fixture
def backend(server: ModelServer, client: httpx.AsyncClient) -> AnthropicBackend:
    return AnthropicBackend(card_of(server, images=True), KEY, client)


def read(*events: object) -> AnthropicReader:
    reader = AnthropicReader()
    for event in events:
        reader.take(orjson.dumps(event))
    reader.end()
    return reader


async def test_a_question_in_its_form(server: ModelServer, backend: AnthropicBackend) -> None:
    turns = (
        Turn("user", "What is it?", (Picture("image/png", b"\x89PNG"),)),
        Turn("assistant", "A dot."),
        Turn("user", "Why?"),
    )
    prompt = Prompt(turns, "Be brief.", max_tokens=99, temperature=1.5, top_p=0.9, stop=("END", "\n"), seed=7)
    server.will(Say("Because."))
    completion_of(await events_of(backend, prompt))
    seen = server.requests[0]
    assert (seen.method, seen.url) == ("POST", "/v1/messages")
    assert (seen.headers["x-api-key"], seen.headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert "authorization" not in seen.headers
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    assert seen.body == {
        "model": "test-model",
        "max_tokens": 99,
        "messages": [
            {"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]},
            {"role": "assistant", "content": "A dot."},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "system": "Be brief.",
        "temperature": 1.0,
        "stop_sequences": ["END"],
    }


async def test_what_is_not_asked_for_is_not_sent(server: ModelServer, backend: AnthropicBackend) -> None:
    await events_of(backend, prompt_of(top_p=0.5))
    assert set(server.requests[0].body) == {"model", "max_tokens", "messages", "stream", "top_p"}


async def test_a_card_says_how_hard_to_think_and_that_no_temperature_is_taken(
    server: ModelServer, client: httpx.AsyncClient
) -> None:
    backend = AnthropicBackend(card_of(server, effort="low", sampling=False), KEY, client)
    completion_of(await events_of(backend, prompt_of(temperature=0.5, top_p=0.9)))
    body = server.requests[0].body
    assert (body["output_config"], "temperature" in body, "top_p" in body) == ({"effort": "low"}, False, False)


async def test_a_model_without_effort_is_not_told_twice(server: ModelServer, client: httpx.AsyncClient) -> None:
    backend = AnthropicBackend(card_of(server, effort="low"), KEY, client)
    message = "This model does not support the effort parameter."
    server.will(Refuse(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}}))
    completion_of(await events_of(backend, prompt_of()))
    assert ["output_config" in seen.body for seen in server.requests] == [True, False]


async def test_a_picture_alone_is_a_question_too(server: ModelServer, backend: AnthropicBackend) -> None:
    server.will(Say("A dot."))
    await events_of(backend, Prompt((Turn("user", "", (Picture("image/png", b"x"),)),)))
    assert [part["type"] for part in server.requests[0].body["messages"][0]["content"]] == ["image"]


async def test_tokens_come_in_two_halves(server: ModelServer, backend: AnthropicBackend) -> None:
    server.will(Say("Yes", tokens=(21, 4)))
    completion = completion_of(await events_of(backend, prompt_of()))
    assert (completion.prompt_tokens, completion.completion_tokens) == (21, 4)


def test_what_was_read_from_a_cache_was_read() -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 100, "output_tokens": 1}
    reader = read({"type": "message_start", "message": {"usage": usage}})
    assert (reader.prompt_tokens, reader.completion_tokens) == (123, 1)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", Finish.STOP),
        ("stop_sequence", Finish.STOP),
        ("pause_turn", Finish.STOP),
        ("max_tokens", Finish.LENGTH),
        ("model_context_window_exceeded", Finish.LENGTH),
        ("refusal", Finish.FILTERED),
        (None, None),
    ],
)
def test_why_it_ended(reason: str | None, finish: Finish | None) -> None:
    assert read({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {}}).finish is finish


async def test_a_refusal_before_a_word_is_one(server: ModelServer, backend: AnthropicBackend) -> None:
    server.will(Say(finish="refused"))
    assert (await failure_of(backend, prompt_of()))[1].trouble is Trouble.REFUSED


def test_thinking_is_no_answer_and_what_is_not_known_is_passed_over() -> None:
    reader = read(
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "Y"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "es"}},
        {"type": "something_new"},
    )
    reader.take(b"")
    assert reader.pieces == ["Y", "es"]
    assert not reader.is_over


def test_an_error_ends_it() -> None:
    for event in ({"type": "error", "error": {"type": "overloaded_error"}}, {"error": {"type": "overloaded_error"}}):
        reader = read(event)
        assert reader.is_over
        assert reader.fault
        assert reader.fault.names == ("overloaded_error",)


async def test_it_is_asked_for_the_model_itself(server: ModelServer, backend: AnthropicBackend) -> None:
    assert (await backend.probe()).state is State.READY
    server.will(Refuse(404))
    assert (await backend.probe()).state is State.TROUBLED
    assert {seen.url for seen in server.requests} == {"/v1/models/test-model"}
    assert server.requests[0].headers["x-api-key"] == KEY
