"""What Chat Completions are asked, what they answer, and the dialects of those who speak them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from bot.backends.base import Egress, Finish, Picture, Prompt, State, Turn
from bot.backends.openai_api import OpenAIBackend, OpenAIReader
from bot.catalog import Price, Where
from bot.errors import Trouble
from tests.backends.contract import completion_of, events_of, failure_of, prompt_of
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer, Raw, Refuse, Say, card_of

PRICE = Price(Decimal(2), Decimal(8), "https://prices.example", date(2026, 11, 1))


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.openai(key=KEY) as server:
        yield server


@pytest.fixture
def backend(server: ModelServer, client: httpx.AsyncClient) -> OpenAIBackend:
    return OpenAIBackend(card_of(server, images=True), KEY, client)


def body_of(prompt: Prompt, address: str, model: str = "m", *unwanted: str) -> dict[str, Any]:
    """Return the body that would be sent to an address."""
    card = card_of(ModelServer.openai(), address=address, model=model)
    backend = OpenAIBackend(card, None, httpx.AsyncClient(mounts={"all://": None}, verify=False))  # noqa: S501
    return backend._request(prompt, frozenset(unwanted)).body


def read(*events: Any) -> OpenAIReader:
    reader = OpenAIReader()
    for event in events:
        reader.take(event if isinstance(event, bytes) else orjson.dumps(event))
    reader.end()
    return reader


def chunk(delta: Any, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


async def test_a_question_in_its_form(server: ModelServer, backend: OpenAIBackend) -> None:
    turns = (
        Turn("user", "What is it?", (Picture("image/png", b"\x89PNG"),)),
        Turn("assistant", "A dot."),
        Turn("user", "Why?"),
    )
    prompt = Prompt(
        turns, "Be brief.", max_tokens=99, temperature=0.5, top_p=0.9, stop=("a", "b", "c", "d", "e"), seed=7
    )
    server.will(Say("Because."))
    completion_of(await events_of(backend, prompt))
    seen = server.requests[0]
    assert (seen.method, seen.url) == ("POST", "/v1/chat/completions")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["content-type"] == "application/json"
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert seen.body == {
        "model": "test-model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]},
            {"role": "assistant", "content": "A dot."},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 99,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["a", "b", "c", "d"],
        "seed": 7,
    }


async def test_what_is_not_asked_for_is_not_sent(server: ModelServer, backend: OpenAIBackend) -> None:
    await events_of(backend, prompt_of())
    assert set(server.requests[0].body) == {"model", "messages", "stream", "stream_options", "max_tokens"}


async def test_halves_of_characters_in_a_question_do_no_harm(server: ModelServer, backend: OpenAIBackend) -> None:
    completion_of(await events_of(backend, prompt_of("a\ud83d b 😀")))
    assert server.requests[0].body["messages"] == [{"role": "user", "content": "a? b 😀"}]


def test_openai_itself_wants_the_newer_name_and_little_reasoning() -> None:
    body = body_of(prompt_of(), "https://api.openai.com/v1", "gpt-5.4")
    assert (body["max_completion_tokens"], body["reasoning_effort"], "max_tokens" in body) == (64, "low", False)
    assert "reasoning_effort" not in body_of(prompt_of(), "https://api.openai.com/v1", "gpt-4.1-mini")
    body = body_of(prompt_of(), "https://api.openai.com/v1", "gpt-4.1", "max_completion_tokens")
    assert (body["max_tokens"], "max_completion_tokens" in body) == (64, False)


@pytest.mark.parametrize("effort", ["none", "low"])
async def test_a_card_says_how_hard_to_think_and_that_no_temperature_is_taken(
    server: ModelServer, client: httpx.AsyncClient, effort: str
) -> None:
    backend = OpenAIBackend(card_of(server, effort=effort, sampling=False), KEY, client)
    completion_of(await events_of(backend, prompt_of(temperature=0.5, top_p=0.9)))
    body = server.requests[0].body
    assert (body["reasoning_effort"], "temperature" in body, "top_p" in body) == (effort, False, False)


async def test_a_server_that_knows_no_effort_is_not_told_twice(server: ModelServer, client: httpx.AsyncClient) -> None:
    backend = OpenAIBackend(card_of(server, effort="none"), KEY, client)
    message = "Unsupported value: 'reasoning_effort' does not support 'none' with this model."
    error = {"type": "invalid_request_error", "code": "unsupported_value", "param": "reasoning_effort"}
    server.will(Refuse(400, {"error": {**error, "message": message}}))
    completion_of(await events_of(backend, prompt_of()))
    assert ["reasoning_effort" in seen.body for seen in server.requests] == [True, False]


def test_mistral_has_another_name_for_the_seed() -> None:
    body = body_of(prompt_of(seed=7), "https://api.mistral.ai/v1")
    assert (body["random_seed"], body["max_tokens"], "seed" in body) == (7, 64, False)


def test_a_server_that_wants_the_newer_name_gets_it() -> None:
    body = body_of(prompt_of(), "http://127.0.0.1:8000/v1", "m", "max_tokens", "stream_options")
    assert (body["max_completion_tokens"], "max_tokens" in body, "stream_options" in body) == (64, False, False)


def test_a_template_without_a_system_role_gets_it_with_the_question() -> None:
    body = body_of(Prompt((Turn("user", "Why?"),), "Be brief."), "http://127.0.0.1:8000/v1", "m", "system")
    assert body["messages"] == [{"role": "user", "content": "Be brief.\n\nWhy?"}]


async def test_both_are_learnt_from_what_the_server_says(server: ModelServer, backend: OpenAIBackend) -> None:
    server.will(
        Refuse(
            400, {"error": {"message": "Unsupported parameter", "param": "max_tokens", "code": "unsupported_parameter"}}
        ),
        Refuse(500, {"error": {"message": "System role not supported"}}),
        Refuse(400, {"error": {"message": "System role not supported"}}),
    )
    _, error = await failure_of(backend, Prompt((Turn("user", "Why?"),), "Be brief."))
    assert error.trouble is Trouble.OVERLOADED
    completion_of(await events_of(backend, Prompt((Turn("user", "Why?"),), "Be brief.")))
    last = server.requests[-1].body
    assert last["max_completion_tokens"] == 512
    assert last["messages"] == [{"role": "user", "content": "Be brief.\n\nWhy?"}]
    assert len(server.requests) == 4


async def test_tokens_and_cost(server: ModelServer, client: httpx.AsyncClient) -> None:
    server.will(Say("Yes", tokens=(1000, 500)))
    here = completion_of(await events_of(OpenAIBackend(card_of(server, price=PRICE), KEY, client), prompt_of()))
    assert (here.where, here.prompt_tokens, here.completion_tokens, here.cost) == (Where.MACHINE, 1000, 500, 0)


@pytest.mark.parametrize(
    ("price", "tokens", "cost"),
    [(PRICE, (1000, 500), Decimal("0.006")), (PRICE, None, None), (None, (1000, 500), None)],
)
async def test_cost_elsewhere_is_known_or_not_told(
    server: ModelServer, price: Price | None, tokens: tuple[int, int] | None, cost: Decimal | None
) -> None:
    card = card_of(server, price=price, address="http://models.example/v1")
    proxy = httpx.AsyncHTTPTransport(proxy=f"http://127.0.0.1:{server.port}", verify=False)
    async with httpx.AsyncClient(transport=proxy) as through:
        server.will(Say("Yes", tokens=tokens))
        completion = completion_of(await events_of(OpenAIBackend(card, KEY, through), prompt_of()))
    assert (completion.where, completion.cost) == (Where.ELSEWHERE, cost)
    assert completion.prompt_tokens == (tokens[0] if tokens else None)


def test_counts_in_other_places() -> None:
    assert read(chunk({}, "stop") | {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}).completion_tokens == 4
    groq = read({"choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}})
    assert (groq.prompt_tokens, groq.completion_tokens) == (3, 4)
    odd = read({"choices": [], "usage": {"prompt_tokens": -3, "completion_tokens": "4"}})
    assert (odd.prompt_tokens, odd.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("eos_token", Finish.STOP),
        ("tool_calls", Finish.STOP),
        ("length", Finish.LENGTH),
        ("model_length", Finish.LENGTH),
        ("content_filter", Finish.FILTERED),
    ],
)
def test_why_it_ended(reason: str, finish: Finish) -> None:
    assert read(chunk({"content": "a"}, reason)).finish is finish


def test_an_answer_that_broke_at_the_other_end() -> None:
    for reason in ("error", "abort"):
        reader = read(chunk({"content": "a"}, reason))
        assert reader.fault
        assert reader.is_over


def test_reasoning_is_no_answer() -> None:
    for name in ("reasoning_content", "reasoning"):
        assert read(chunk({name: "hm", "content": None}), chunk({"content": "Yes"})).pieces == ["Yes"]
    blocks = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "Yes"}]
    assert read(chunk({"content": blocks})).pieces == ["Yes"]
    assert read(chunk({"content": "<think>hm"}), chunk({"content": "</think>\n\nYes"})).pieces == ["Yes"]
    assert read(chunk({"content": "<thi"})).pieces == ["<thi"]


def test_a_refusal_in_words_is_an_answer() -> None:
    assert read(chunk({"refusal": "I cannot help with that."}, "stop")).pieces == ["I cannot help with that."]


def test_what_comes_before_after_and_between() -> None:
    azure = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    reader = read(azure, b"", chunk({"role": "assistant"}), chunk({"content": "Yes"}), b"[DONE]")
    assert (reader.pieces, reader.is_over, reader.finish) == (["Yes"], True, None)
    for data in (b"nonsense", b"[1]", b"7"):
        with pytest.raises(ValueError, match="neither"):
            read(data)


async def test_the_last_event_may_be_missing(server: ModelServer, backend: OpenAIBackend) -> None:
    server.will(Say("Yes", ending="bare"))
    completion = completion_of(await events_of(backend, prompt_of()))
    assert (completion.text, completion.completion_tokens) == ("Yes", 5)


async def test_the_last_event_alone_is_an_end_too(server: ModelServer, backend: OpenAIBackend) -> None:
    server.will(Say("Yes", finish=None, tokens=None))
    assert completion_of(await events_of(backend, prompt_of())).finish is Finish.STOP


async def test_the_last_event_may_lack_its_empty_line(server: ModelServer, backend: OpenAIBackend) -> None:
    end = b'data: {"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":null}]}\r\n\r\ndata: [DONE]\n'
    server.will(Raw((server.protocol.piece("Yes"), end)), Raw((server.protocol.piece("Yes") + b'data: {"cho',)))
    assert completion_of(await events_of(backend, prompt_of())).text == "Yes!"
    assert (await failure_of(backend, prompt_of()))[1].trouble is Trouble.CUT_OFF


async def test_a_server_that_does_not_stream(server: ModelServer, backend: OpenAIBackend) -> None:
    message = {"role": "assistant", "content": "All at once."}
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
    kind = "application/json"
    server.will(
        Raw((orjson.dumps(whole),), content_type=kind),
        Raw((orjson.dumps({"error": "maximum context length"}),), content_type=kind),
        Raw((b"x" * 65536,), content_type=kind, ending="forever"),
    )
    completion = completion_of(await events_of(backend, prompt_of()))
    assert (completion.text, completion.completion_tokens) == ("All at once.", 4)
    assert (await failure_of(backend, prompt_of()))[1].trouble is Trouble.TOO_LONG
    assert (await failure_of(backend, prompt_of()))[1].trouble is Trouble.MALFORMED


async def test_a_server_without_a_list_of_models_is_well_all_the_same(
    server: ModelServer, backend: OpenAIBackend
) -> None:
    server.will(Refuse(404, b"404 page not found", content_type="text/plain"))
    assert (await backend.probe()).state is State.READY
    server.will(Raw((b"<html>",), content_type="text/html"))
    assert (await backend.probe()).state is State.READY  # it says nothing about the model, but is there
    assert [seen.url for seen in server.requests] == ["/v1/models"] * 2


async def test_a_maker_that_does_not_list_the_model_does_not_have_it() -> None:
    backend = OpenAIBackend(
        card_of(ModelServer.openai(), address="https://api.openai.com/v1"), KEY, httpx.AsyncClient()
    )
    assert backend._lists({"data": [{"id": "test-model"}]})
    assert not backend._lists({"data": [{"id": "other"}, 7]})
    assert not backend._lists([])


async def test_a_server_that_is_silent_is_not_waited_for(
    server: ModelServer, backend: OpenAIBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.backends.remote.PROBE_SECONDS", 0.05)
    server.will(Raw((), content_type="application/json", ending="stall"))
    assert (await backend.probe()).state is State.TROUBLED


async def test_an_answer_awaited_from_several_tasks_is_whole(server: ModelServer, backend: OpenAIBackend) -> None:
    """Limits wait for each event with a time-out, which on Python 3.11 means a task for each."""
    server.will(Say(*"abcdefgh", pause=0.005))
    stream, text = backend.complete(prompt_of(), Egress()), ""
    while True:
        try:
            event = await asyncio.wait_for(anext(stream), 30)
        except StopAsyncIteration:
            break
        text += getattr(event, "text", "") if type(event).__name__ == "Chunk" else ""
    assert text == "abcdefgh"
