"""What tests of the stand-in share: a server, a tiny REST client, and the unmodified discord.py client.

`server` checks bodies against Discord's API description where that is at hand; a test fails when the stand-in accepted
what the description refuses, or lacked a route that was asked for. A test that means to do either says so by
`server.spec.violations.clear()` or `server.unknown_routes.clear()` at its end.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
import yarl

from sandbox.driver import Stage
from sandbox.server import Options, Server
from sandbox.spec import Description
from tests.support.stand_in import Http, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "discord" / "openapi.json"
TOKEN = "stand-in-token"


@pytest.fixture(scope="session")
def description() -> Description | None:
    """Discord's API description where it is at hand, read once for all servers of the run."""
    return Description(DESCRIPTION) if DESCRIPTION.is_file() else None


@pytest.fixture
def options(description: Description | None) -> Options:
    """How the server runs; override it in a test module to change that."""
    return Options(port=0, bot_token=TOKEN, spec=description, identify_seconds=0.0)


@pytest.fixture
async def server(options: Options) -> AsyncIterator[Server]:
    """A stand-in on a free port, seeded; its limits of calls per second are off (`server.limits.enforce = True`)."""
    async with Server(options) as running:
        running.limits.enforce = False
        if running.spec is not None:
            running.spec.check_replies = True
        yield running
    assert list(running.unknown_routes) == []
    assert running.gateway.unknown_events == set()
    assert running.spec is None or [str(violation) for violation in running.spec.violations] == []


@pytest.fixture
def place(server: Server) -> Place:
    """The seeded world by name."""
    return Place(server.world)


@pytest.fixture
async def http(server: Server) -> AsyncIterator[Http]:
    """A REST client with the bot's token."""
    async with aiohttp.ClientSession() as session:
        yield Http(session, server.url, TOKEN)


@pytest.fixture
def endpoint(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point discord.py at the stand-in."""
    monkeypatch.setattr(discord.http.Route, "BASE", f"{server.url}/api/v10")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    monkeypatch.setattr(discord.asset.Asset, "BASE", f"{server.url}/cdn")


@pytest.fixture
async def start(endpoint: None) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """`await start(client)` logs a discord.py client in and waits until it is ready; it is closed after the test.

    Give clients `guild_ready_timeout=0.1`. `token=` takes another application's token.
    """
    del endpoint
    clients: list[tuple[discord.Client, asyncio.Task[None]]] = []

    async def begin(client: discord.Client, *, token: str = TOKEN, timeout: float = 60) -> discord.Client:
        task = asyncio.create_task(client.start(token))
        clients.append((client, task))
        ready = asyncio.create_task(_ready(client))
        await asyncio.wait({task, ready}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            ready.cancel()
            await task
        assert ready.done(), "the client did not become ready"
        return client

    yield begin
    for client, task in clients:
        await client.close()
        await asyncio.wait({task}, timeout=30)
        if task.done() and not task.cancelled():
            task.exception()  # told to whom it concerned when it happened
        task.cancel()


async def _ready(client: discord.Client) -> None:
    while client._ready is discord.utils.MISSING:  # set by login, before which nobody can wait for it
        await asyncio.sleep(0.005)
    await client.wait_until_ready()


@pytest.fixture
def intents() -> discord.Intents:
    """The intents of `bot`; parametrise to change them."""
    return discord.Intents.default()


@pytest.fixture
async def bot(start: Callable[..., Awaitable[Any]], intents: discord.Intents) -> discord.Client:
    """A discord.py client that is ready; no privileged intents."""
    return await start(discord.Client(intents=intents, guild_ready_timeout=0.1))


@pytest.fixture(params=["in process", "over http"])
async def stage(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Stage]:
    """People on the stage, by both of the driver's ways to reach it."""
    if request.param == "in process":
        reached = Stage(server)
    else:
        reached = await Stage.connect(server.url, server.gatekeeper.capability)
    async with reached:
        yield reached
