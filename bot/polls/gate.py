"""A gate for each poll: votes pass freely, and whoever changes what a ballot means lets none pass meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Gate:
    """Who is inside, poll by poll. Entering and leaving do not wait; `hold` waits until nobody is inside."""

    def __init__(self) -> None:
        self._inside: dict[int, int] = {}
        self._held: dict[int, asyncio.Event] = {}
        self._left: dict[int, asyncio.Event] = {}

    def is_held(self, poll_id: int) -> bool:
        """Tell whether nobody may enter now."""
        return poll_id in self._held

    async def opened(self, poll_id: int) -> None:
        """Wait until nobody holds the gate."""
        while held := self._held.get(poll_id):
            await held.wait()

    def enter(self, poll_id: int) -> None:
        """Go inside; the caller has seen that the gate is not held, and leaves for certain."""
        self._inside[poll_id] = self._inside.get(poll_id, 0) + 1

    def leave(self, poll_id: int) -> None:
        """Go outside."""
        inside = self._inside[poll_id] - 1
        if inside:
            self._inside[poll_id] = inside
            return
        del self._inside[poll_id]
        if left := self._left.get(poll_id):
            left.set()

    @asynccontextmanager
    async def hold(self, poll_id: int) -> AsyncGenerator[None]:
        """Let nobody enter until the block ends; it begins when all are outside."""
        await self.opened(poll_id)
        held = self._held[poll_id] = asyncio.Event()
        try:
            if poll_id in self._inside:
                left = self._left[poll_id] = asyncio.Event()
                await left.wait()
            yield
        finally:
            self._left.pop(poll_id, None)
            del self._held[poll_id]
            held.set()
