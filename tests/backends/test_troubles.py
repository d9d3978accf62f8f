"""What the other side's errors come to. Bodies are in the forms that the makers and programs named here send."""

from typing import Any

import orjson
import pytest

from bot.backends.troubles import SYSTEM, TEXTS, Fault, error_of, fault_of, read_fault, trouble_of
from bot.catalog import ModelCard, Openness, Task
from bot.errors import Trouble

ELSEWHERE = "https://api.testers.example/v1"
HERE = "http://127.0.0.1:8080/v1"


def card(address: str = ELSEWHERE, **rest: Any) -> ModelCard:
    values: dict[str, Any] = {
        "key": "m",
        "name": "Model M",
        "maker": "Makers",
        "family": "M",
        "openness": Openness.CLOSED,
        "reasons": {},
        "tasks": frozenset(Task),
        "backend": "openai_api",
        "model": "m",
        "licence": "Terms",
        "address": address,
    }
    return ModelCard(**{**values, **rest})


def openai(message: str = "", kind: str = "invalid_request_error", code: str | None = None, **rest: Any) -> Any:
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **rest}}


def gemini(code: int, status: str, message: str = "", *details: Any) -> Any:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def anthropic(kind: str, message: str = "") -> Any:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}

CASES: list[tuple[str, int | None, Any, Trouble]] = [
    ("OpenAI: key", 401, openai("Incorrect API key provided: sk-1", code="invalid_api_key"), Trouble.KEY),
    ("OpenAI: quota", 429, openai("You exceeded", "insufficient_quota", "insufficient_quota"), Trouble.CREDIT),
    ("OpenAI: rate", 429, openai("Rate limit", "requests", "rate_limit_exceeded"), Trouble.BUSY),
    ("OpenAI: model", 404, openai("The model `x` does not exist", code="model_not_found"), Trouble.NO_SUCH_MODEL),
    (
        "OpenAI: length",
        400,
        openai("This model's maximum context length", code="context_length_exceeded"),
        Trouble.TOO_LONG,
    ),
    (
        "OpenAI: country",
        403,
        openai("", "request_forbidden", "unsupported_country_region_territory"),
        Trouble.FORBIDDEN,
    ),
    ("OpenAI: policy", 400, openai("", code="content_policy_violation"), Trouble.FILTERED),
    ("OpenAI: server", 500, openai("The server had an error", "server_error"), Trouble.OVERLOADED),
    ("Azure: filter", 400, openai("", code="content_filter", status=400), Trouble.FILTERED),
    ("Groq: terms", 400, openai("", code="model_terms_required"), Trouble.FORBIDDEN),
    ("Groq: capacity", 498, openai(""), Trouble.BUSY),
    ("Mistral: key", 401, {"detail": "Unauthorized"}, Trouble.KEY),
    (
        "Mistral: model",
        400,
        {"object": "error", "message": "Invalid model: x", "type": "invalid_model"},
        Trouble.NO_SUCH_MODEL,
    ),
    (
        "vLLM: length",
        400,
        {"object": "error", "message": "This model's maximum context length is 8", "code": 400},
        Trouble.TOO_LONG,
    ),
    (
        "vLLM: model",
        404,
        {"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}},
        Trouble.NO_SUCH_MODEL,
    ),
    (
        "llama.cpp: length",
        400,
        {"error": {"code": 400, "message": "", "type": "exceed_context_size_error"}},
        Trouble.TOO_LONG,
    ),
    (
        "llama.cpp: loading",
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        Trouble.OVERLOADED,
    ),
    ("Ollama: model", 404, openai('model "x" not found, try pulling it first', "api_error"), Trouble.NO_SUCH_MODEL),
    ("LM Studio: text", 400, {"error": "The model is not found"}, Trouble.NO_SUCH_MODEL),
    ("transformers: body", 422, {"detail": "Unexpected keys"}, Trouble.REFUSED),
    ("DeepSeek: balance", 402, openai("Insufficient Balance", "unknown_error"), Trouble.CREDIT),
    ("OpenRouter: length", 400, openai("This endpoint's maximum context window", code="400"), Trouble.TOO_LONG),
    ("Anthropic: key", 401, anthropic("authentication_error", "invalid x-api-key"), Trouble.KEY),
    ("Anthropic: credit", 400, anthropic("invalid_request_error", "Your credit balance is too low"), Trouble.CREDIT),
    ("Anthropic: billing", 402, anthropic("billing_error"), Trouble.CREDIT),
    ("Anthropic: rights", 403, anthropic("permission_error"), Trouble.FORBIDDEN),
    ("Anthropic: model", 404, anthropic("not_found_error", "model: x"), Trouble.NO_SUCH_MODEL),
    (
        "Anthropic: length",
        400,
        anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8"),
        Trouble.TOO_LONG,
    ),
    ("Anthropic: size", 413, anthropic("request_too_large"), Trouble.TOO_LONG),
    ("Anthropic: rate", 429, anthropic("rate_limit_error"), Trouble.BUSY),
    ("Anthropic: load", 529, anthropic("overloaded_error"), Trouble.OVERLOADED),
    ("Gemini: key", 400, gemini(400, "INVALID_ARGUMENT", "API key not valid.", BAD_KEY), Trouble.KEY),
    ("Gemini: old key", 400, gemini(400, "INVALID_ARGUMENT", "API key expired. Renew it."), Trouble.KEY),
    ("Gemini: rights", 403, gemini(403, "PERMISSION_DENIED"), Trouble.FORBIDDEN),
    ("Gemini: place", 400, gemini(400, "FAILED_PRECONDITION", "User location is not supported"), Trouble.FORBIDDEN),
    ("Gemini: model", 404, gemini(404, "NOT_FOUND"), Trouble.NO_SUCH_MODEL),
    ("Gemini: rate", 429, gemini(429, "RESOURCE_EXHAUSTED"), Trouble.BUSY),
    ("Gemini: credit", 429, gemini(429, "RESOURCE_EXHAUSTED", "Your credits are depleted."), Trouble.CREDIT),
    ("Gemini: bill", 402, gemini(402, "RESOURCE_EXHAUSTED"), Trouble.CREDIT),
    ("Gemini: length", 400, gemini(400, "INVALID_ARGUMENT", "exceeds the maximum number of tokens"), Trouble.TOO_LONG),
    ("Gemini: load", 503, [gemini(503, "UNAVAILABLE")], Trouble.OVERLOADED),
    ("plain 400", 400, openai("Something"), Trouble.REFUSED),
    ("plain 405", 405, {}, Trouble.NOT_CONFIGURED),
    ("plain 408", 408, {}, Trouble.SILENT),
    ("plain 418", 418, {}, Trouble.REFUSED),
    ("plain 302", 302, {}, Trouble.NOT_CONFIGURED),
    ("plain 204", 204, {}, Trouble.MALFORMED),
    ("plain 504", 504, 7, Trouble.OVERLOADED),
    ("stream: load", None, anthropic("overloaded_error"), Trouble.OVERLOADED),
    ("stream: api", None, anthropic("api_error"), Trouble.OVERLOADED),
    ("stream: rights", None, anthropic("permission_error"), Trouble.FORBIDDEN),
    ("stream: bad", None, anthropic("invalid_request_error"), Trouble.REFUSED),
    ("stream: status", None, gemini(429, "SOMETHING"), Trouble.BUSY),
    ("stream: text", None, {"error": "maximum context length"}, Trouble.TOO_LONG),
    ("stream: empty", None, {"error": []}, Trouble.OVERLOADED),
]


@pytest.mark.parametrize(("status", "body", "trouble"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_an_error_comes_to(status: int | None, body: Any, trouble: Trouble) -> None:
    assert trouble_of(status, fault_of(body)) is trouble
    assert trouble_of(status, read_fault(orjson.dumps(body))) is trouble


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad Gateway</html>", b"null", b"[]", b'"words"', b"\xff", b'{"error": 7}']
)
def test_a_body_that_is_no_error_says_nothing(body: bytes) -> None:
    fault = read_fault(body)
    assert (fault.names, fault.status, fault.detail) == ((), None, "")
    assert trouble_of(502, fault) is Trouble.OVERLOADED


def test_google_says_how_long_to_wait_in_the_body() -> None:
    wait = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}
    assert fault_of(gemini(429, "RESOURCE_EXHAUSTED", "", {}, wait)).retry_after == 34.07
    assert fault_of(gemini(429, "RESOURCE_EXHAUSTED", "", {"retryDelay": "soon"})).retry_after is None


def test_operators_are_told_names_but_no_words_of_the_other_side() -> None:
    fault = fault_of(openai("Incorrect key sk-1", "invalid_request_error", "invalid_api_key"))
    assert fault.detail == "invalid_request_error invalid_api_key"
    assert Fault(names=("a b", "x" * 61, "ok", "ok")).detail == "ok"


@pytest.mark.parametrize(
    ("body", "option"),
    [
        (
            openai("Unsupported parameter: 'max_tokens' ...", code="unsupported_parameter", param="max_tokens"),
            "max_tokens",
        ),
        (openai("Unsupported value: 'temperature' does not support 0.2", param="temperature"), "temperature"),
        (openai("Unsupported parameter: 'stop' is not supported with this model."), "stop"),
        (openai("Unsupported parameter: 'tools'", code="unsupported_parameter", param="tools"), None),
        (
            {
                "object": "error",
                "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]},
            },
            "stream_options",
        ),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", 7, "seed"], "msg": "not permitted"}]}, "seed"),
        (anthropic("invalid_request_error", "`temperature` and `top_p` cannot both be specified"), "temperature"),
        (anthropic("invalid_request_error", "`top_p` is deprecated for this model."), "top_p"),
        (anthropic("invalid_request_error", "This model does not support the effort parameter."), "output_config"),
        (anthropic("invalid_request_error", "output_config: Extra inputs are not permitted"), "output_config"),
        (gemini(400, "INVALID_ARGUMENT", "The thinking budget 0 is invalid."), "thinkingConfig"),
        (gemini(400, "INVALID_ARGUMENT", "Thinking level is not supported for this model."), "thinkingConfig"),
        (openai("System role not supported"), SYSTEM),
        (openai("temperature must be at most 2", param="temperature"), None),
        (openai("Something else"), None),
        ({"detail": [{"msg": "Extra inputs are not permitted"}]}, None),
    ],
)
def test_which_option_is_not_taken(body: Any, option: str | None) -> None:
    assert fault_of(body).unwanted() == option


@pytest.mark.parametrize("trouble", list(TEXTS))
@pytest.mark.parametrize("address", [ELSEWHERE, HERE])
def test_every_trouble_has_words_that_say_what_to_do(trouble: Trouble, address: str) -> None:
    text = str(error_of(card(address), trouble))
    assert text[0].isupper() or text.startswith("api.")
    assert text.endswith(".")
    assert len(text.split(". ")) > 1
    assert "{" not in text
    assert "Model M" in text or "testers.example" in text


def test_who_is_named_is_who_was_asked() -> None:
    assert str(error_of(card(), Trouble.KEY)).startswith("api.testers.example says that the key for Model M is wrong.")
    assert str(error_of(card(HERE), Trouble.KEY)).startswith("The program that runs Model M says")
    assert str(error_of(card(provider="OpenAI"), Trouble.KEY)).startswith("OpenAI says that the key")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "in a minute"),
        (0, "in a second"),
        (1.2, "in a second"),
        (30, "in 30 seconds"),
        (120, "in 2 minutes"),
        (5340, "in 89 minutes"),
        (7200, "in 2 hours"),
    ],
)
def test_when_to_try_again(seconds: float | None, words: str) -> None:
    error = error_of(card(), Trouble.BUSY, retry_after=seconds)
    assert f"Try again {words}," in str(error)
    assert (error.retry_after, error.model) == (seconds, "m")


def test_words_of_ones_own_replace_the_usual_ones() -> None:
    error = error_of(card(), Trouble.UNFIT, text="It cannot. Choose another.", detail="why")
    assert (str(error), error.detail) == ("It cannot. Choose another.", "why")
