"""Text on its way from who reads it to who shows it: what came in a while goes on as one piece."""

import asyncio

MOST_WAITING = 64 * 1024
"""Characters that wait for who shows them; then reading waits too."""
REST = 0.25
"""Seconds between two pieces: a message is edited more seldom yet, and each piece costs all who pass it on. Neither the
first nor the last waits."""


class Flow:
    """One side says, the other takes; each runs in a task of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parts: list[str] = []
        self._size = 0
        self._is_over = False
        self._rests_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._taker: asyncio.Future[None] | None = None
        self._sayer: asyncio.Future[None] | None = None

    def say(self, text: str) -> None:
        """Add text."""
        self._parts.append(text)
        self._size += len(text)
        if self._taker and self._timer is None:
            self._wake_soon()
        elif self.is_full:
            self._wake_taker()

    def end(self) -> None:
        """Say that nothing follows."""
        self._is_over = True
        self._wake_taker()

    @property
    def is_full(self) -> bool:
        """Whether saying should wait for `room`."""
        return self._size > MOST_WAITING

    async def room(self) -> None:
        """Wait until what was said has been taken."""
        if self._size:
            self._sayer = self._loop.create_future()
            await self._sayer

    async def take(self) -> str:
        """Return all that was said, waiting for some; nothing when it is over."""
        is_early = self._loop.time() < self._rests_until and not self.is_full
        if not self._is_over and (is_early or not self._parts):
            self._taker = self._loop.create_future()
            if self._parts:
                self._wake_soon()
            try:
                await self._taker
            finally:
                self._taker = None
                if self._timer:
                    self._timer.cancel()
                    self._timer = None
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        self._rests_until = self._loop.time() + REST
        self._sayer = _wake(self._sayer)
        return text

    def _wake_soon(self) -> None:
        """Wake whoever takes, once they have rested."""
        if self.is_full or self._loop.time() >= self._rests_until:
            self._wake_taker()
        else:
            self._timer = self._loop.call_at(self._rests_until, self._wake_taker)

    def _wake_taker(self) -> None:
        self._taker = _wake(self._taker)


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter and not waiter.done():
        waiter.set_result(None)
