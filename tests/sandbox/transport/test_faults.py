"""Bad days on request, scoped, bounded, listed and cleared, from Python and over HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
import yarl

from sandbox.faults import Faults
from sandbox.server import Options, Server
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.stand_in import Http


def path(place: Place, name: str = "general") -> str:
    return f"/channels/{place.channel(name).id}/messages"


async def test_slow_rest(http: Http, server: Server, place: Place) -> None:
    server.faults.slow_rest(1.0, route="GET /channels/*/messages", times=1)
    started = time.perf_counter()
    assert (await http.get(path(place))).status == 200
    assert time.perf_counter() - started >= 1.0
    started = time.perf_counter()
    assert (await http.get(path(place))).status == 200
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize("status", [400, 403, 500, 502, 503])
async def test_failing_rest_performs_nothing(http: Http, server: Server, place: Place, status: int) -> None:
    count = len(server.world.messages[place.channel("general").id])
    server.faults.fail_rest(status, route="POST /channels/*/messages", times=2)
    for expected in (status, status, 200):
        answer = await http.post(path(place), json={"content": "hi"})
        assert answer.status == expected
    assert len(server.world.messages[place.channel("general").id]) == count + 1


async def test_routes_are_patterns(http: Http, server: Server, place: Place) -> None:
    server.faults.fail_rest(500, route=path(place))
    assert (await http.get(path(place))).status == 500
    assert (await http.post(path(place), json={"content": "x"})).status == 500
    assert (await http.get(path(place, "polls"))).status == 200
    assert server.faults.clear() == 1
    assert (await http.get(path(place))).status == 200
    server.faults.fail_rest(500)
    assert (await http.get("/users/@me")).status == 500


async def test_storm_of_429s(http: Http, server: Server) -> None:
    server.faults.rate_limit_storm(times=2, retry_after=1.5)
    for _ in range(2):
        answer = await http.get("/users/@me")
        assert answer.status == 429
        assert answer.json == {"message": "You are being rate limited.", "retry_after": 1.5, "global": False}
        assert answer.headers["X-RateLimit-Scope"] == "shared"
        assert answer.headers["Retry-After"] == "2"
        assert answer.headers["Via"]
    assert (await http.get("/users/@me")).status == 200
    server.faults.rate_limit_storm(times=1, scope="global")
    assert (await http.get("/users/@me")).json["global"] is True


async def test_a_lost_acknowledgement_was_performed(http: Http, server: Server, place: Place) -> None:
    general = place.channel("general")
    server.faults.lose_ack(route="POST /channels/*/messages")
    with pytest.raises(aiohttp.ClientError):
        await http.post(path(place), json={"content": "said and unheard"})
    assert server.world.messages[general.id][general.last_message_id or 0].content == "said and unheard"
    assert (await http.post(path(place), json={"content": "heard"})).status == 200


async def test_a_lost_acknowledgement_of_a_refusal(http: Http, server: Server, place: Place) -> None:
    server.faults.lose_ack(route="POST /channels/*/messages")
    with pytest.raises(aiohttp.ClientError):
        await http.post(path(place), json={"content": ""})
    assert server.faults.active() == []


async def test_refused_connections(http: Http, server: Server) -> None:
    server.faults.refuse_connections()
    assert (await http.get("/users/@me")).status == 200
    server.faults.clear()
    server.faults.refuse_connections(rest=True, times=2)
    assert (await http.get("/users/@me")).status == 503
    async with http.session.get(server.gateway_url.replace("ws", "http")) as response:
        assert response.status == 503
    assert (await http.get("/users/@me")).status == 200


def test_faults_lapse(server: Server) -> None:
    now = [100.0]
    faults = Faults(server, clock=lambda: now[0])
    first = faults.slow_rest(1, seconds=5)
    second = faults.fail_rest(500, seconds=10)
    assert [fault.id for fault in faults.active()] == [first.id, second.id]
    now[0] += 5
    assert [fault.id for fault in faults.active()] == [second.id]
    assert faults.strike("slow_rest") is None
    assert faults.clear(second.id) == 1
    assert faults.clear(second.id) == 0


async def test_control_over_http(http: Http, server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.gatekeeper.capability}"}
    control = f"{server.url}/people/control"
    async with http.session.get(control, headers=headers) as response:
        listed = await response.json()
    assert set(listed["names"]) == {
        "drop_socket",
        "reconnect",
        "invalidate_session",
        "slow_rest",
        "fail_rest",
        "rate_limit_storm",
        "lose_ack",
        "drop_heartbeat_acks",
        "refuse_connections",
        "clear",
    }
    assert listed["active"] == []
    body = {"status": 502, "route": "/users/@me", "times": 3}
    async with http.session.post(f"{control}/fail_rest", json=body, headers=headers) as response:
        assert response.status == 200
        fault = await response.json()
    assert (fault["name"], fault["times"], fault["options"]) == ("fail_rest", 3, {"status": 502})
    assert (await http.get("/users/@me")).status == 502
    async with http.session.get(control, headers=headers) as response:
        assert [(one["id"], one["times"]) for one in (await response.json())["active"]] == [(fault["id"], 2)]
    async with http.session.post(f"{control}/clear", headers=headers) as response:
        assert await response.json() == {"count": 1}
    async with http.session.post(f"{control}/drop_socket", headers=headers) as response:
        assert await response.json() == {"count": 0}


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nothing", {}, 404),
        ("__init__", {}, 404),
        ("fail_rest", {"wrong": 1}, 400),
        ("slow_rest", {}, 400),
        ("fail_rest", [], 400),
        ("fail_rest", {"status": "500"}, 400),
        ("slow_rest", {"delay": -1}, 400),
        ("slow_rest", {"delay": 0, "times": 0}, 400),
        ("rate_limit_storm", {"scope": "galaxy"}, 400),
    ],
)
async def test_wrong_control(http: Http, server: Server, name: str, body: Any, status: int) -> None:
    headers = {"Authorization": f"Bearer {server.gatekeeper.capability}"}
    async with http.session.post(f"{server.url}/people/control/{name}", json=body, headers=headers) as response:
        assert response.status == status
    assert server.faults.active() == []


class Recorder(discord.Client):
    """A client that notes what happens to its connection; it does not wait five seconds before it identifies anew."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.1)
        self.seen: list[str] = []
        self.changed = asyncio.Event()

    def note(self, name: str) -> None:
        self.seen.append(name)
        self.changed.set()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        del shard_id, initial

    async def on_ready(self) -> None:
        self.note("ready")

    async def on_resumed(self) -> None:
        self.note("resumed")

    async def on_message(self, message: discord.Message) -> None:
        self.note(f"message {message.id}")

    async def until(self, name: str) -> None:
        async with asyncio.timeout(60):
            while name not in self.seen:
                self.changed.clear()
                await self.changed.wait()


