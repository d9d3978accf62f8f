"""Routes that are there, those that are not, and who may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.rest.call import Call, Route
from sandbox.rest.router import all_routes
from sandbox.rest.table import Table

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place


async def nothing(call: Call) -> Any:
    return call.path


async def test_an_unknown_route_is_501_and_loud(http: Http, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    answer = await http.get("/no/such/route")
    assert answer.status == 501
    assert "/no/such/route" in answer.json["message"]
    assert list(server.unknown_routes) == ["GET /no/such/route"]
    assert "DOES NOT HAVE THIS ROUTE: GET /no/such/route" in caplog.text
    server.unknown_routes.clear()


async def test_a_method_that_a_path_does_not_have_is_405(http: Http, server: Server) -> None:
    answer = await http.delete("/gateway/bot")
    assert (answer.status, answer.json) == (405, {"message": "405: Method Not Allowed", "code": 0})
    server.unknown_routes.clear()


async def test_a_method_that_discord_has_is_501(http: Http, server: Server, place: Place) -> None:
    if server.spec is None:
        pytest.skip("only the API description tells")
    found = [
        (method, shape) for method, shape in server.spec.description.operations() if shape.startswith("/guilds/{}/")
    ]
    ours = Table(all_routes())
    lacking = next(
        (method, steps)
        for method, shape in found
        if (steps := shape[1:].replace("{}", str(place.guild.id)).split("/"))
        and ours.methods(steps)
        and method not in ours.methods(steps)
    )
    answer = await http.request(lacking[0], "/" + "/".join(lacking[1]))
    assert answer.status == 501
    server.unknown_routes.clear()


@pytest.mark.parametrize("path", ["/api/v9/users/@me", "/api/users/@me", "/api/v1/users/@me"])
async def test_other_versions_are_refused(http: Http, server: Server, path: str) -> None:
    async with http.session.get(f"{server.url}{path}", headers={"Authorization": f"Bot {http.token}"}) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50041
    server.unknown_routes.clear()


@pytest.mark.parametrize(
    "authorization", [None, "", "Bot", "Bot wrong", "stand-in-token", "Bearer stand-in-token", "bot stand-in-token"]
)
async def test_a_wrong_token_is_401(http: Http, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await http.get("/users/@me", auth=False, headers=headers)
    assert (answer.status, answer.json) == (401, {"message": "401: Unauthorized", "code": 0})
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_changed_token_no_longer_works(http: Http, place: Place) -> None:
    assert (await http.get("/users/@me")).status == 200
    place.app.token = "another"
    assert (await http.get("/users/@me")).status == 401


async def test_where_the_gateway_is(http: Http, server: Server) -> None:
    assert (await http.get("/gateway", auth=False)).json == {"url": server.gateway_url}
    answer = await http.get("/gateway/bot")
    assert answer.json["shards"] == 1
    assert answer.json["session_start_limit"] == {
        "total": 1000,
        "remaining": 1000,
        "reset_after": 0,
        "max_concurrency": 1,
    }
    assert (await http.get("/gateway/bot", auth=False)).status == 401


async def test_path_segments_are_decoded_one_by_one(http: Http, server: Server) -> None:
    server.router.serve([Route("GET", "/echo/{first}/x/{second}", nothing)])
    assert (await http.get("/echo/a%2Fb/x/%F0%9F%91%8D")).json == {"first": "a/b", "second": "\N{THUMBS UP SIGN}"}


def test_a_literal_goes_before_a_parameter() -> None:
    table = Table(
        [
            Route("GET", "/a/{id}", nothing),
            Route("GET", "/a/@me", nothing),
            Route("POST", "/a/{id}/b", nothing),
            Route("GET", "/a/@me/{rest}/c", nothing),
        ]
    )

    def found(method: str, path: str) -> str | None:
        entry = table.find(method, path[1:].split("/"))
        return entry[0].route.path if entry else None

    assert found("GET", "/a/@me") == "/a/@me"
    assert found("GET", "/a/5") == "/a/{id}"
    assert found("POST", "/a/@me/b") == "/a/{id}/b"
    assert found("GET", "/a/@me/x/c") == "/a/@me/{rest}/c"
    assert found("GET", "/a/") is None
    assert found("GET", "/a/5/b") is None
    assert table.methods(["a", "5", "b"]) == {"POST"}


def test_two_handlers_for_one_route_are_an_error() -> None:
    with pytest.raises(ValueError, match="two routes for GET /a"):
        Table([Route("GET", "/a", nothing), Route("GET", "/a", nothing)])


async def test_what_a_handler_did_not_expect_is_500(
    http: Http, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(call: Call) -> Any:
        raise RuntimeError(call.path)

    server.router.serve([Route("GET", "/broken", broken)])
    answer = await http.get("/broken")
    assert (answer.status, answer.json["code"]) == (500, 0)
    assert "the stand-in failed on GET /broken" in caplog.text
