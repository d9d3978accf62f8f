"""Bodies against Discord's own API description: what is wrong is told readably, false alarms are silenced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.rest.call import Call, Route
from sandbox.rest.router import all_routes
from sandbox.server import Options, Server
from sandbox.spec import Description, Spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.stand_in import Http, Place


async def accept(call: Call) -> Any:
    return {"accepted": call.body}


MESSAGES = Route("POST", "/channels/{id}/messages", accept)
CALLBACK = Route("POST", "/interactions/{id}/{token}/callback", accept, auth=False)


@pytest.fixture
def spec(api_description: Path) -> Spec:
    return Spec(Description(api_description))


def told(spec: Spec, body: Any, route: Route = MESSAGES) -> list[tuple[str, str]]:
    return [(".".join(map(str, error.path)), error.code) for error in spec.check(route, body, [])]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "hi", "nonce": "5", "enforce_nonce": True},
        {"content": None, "embeds": [], "poll": None},
        {"message_reference": {"message_id": "5", "channel_id": "6"}},
        {"message_reference": {"message_id": 5, "channel_id": 6}},
        {"embeds": [{"title": "t", "url": "http://example.org/ü b"}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "a", "label": "b"}]}]},
        {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "x"}]}]},
    ],
)
def test_good_bodies(spec: Spec, body: Any) -> None:
    assert told(spec, body) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], [("", "BASE_TYPE_INVALID")]),
        ({"content": 5}, [("content", "BASE_TYPE_INVALID")]),
        ({"content": "x" * 4001}, [("content", "BASE_TYPE_MAX_LENGTH")]),
        ({"embeds": [{}] * 11}, [("embeds", "BASE_TYPE_MAX_LENGTH")]),
        ({"message_reference": {}}, [("message_reference.message_id", "BASE_TYPE_REQUIRED")]),
        ({"message_reference": {"message_id": -5}}, [("message_reference.message_id", "BASE_TYPE_INVALID")]),
        ({"components": [{}]}, [("components.0.type", "BASE_TYPE_REQUIRED")]),
        ({"components": [{"type": 99}]}, [("components.0.type", "BASE_TYPE_CHOICES")]),
        (
            {"components": [{"type": 1, "components": [{"type": 2, "style": 9}]}]},
            [("components.0.components.0.style", "BASE_TYPE_CHOICES")],
        ),
        (
            {"components": [{"type": 1, "components": [{"type": 3, "custom_id": "a"}]}]},
            [("components.0.components.0.options", "BASE_TYPE_REQUIRED")],
        ),
    ],
)
def test_errors_are_where_the_mistake_is(spec: Spec, body: Any, errors: list[tuple[str, str]]) -> None:
    assert told(spec, body) == errors


def test_callbacks_are_told_apart_by_their_type(spec: Spec) -> None:
    assert told(spec, {"type": 4, "data": {"content": "hi"}}, CALLBACK) == []
    assert told(spec, {"type": 4, "data": {"content": 5}}, CALLBACK) == [("data.content", "BASE_TYPE_INVALID")]
    assert told(spec, {"type": 9, "data": {"title": "t"}}, CALLBACK)[0][0].startswith("data.")
    assert told(spec, {"type": 77}, CALLBACK) == [("type", "BASE_TYPE_CHOICES")]


def test_a_missing_body_counts_where_one_is_required(spec: Spec) -> None:
    assert told(spec, None, CALLBACK) == [("", "BASE_TYPE_REQUIRED")]
    assert told(spec, None) == []  # as good as an empty object, of which the description asks nothing
    typing = Route("POST", "/channels/{channel_id}/typing", accept)
    assert told(spec, None, typing) == []


def test_every_route_of_the_stand_in_can_be_checked(spec: Spec) -> None:
    for route in all_routes():
        spec.check(route, {}, [])
    known = set(spec.description.operations())
    unknown = [f"{route.method} {route.path}" for route in all_routes() if not spec.description.describes(route)]
    assert len(known) > 200
    # asked for by clients, though the description leaves them out
    assert set(unknown) <= {"GET /applications/{application_id}/skus", "GET /users/@me/channels"}


async def test_what_our_own_checks_let_pass_is_refused_and_remembered(
    http: Http, server: Server, caplog: pytest.LogCaptureFixture, api_description: Path
) -> None:
    del api_description
    assert server.spec is not None
    server.spec.check_replies = False
    server.router.serve([MESSAGES])
    assert (await http.post("/channels/1/messages", json={"content": "fine"})).status == 200
    assert not server.spec.violations
    answer = await http.post("/channels/1/messages", json={"content": 5})
    assert (answer.status, answer.json["code"]) == (400, 50035)
    assert answer.json["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_INVALID"
    assert [violation.route for violation in server.spec.violations] == ["POST /channels/{id}/messages"]
    assert "refuses what the stand-in accepted: POST /channels/{id}/messages: content" in caplog.text
    server.spec.violations.clear()


async def test_what_our_own_checks_refuse_is_no_violation(
    http: Http, server: Server, place: Place, api_description: Path
) -> None:
    del api_description
    assert server.spec is not None
    answer = await http.post(f"/channels/{place.channel('general').id}/messages", json={"content": "x" * 4001})
    assert answer.status == 400
    assert not server.spec.violations


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"limit": "1"}, True),
        ({"limit": "100"}, True),
        ({"limit": "0"}, False),
        ({"limit": "101"}, False),
        ({"limit": "ten"}, False),
        ({"before": "12345"}, True),
        ({"before": "x"}, False),
        ({"unheard_of": "x"}, True),
    ],
)
def test_queries(spec: Spec, query: dict[str, str], fits: bool) -> None:
    history = Route("GET", "/channels/{channel_id}/messages", accept)
    assert (spec.check(history, None, query=query) == []) is fits


@pytest.mark.parametrize("flag", ["1", "0", "true", "false", "True"])
def test_flags_of_queries(spec: Spec, flag: str) -> None:
    body = {"type": 6}
    assert spec.check(CALLBACK, body, query={"with_response": flag}) == []
    assert spec.check(CALLBACK, body, query={"with_response": "maybe"}) != []


@pytest.mark.parametrize(
    ("status", "body", "path"),
    [
        (204, None, None),
        (204, {}, ("answer",)),
        (200, [], ("answer",)),
        (200, {"interaction": {"id": "1"}}, ("answer", "interaction", "type")),
        (201, {}, ("answer",)),
    ],
)
def test_answers(spec: Spec, status: int, body: Any, path: tuple[str, ...] | None) -> None:
    spec.check_reply(CALLBACK, status, body)
    told = [error.path for violation in spec.violations for error in violation.errors]
    assert told == [] if path is None else path in told


async def test_an_answer_that_does_not_fit_is_remembered(http: Http, server: Server, api_description: Path) -> None:
    del api_description
    assert server.spec is not None
    assert server.spec.check_replies
    server.router.serve([MESSAGES])
    assert (await http.post("/channels/1/messages", json={"content": "fine"})).status == 200
    assert "answer.author: This field is required" in str(server.spec.violations[0])
    server.spec.violations.clear()


def test_the_description_is_optional() -> None:
    assert Server(Options(port=0)).spec is None
