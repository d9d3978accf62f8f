"""A line: so many at once, first come, first served, and everybody hears how many are before them."""

import asyncio
from collections import OrderedDict


class LineFullError(Exception):
    """Too many wait already."""


class Ticket:
    """A place in a line, or beyond it: `is_served` once it is one's turn. Must `leave` in the end."""

    def __init__(self, line: "Line") -> None:
        self._line = line
        self._moved = asyncio.Event()
        self.is_served = False
        self.ahead = 0
        """How many wait before this one."""

    async def moved(self) -> None:
        """Wait until the line has moved."""
        await self._moved.wait()
        self._moved.clear()

    def leave(self) -> None:
        """Give the place up, so that the next one moves on; a second time it does nothing."""
        self._line.drop(self)

    def move(self, ahead: int, *, is_served: bool) -> None:
        """Take note of how many are before it now."""
        if (ahead, is_served) != (self.ahead, self.is_served):
            self.ahead, self.is_served = ahead, is_served
            self._moved.set()


class Line:
    """Everybody who is served or waits."""

    def __init__(self, places: int, longest: int) -> None:
        self._places = places
        self._longest = longest
        # an ordered set: whoever gives up in the middle is found at once
        self._waiting: OrderedDict[Ticket, None] = OrderedDict()
        self._served: set[Ticket] = set()

    @property
    def served(self) -> int:
        """How many are served at this moment."""
        return len(self._served)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self) -> Ticket:
        """Take the last place.

        Raises:
            LineFullError: too many wait already.
        """
        ticket = Ticket(self)
        if not self._waiting and len(self._served) < self._places:
            self._served.add(ticket)
            ticket.move(0, is_served=True)
            return ticket
        if len(self._waiting) >= self._longest:
            raise LineFullError
        ticket.ahead = len(self._waiting)
        self._waiting[ticket] = None
        return ticket

    def drop(self, ticket: Ticket) -> None:
        """Let somebody go, served or not."""
        if ticket in self._served:
            self._served.remove(ticket)
        elif ticket in self._waiting:
            del self._waiting[ticket]
        else:
            return
        while self._waiting and len(self._served) < self._places:
            first, _ = self._waiting.popitem(last=False)
            self._served.add(first)
            first.move(0, is_served=True)
        for ahead, other in enumerate(self._waiting):
            other.move(ahead, is_served=False)
