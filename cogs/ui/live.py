"""Messages that grow while people read them: one edit a while for each, in fair turns with all others.

What is shown is rendered only when a message is its turn, so that a state which is overtaken costs nothing. The last
one always lands, unless the message is gone. A text may grow over several messages: those that change are edited, new
ones are sent, and those that are no longer needed are removed.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeAlias
from weakref import WeakValueDictionary

import discord
import structlog
from discord import ui

from bot.refs import reference_of
from cogs.ui.errors import ARCHIVED, LOCKED
from cogs.ui.stream import Pace

EVERY = 1.2
"""Seconds between two edits in one lane."""
LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.5
_REST = 10.0
_TRIES = 8
_TOO_MANY = 429
_CLOSE_SECONDS = 2

Render: TypeAlias = Callable[[], Sequence[ui.LayoutView]]

log = structlog.stdlib.get_logger(__name__)


class OutOfTimeError(Exception):
    """Discord takes no more edits of this message, though it is still there: it is private, and its time is over."""


class Outlet(Protocol):
    """The messages that a text grows over. Pages are put in order; a lane has what shares one of Discord's buckets."""

    def lane(self, page: int) -> Hashable:
        """Return what the page's edits share a bucket with."""
        ...

    async def put(self, page: int, view: ui.LayoutView) -> None:
        """Send the page, or edit it when it is there.

        Raises:
            OutOfTimeError: it cannot be edited any more.
        """
        ...

    async def drop(self, page: int) -> None:
        """Remove the last page."""
        ...


class _Lane:
    """One after the other, with time in between."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.next = 0.0


class Live:
    """All messages that grow at present."""

    def __init__(self, pace: Pace, every: float = EVERY) -> None:
        self.pace = pace
        self.every = every
        self._lanes: WeakValueDictionary[Hashable, _Lane] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, outlet: Outlet, shown: Sequence[ui.LayoutView] = ()) -> "Growing":
        """Take over messages that show `shown`; without it there are none yet."""
        growing = Growing(self, outlet, shown)
        task = asyncio.create_task(growing.run(), name="grow-message")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        growing.task = task
        return growing

    def lane(self, key: Hashable) -> _Lane:
        """Return the lane; it is forgotten once nobody holds it."""
        return self._lanes.setdefault(key, _Lane())

    async def close(self) -> None:
        """Let last states land that do so soon, and let go of the rest."""
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks), timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class Growing:
    """One text on its way into its messages. `over` is set when nobody can see it any more, `late` when time is up."""

    task: asyncio.Task[None]

    def __init__(self, live: Live, outlet: Outlet, shown: Sequence[ui.LayoutView]) -> None:
        self.over = asyncio.Event()
        self.late = False
        self._live = live
        self._outlet = outlet
        self._pages: Sequence[ui.LayoutView] = ()
        self._drawn: list[list[dict[str, Any]]] = []
        self._shown: list[list[dict[str, Any]]] = [view.to_components() for view in shown]
        self._render: Render = lambda: shown
        self._wake = asyncio.Event()
        self._is_last = False
        # held, so that they are not forgotten between two edits
        self._lanes: dict[Hashable, _Lane] = {}

    def show(self, render: Render) -> None:
        """Show this soon, in place of what has been asked for before."""
        self._render = render
        self._wake.set()

    async def finish(self, render: Render) -> bool:
        """Show this last; returns once it is there, with whether it is."""
        self._render, self._is_last = render, True
        self._wake.set()
        await asyncio.wait({self.task})
        return not self.over.is_set() and not self.late

    async def run(self) -> None:
        """Edit until the last state is shown."""
        failures = page = 0
        while not self.over.is_set() and not self.late:
            await self._wake.wait()
            self._wake.clear()
            if self._is_last and self._landed():
                return
            lane = self._lane(page)
            async with lane.turn:
                await self._wait_for(lane)
                pages = self._render()
                differ = self._differ(pages)
                if not differ:
                    if self._is_last:
                        return
                    continue
                if page not in differ:
                    page = self._soonest(differ)
                    if self._lane(page) is not lane:
                        self._wake.set()
                        continue
                worked = await self._try(page, pages, failures)
                lane.next = asyncio.get_running_loop().time() + self._live.every
            failures = 0 if worked else failures + 1
            if failures >= _TRIES:
                self.over.set()
            elif failures:
                await asyncio.sleep(min(_FIRST_PAUSE * 2**failures, LONGEST_PAUSE))
            others = self._differ(pages)
            page = self._soonest(others) if others else max(len(self._shown) - 1, 0)
            if others or self._is_last:
                self._wake.set()

    def _landed(self) -> bool:
        """Say whether all is shown. This one then waits no more, but whoever comes next in its lanes does."""
        if self._differ(self._render()):
            return False
        for lane in self._lanes.values():
            asyncio.get_running_loop().call_later(self._live.every, _hold, lane)
        return True

    async def _wait_for(self, lane: _Lane) -> None:
        loop = asyncio.get_running_loop()
        if (wait := lane.next - loop.time()) > 0:
            await asyncio.sleep(wait)
        await self._live.pace.turn()

    def _differ(self, pages: Sequence[ui.LayoutView]) -> list[int]:
        """Return the pages that are not as they should be: of new ones the first, of surplus ones the last."""
        there = len(self._shown)
        drawn = self._components(pages)
        differ = [page for page in range(min(there, len(pages))) if drawn[page] != self._shown[page]]
        if len(pages) > there:
            differ.append(there)
        elif len(pages) < there:
            differ.append(there - 1)
        return differ

    def _components(self, pages: Sequence[ui.LayoutView]) -> list[list[dict[str, Any]]]:
        """Return what pages are made of; of the same ones as before it is known."""
        if pages is not self._pages:
            self._pages, self._drawn = pages, [view.to_components() for view in pages]
        return self._drawn

    def _soonest(self, pages: Sequence[int]) -> int:
        return min(pages, key=lambda page: (self._lane(page).next, page))

    def _lane(self, page: int) -> _Lane:
        key = self._outlet.lane(page)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = self._live.lane(key)
        return lane

    async def _try(self, page: int, pages: Sequence[ui.LayoutView], failures: int) -> bool:
        """Change a page; return whether there is no need to try again."""
        try:
            if page >= len(pages):
                await self._outlet.drop(page)
                self._shown.pop()
                return True
            view = pages[page]
            await self._outlet.put(page, view)
            self._shown[page : page + 1] = [self._components(pages)[page]]
        except OutOfTimeError:
            self.late = True
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("a growing message is gone", code=error.code)
            self.over.set()
        except discord.RateLimited as error:
            self._live.pace.rest(min(error.retry_after, LONGEST_PAUSE))
            return False
        except Exception as error:
            # a message that lags must not stop what it shows
            if isinstance(error, discord.HTTPException):
                if error.code in (ARCHIVED, LOCKED):
                    self.over.set()
                    return True
                if error.status == _TOO_MANY:
                    self._live.pace.rest(_REST)
            log.warning(
                "a growing message lags", tries=failures + 1, reference=reference_of(error), exc_info=error, page=page
            )
            return False
        return True


def _hold(_lane: _Lane) -> None:
    """Keep a lane from being forgotten until this is called."""
