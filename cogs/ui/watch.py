"""The acknowledgement watchdog: what has not answered in time is deferred for it, since Discord waits three seconds.

`watched` goes around every handler of a command, control or form. What answers holds `Watch.turn` meanwhile, so that
the watchdog and the answer do not both reach for the interaction's single first answer.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import aiohttp
import discord
from discord import ui

# the connection to Discord broke, or never came about
UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)

DEFER_AFTER = 1.5
"""Seconds; Discord gives up after 3."""
_KEY = "rostrum_watch"


class Sender(Protocol):
    """What sends the one answer, an error too, when it is more than a call to Discord."""

    async def send(self, view: ui.LayoutView, /) -> None:
        """Send it."""
        ...


class Watch:
    """One interaction's first answer. A deferral is private unless `Reply` says otherwise before it is due."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.turn = asyncio.Lock()
        self.private = True
        self.replaces = False
        self.sender: Sender | None = None
        self.has_deferred = False
        """Whether Discord may know of a deferral, though its answer may not have reached us."""
        self._interaction = interaction
        self._timer: asyncio.TimerHandle | None = None
        self._deferring: asyncio.Task[None] | None = None

    def start(self, seconds: float) -> None:
        """Defer after `seconds`, unless something has been answered by then."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self._late)

    async def end(self) -> None:
        """Defer no more; waits for a deferral that is under way."""
        if self._timer:
            self._timer.cancel()
        if self._deferring:
            await self._deferring

    def _late(self) -> None:
        self._deferring = asyncio.create_task(self._defer(), name="defer")

    async def _defer(self) -> None:
        async with self.turn:
            if self._interaction.response.is_done():
                return
            self.has_deferred = True
            # a failure shows when the answer is sent
            with suppress(discord.HTTPException, discord.InteractionResponded, *UNREACHABLE):
                await self._interaction.response.defer(ephemeral=self.private, thinking=not self.replaces)


def watch_of(interaction: discord.Interaction[Any]) -> Watch:
    """Return the watch over an interaction; one that never defers where nobody has started any."""
    watch: Watch | None = interaction.extras.get(_KEY)
    if watch is None:
        watch = interaction.extras[_KEY] = Watch(interaction)
    return watch


@asynccontextmanager
async def watched(interaction: discord.Interaction[Any]) -> AsyncGenerator[None]:
    """Defer what the block has not answered in time. Choices for a half-typed option are exempt: they cannot be."""
    if interaction.type is discord.InteractionType.autocomplete:
        yield
        return
    watch = watch_of(interaction)
    watch.start(DEFER_AFTER)
    try:
        yield
    finally:
        await watch.end()