async def test_the_client_resumes_after_a_dropped_socket(
    start: Callable[..., Awaitable[Any]], server: Server, place: Place, http: Http
) -> None:
    bot = await start(Recorder())
    await bot.until("ready")
    server.faults.refuse_connections()
    assert server.faults.drop_socket() == 1
    async with asyncio.timeout(30):
        while server.gateway.online(place.app.user_id):
            await asyncio.sleep(0.005)
    sent = await http.post(path(place), json={"content": "while you were away"})
    server.faults.clear()
    await bot.until("resumed")
    await bot.until(f"message {sent.json['id']}")
    assert bot.seen.count("ready") == 1


async def test_the_client_resumes_when_asked_to_reconnect(start: Callable[..., Awaitable[Any]], server: Server) -> None:
    bot = await start(Recorder())
    await bot.until("ready")
    server.faults.reconnect()
    await bot.until("resumed")


async def test_the_client_identifies_anew_after_an_invalid_session(
    start: Callable[..., Awaitable[Any]], server: Server
) -> None:
    bot = await start(Recorder())
    await bot.until("ready")
    bot.seen.clear()
    before = set(server.gateway.sessions)
    server.faults.invalidate_session()
    await bot.until("ready")
    assert "resumed" not in bot.seen
    assert not before & set(server.gateway.sessions)


async def test_the_client_resumes_an_invalid_session_that_may_be(
    start: Callable[..., Awaitable[Any]], server: Server
) -> None:
    bot = await start(Recorder())
    await bot.until("ready")
    server.faults.invalidate_session(resumable=True)
    await bot.until("resumed")


async def test_the_client_survives_a_server_that_refuses_for_a_while(
    start: Callable[..., Awaitable[Any]], server: Server
) -> None:
    bot = await start(Recorder())
    await bot.until("ready")
    server.faults.refuse_connections(times=1)
    server.faults.drop_socket()
    await bot.until("resumed")


async def test_the_client_survives_a_restart_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(port=0, state=tmp_path / "stage.db", identify_seconds=0.0)
    bot = Recorder()
    async with Server(options) as first:
        monkeypatch.setattr(discord.http.Route, "BASE", f"{first.url}/api/v10")
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(first.gateway_url))
        running = asyncio.create_task(bot.start(options.bot_token))
        await bot.until("ready")
        options = dataclasses.replace(options, port=first.port)
    bot.seen.clear()
    async with Server(options) as second:
        await bot.until("ready")
        assert second.gateway.online(Place(second.world).app.user_id)
        assert "resumed" not in bot.seen
        await bot.close()
        await running
