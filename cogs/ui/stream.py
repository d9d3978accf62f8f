"""Edits that would come too fast for Discord's limits, joined: one a while for each message, and the last wins."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.refs import new_reference

EVERY = 1.5
"""Seconds between two edits of one message: Discord allows five edits in five seconds in a channel."""
_CLOSE_SECONDS = 2

log = structlog.stdlib.get_logger(__name__)


class Refresher:
    """Calls `refresh(key)` at the first `touch(key)`, then once a while for all touches in between."""

    def __init__(self, refresh: Callable[[int], Awaitable[None]], every: float = EVERY) -> None:
        self._refresh = refresh
        self._every = every
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._touched: set[int] = set()
        self._closing = asyncio.Event()

    def touch(self, key: int) -> None:
        """Ask for a refresh."""
        self._touched.add(key)
        if key not in self._tasks:
            self._turns[key] = asyncio.Lock()
            self._tasks[key] = asyncio.create_task(self._run(key), name=f"refresh-{key}")

    async def settle(self, key: int) -> None:
        """Drop what is asked for and wait for what is under way, so that nothing overwrites what comes next."""
        self._touched.discard(key)
        if turn := self._turns.get(key):
            async with turn:
                pass

    async def close(self) -> None:
        """Do at once what was asked for."""
        self._closing.set()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=_CLOSE_SECONDS)

    async def _run(self, key: int) -> None:
        try:
            while key in self._touched:
                async with self._turns[key]:
                    self._touched.discard(key)
                    await self._try(key)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), self._every)
        finally:
            del self._tasks[key], self._turns[key]

    async def _try(self, key: int) -> None:
        try:
            await self._refresh(key)
        except Exception:  # the next touch tries again; a card that lags must not stop a vote
            log.exception("refresh failed", key=key, reference=new_reference())
