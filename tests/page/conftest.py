"""The page in a real Chromium against the real stand-in: one browser for all, a stand-in for each test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
import pytest_asyncio
import yarl
from playwright.async_api import async_playwright, expect

from sandbox.interactions import ANSWER_SECONDS, core
from sandbox.server import Options, Server
from tests.page.acting import SOON, Seat, until
from tests.page.showcase import Showcase
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser, ConsoleMessage

    OpenSeat = Callable[..., Awaitable[Seat]]

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT.parent / "shared" / "discord" / "openapi.json"
TOKEN = "stand-in-token"
ARGUMENTS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

REFUSALS = (
    "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run this folder's tests on one event loop, which the browser lives on."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        expect.set_options(timeout=SOON)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A stand-in on a free port, seeded, that checks bodies where the API description is at hand.

    It waits longer than Discord for a first answer, as that of tests.support.running does, yet less than the page.
    """
    monkeypatch.setattr(core, "ANSWER_SECONDS", 2 * ANSWER_SECONDS)
    spec = DESCRIPTION if DESCRIPTION.is_file() else None
    async with Server(Options(port=0, bot_token=TOKEN, spec=spec, identify_seconds=0.0)) as running:
        yield running
    assert running.unknown_routes == []
    assert running.spec is None or [str(violation) for violation in running.spec.violations] == []


@pytest.fixture
def place(server: Server) -> Place:
    """The seeded world by name."""
    return Place(server.world)


@pytest_asyncio.fixture(loop_scope="session")
async def seat(browser: Browser, server: Server, place: Place) -> AsyncIterator[OpenSeat]:
    """`await seat("Ben", channel="polls")` opens a tab as somebody; keywords go to the browser context.

    Tabs of one test do not share cookies unless `beside=` names a seat. A script error or a refusal by the page's
    policy fails the test.
    """
    contexts: list[Any] = []
    seats: list[Seat] = []

    async def begin(
        person: str = "Ada", *, channel: str = "general", beside: Seat | None = None, **options: Any
    ) -> Seat:
        options = {"viewport": {"width": 1280, "height": 820}, "color_scheme": "light", "locale": "en-GB"} | options
        if beside is None:
            context = await browser.new_context(**options)
            contexts.append(context)
        else:
            context = beside.page.context
        context.set_default_timeout(SOON)
        opened = Seat(await context.new_page())
        await opened.page.add_init_script(REFUSALS)
        seats.append(opened)
        opened.page.on("pageerror", lambda error: opened.problems.append(str(error)))
        opened.page.on("console", lambda message: _note(opened, message))
        await opened.page.goto(
            f"{server.url}/?as={place.user(person.lower()).id}&c={place.channel(channel).id}#{server.gatekeeper.capability}"
        )
        await opened.page.locator(".message, .forum, .intro-card").first.wait_for()
        return opened

    yield begin
    for context in contexts:
        await context.close()
    assert [problem for opened in seats for problem in opened.problems] == []


def _note(opened: Seat, message: ConsoleMessage) -> None:
    # refused requests are said in the console too, and tests of refusals make them on purpose
    if message.type == "error" and "Failed to load resource" not in message.text and "WebSocket" not in message.text:
        opened.problems.append(message.text)


@contextlib.asynccontextmanager
async def running_bot(server: Server, folder: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real bot in a process of its own, joined to the stand-in, its commands in place; its data is in `folder`.

    `settings` are variables of its environment, without their prefix.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRUM_")}
    environ |= {
        "ROSTRUM_DISCORD_URL": server.url,
        "ROSTRUM_DATA_DIR": str(folder / "data"),
        "ROSTRUM_STAND_IN_TOKEN": TOKEN,
        **{f"ROSTRUM_{name.upper()}": value for name, value in settings.items()},
    }
    bot = Place(server.world).app.user_id
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            await until(
                lambda: process.returncode is not None or (server.gateway.online(bot) and server.world.commands), 60
            )
            assert process.returncode is None, (folder / "bot.log").read_text()
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 30)
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def rostrum(server: Server, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, running."""
    async with running_bot(server, tmp_path) as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def showcase(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Showcase]:
    """A bot that uses every component, field and command type; it posts nothing by itself."""
    monkeypatch.setattr(discord.http.Route, "BASE", f"{server.url}/api/v10")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    client = Showcase()
    running = asyncio.create_task(client.start(TOKEN))
    try:
        await asyncio.wait_for(client.seated.wait(), 60)
        yield client
    finally:
        await client.close()
        with contextlib.suppress(Exception):
            await running
