"""Text on its way from who reads it to who shows it: what is there already goes on as one piece."""

import asyncio

MOST_WAITING = 64 * 1024
"""Characters that wait for who shows them; then reading waits too."""


class Flow:
    """One side says, the other takes; each runs in a task of its own."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._is_over = False
        self._taker: asyncio.Future[None] | None = None
        self._sayer: asyncio.Future[None] | None = None

    def say(self, text: str) -> None:
        """Add text."""
        self._parts.append(text)
        self._size += len(text)
        self._taker = _wake(self._taker)

    def end(self) -> None:
        """Say that nothing follows."""
        self._is_over = True
        self._taker = _wake(self._taker)

    @property
    def is_full(self) -> bool:
        """Whether saying should wait for `room`."""
        return self._size > MOST_WAITING

    async def room(self) -> None:
        """Wait until what was said has been taken."""
        if self._size:
            self._sayer = asyncio.get_running_loop().create_future()
            await self._sayer

    async def take(self) -> str:
        """Return all that was said, waiting for some; nothing when it is over."""
        if not self._parts and not self._is_over:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        self._sayer = _wake(self._sayer)
        return text


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter and not waiter.done():
        waiter.set_result(None)
