"""The whole bot, running against a stand-in Discord over sockets; started, stopped and restarted by the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import discord
import pytest

from bot.app import App
from bot.clock import Clock, utc_now
from bot.config import Settings
from cogs import client as client_module
from cogs.client import serve
from sandbox.driver import Stage
from sandbox.interactions import ANSWER_SECONDS, core
from sandbox.server import Options, Server

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "discord" / "openapi.json"


class Rostrum:
    """The bot's process as an object: `start`, `stop`, `crash`; data stays in its database."""

    def __init__(self, url: str, database_url: str) -> None:
        self.url = url
        self.database_url = database_url
        self.app: App
        self.token = "stand-in-token"
        self.environ: dict[str, str] = {}
        """Settings of the test's own."""
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, clock: Clock = utc_now) -> App:
        """Begin; does not wait until it is online."""
        environ = {
            "ROSTRUM_DISCORD_URL": self.url,
            "ROSTRUM_STAND_IN_TOKEN": self.token,
            "ROSTRUM_DATABASE_URL": self.database_url,
            **self.environ,
        }
        self._stop = asyncio.Event()
        self.app = await App.open(Settings.load(environ), clock)
        self._task = asyncio.create_task(serve(self.app, self._stop))
        return self.app

    async def stop(self) -> None:
        """End as on SIGTERM; raises what ended it before."""
        if self._task is None:
            return
        self._stop.set()
        task, self._task = self._task, None
        try:
            async with asyncio.timeout(60):
                await task
        finally:
            await self.app.close()

    async def ended(self) -> BaseException | None:
        """Wait until it ends by itself, and return why."""
        assert self._task
        task, self._task = self._task, None
        async with asyncio.timeout(60):
            await asyncio.wait({task})
        await self.app.close()
        return task.exception()


@pytest.fixture
def options() -> Options:
    spec = DESCRIPTION if DESCRIPTION.is_file() else None
    return Options(port=0, spec=spec, identify_seconds=0.0)


@pytest.fixture
async def server(options: Options, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A stand-in without limits of calls per second (`server.limits.enforce = True` sets them).

    It waits longer than Discord for a first answer, since a machine that is busy with something else may be that slow;
    tests of what is too late set `core.ANSWER_SECONDS` back to ANSWER_SECONDS.
    At the end nothing that the bot sent was against Discord's description or unknown.
    """
    monkeypatch.setattr(core, "ANSWER_SECONDS", 4 * ANSWER_SECONDS)
    async with Server(options) as running:
        running.limits.enforce = False
        yield running
    assert running.unknown_routes == []
    assert running.spec is None or [str(violation) for violation in running.spec.violations] == []


@pytest.fixture
async def stage(server: Server) -> AsyncIterator[Stage]:
    async with Stage(server) as opened:
        yield opened


@pytest.fixture
async def rostrum(server: Server, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rostrum]:
    """The bot, not yet started; short waits, so that bad days take tests no longer than they must."""
    for owner, name in (
        (discord.http.Route, "BASE"),
        (discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY"),
        (discord.asset.Asset, "BASE"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.05)
    running = Rostrum(server.url, sqlite_url)
    yield running
    with suppress(Exception):
        await running.stop()
