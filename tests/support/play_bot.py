"""A discord.py client for tests: the command tree is synced before it is ready, and what it hears can be waited for."""

from __future__ import annotations

import asyncio
import sys
import traceback
from typing import Any

import discord
from discord import app_commands


class PlayBot(discord.Client):
    """Unmodified discord.py with a command tree; errors of handlers are kept instead of only being logged."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(intents=intents or discord.Intents.default(), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.tree.error(self._keep)
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.errors: list[BaseException] = []

    async def setup_hook(self) -> None:
        await self.tree.sync()

    def hear(self, what: Any) -> None:
        """Put something where the test waits for it."""
        self.heard.put_nowait(what)

    async def next(self, timeout: float = 30.0) -> Any:
        """Return the next thing that was put there."""
        async with asyncio.timeout(timeout):
            return await self.heard.get()

    async def _keep(self, _: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self._note(error)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        del event_method, args, kwargs
        error = sys.exc_info()[1]
        if error is not None:
            self._note(error)

    def _note(self, error: BaseException) -> None:
        traceback.print_exception(error)
        self.errors.append(error)
        self.hear(error)
