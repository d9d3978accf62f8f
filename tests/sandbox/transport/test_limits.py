"""Rate limits: buckets with their headers, the global limit, and the ban of who does not listen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox import limits as limit_figures
from sandbox.limits import Limits
from sandbox.rest.call import Call, Route
from sandbox.rest.router import all_routes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.server import Server
    from tests.support.stand_in import Http, Place


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def yes(call: Call) -> Any:
    return dict(call.path)


async def forbidden(call: Call) -> Any:
    call.guild("guild_id")


@pytest.fixture
def clock(server: Server) -> Clock:
    clock = Clock()
    server.limits = Limits(clock)
    server.router.serve(
        [
            Route("POST", "/channels/{channel_id}/things", yes, limit=(3, 10.0)),
            Route("GET", "/channels/{channel_id}/things", yes, limit=(3, 10.0)),
            Route("GET", "/guilds/{guild_id}/things/{thing}", yes, limit=(3, 10.0)),
            Route("GET", "/guilds/{guild_id}", forbidden, limit=None),
            Route("POST", "/webhooks/{webhook_id}/{token}/things", yes, limit=(3, 10.0), auth=False),
            Route("GET", "/free", yes, limit=None),
            Route("GET", "/unglobal", yes, limit=None, unglobal=True),
        ]
    )
    return clock


async def test_headers_count_down(http: Http, clock: Clock) -> None:
    before = time.time()
    first = await http.post("/channels/1/things")
    after = time.time()
    assert first.status == 200
    assert first.headers["X-RateLimit-Limit"] == "3"
    assert first.headers["X-RateLimit-Remaining"] == "2"
    assert first.headers["X-RateLimit-Reset-After"] == "10.000"
    assert before + 9.99 < float(first.headers["X-RateLimit-Reset"]) < after + 10.01
    assert len(first.headers["X-RateLimit-Bucket"]) == 32
    assert "X-RateLimit-Scope" not in first.headers
    clock.now += 4
    second = await http.post("/channels/1/things")
    assert second.headers["X-RateLimit-Remaining"] == "1"
    assert second.headers["X-RateLimit-Reset-After"] == "6.000"
    assert second.headers["X-RateLimit-Bucket"] == first.headers["X-RateLimit-Bucket"]


async def test_one_too_many_is_429(http: Http, clock: Clock) -> None:
    for _ in range(3):
        assert (await http.post("/channels/1/things")).status == 200
    clock.now += 2.5
    refused = await http.post("/channels/1/things")
    assert refused.status == 429
    assert refused.json == {"message": "You are being rate limited.", "retry_after": 7.5, "global": False}
    assert refused.headers["Content-Type"] == "application/json"
    assert refused.headers["Retry-After"] == "8"
    assert refused.headers["Via"]
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Reset-After"] == "7.500"
    assert "X-RateLimit-Global" not in refused.headers
    clock.now += 7.5
    assert (await http.post("/channels/1/things")).status == 200


async def test_buckets_are_those_of_route_and_major_parameter(http: Http, clock: Clock) -> None:
    del clock
    for _ in range(3):
        await http.post("/channels/1/things")
    assert (await http.post("/channels/1/things")).status == 429
    assert (await http.post("/channels/2/things")).status == 200
    assert (await http.get("/channels/1/things")).status == 200
    for thing in "abc":
        assert (await http.get(f"/guilds/5/things/{thing}")).status == 200
    assert (await http.get("/guilds/5/things/d")).status == 429
    assert (await http.get("/guilds/6/things/d")).status == 200


async def test_webhooks_have_a_bucket_for_each_token(http: Http, clock: Clock) -> None:
    del clock
    for _ in range(3):
        assert (await http.post("/webhooks/1/abc/things", auth=False)).status == 200
    assert (await http.post("/webhooks/1/abc/things", auth=False)).status == 429
    assert (await http.post("/webhooks/1/def/things", auth=False)).status == 200


async def test_fifty_a_second_over_all(http: Http, clock: Clock) -> None:
    for number in range(50):
        assert (await http.get("/free" if number % 2 else f"/channels/{number}/things")).status == 200
    refused = await http.get("/free")
    assert refused.status == 429
    assert refused.json["global"] is True
    assert refused.headers["X-RateLimit-Global"] == "true"
    assert refused.headers["X-RateLimit-Scope"] == "global"
    assert "X-RateLimit-Bucket" not in refused.headers
    assert (await http.get("/unglobal")).status == 200
    assert (await http.post("/webhooks/1/abc/things", auth=False)).status == 200
    clock.now += 1
    assert (await http.get("/free")).status == 200


async def test_applications_do_not_share_limits(http: Http, place: Place, clock: Clock) -> None:
    del clock
    place.build.application("Other", "other-token", place.guild)
    for _ in range(4):
        answer = await http.post("/channels/1/things")
    assert answer.status == 429
    answer = await http.post("/channels/1/things", headers={"Authorization": "Bot other-token"})
    assert answer.status == 200


async def test_too_many_invalid_requests_are_a_ban(http: Http, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_figures, "INVALID_CALLS", 20)
    for _ in range(10):
        assert (await http.get("/free", auth=False)).status == 401
    for number in range(19):
        assert (await http.get("/guilds/123")).status == 404, number
    for _ in range(10):
        assert (await http.get("/free", auth=False)).status == 401
    banned = await http.get("/free", auth=False)
    assert banned.status == 429
    assert banned.json is None
    assert "Via" not in banned.headers
    assert (await http.get("/free")).status == 200
    clock.now += 600
    assert (await http.get("/free", auth=False)).status == 401


async def test_limits_can_be_switched_off(http: Http, server: Server, clock: Clock) -> None:
    del clock
    server.limits.enforce = False
    for _ in range(60):
        answer = await http.post("/channels/1/things")
        assert answer.status == 200
    assert "X-RateLimit-Limit" not in answer.headers


def test_old_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_figures, "_MAX_BUCKETS", 10)
    clock = Clock()
    limits = Limits(clock)
    route = Route("GET", "/x/{id}", yes, limit=(1, 5.0))
    for number in range(100):
        limits.take(route, "bucket", str(number), 1)
        clock.now += 1
    assert len(limits._buckets) <= 11


async def test_the_client_waits_and_gets_through(start: Callable[..., Awaitable[Any]], server: Server) -> None:
    server.limits.enforce = True
    bot = await start(discord.Client(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    channel = discord.utils.get(bot.get_all_channels(), name="general")
    assert isinstance(channel, discord.TextChannel)
    server.faults.rate_limit_storm(route="POST /channels/*/messages", times=2, retry_after=0.05)
    message = await channel.send("through the storm")
    assert message.content == "through the storm"


def test_every_route_has_sane_limits() -> None:
    for route in all_routes():
        if route.limit is not None:
            assert route.limit[0] >= 1
            assert route.limit[1] > 0
        if route.path.startswith("/interactions/"):
            assert route.unglobal
