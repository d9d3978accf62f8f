"""Edits that would come too fast for Discord's limits, joined: one a while for each message, and the last state wins.

`Pace` bounds them over all messages of the process; whoever waits longest is next.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import discord
import structlog

from bot.errors import UserError
from bot.refs import reference_of
from cogs.ui.errors import ARCHIVED, LOCKED

EVERY = 1.5
"""Seconds between two edits of one message: Discord allows five edits in five seconds in a channel."""
EDITS_A_SECOND = 36.0
"""Over all messages, so that no second has more than 40 though some arrive late.

Discord allows fifty calls a second in all, and the rest is for answers to people.
"""
GONE_SECONDS = 3600.0
CLOSED_SECONDS = 300.0
LONGEST_PAUSE = 60.0
_REST = 10.0
_TRIES = 8
_MOST_GONE = 10_000
_TOO_MANY = 429
_CLOSE_SECONDS = 2

log = structlog.stdlib.get_logger(__name__)


class Pace:
    """Lets through one after the other, `a_second` of them, in the order in which they came."""

    def __init__(self, a_second: float = EDITS_A_SECOND) -> None:
        self._between = 1 / a_second
        self._line = asyncio.Lock()
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        loop = asyncio.get_running_loop()
        async with self._line:
            # looked at again: a rest may have begun meanwhile
            while (wait := self._next - loop.time()) > 0:  # noqa: ASYNC110 - a rest moves the moment
                await asyncio.sleep(wait)
            self._next = loop.time() + self._between

    async def first(self) -> None:
        """Wait for a turn before all who wait in line: somebody looks at an empty message."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now)
        # who stands in line looks at it again and again
        self._next = at + self._between
        await asyncio.sleep(at - now)

    def rest(self, seconds: float) -> None:
        """Let nobody through for a while."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)


class Refresher:
    """Calls `refresh(key)` at the first `touch(key)`, then once a while for all touches in between.

    What fails is tried again, later and later; a message that is gone or closed to us is left alone for a while.
    `failed` hears of what does not succeed at all.
    """

    def __init__(
        self,
        refresh: Callable[[int], Awaitable[None]],
        every: float = EVERY,
        pace: Pace | None = None,
        failed: Callable[[int, Exception], Awaitable[None]] | None = None,
    ) -> None:
        self._refresh = refresh
        self._every = every
        self._pace = pace or Pace()
        self._failed = failed
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._touched: set[int] = set()
        self._left_alone: OrderedDict[int, float] = OrderedDict()
        self._closing = asyncio.Event()

    def touch(self, key: int) -> None:
        """Ask for a refresh."""
        if self._is_left_alone(key):
            return
        self._touched.add(key)
        if key not in self._tasks:
            self._turns[key] = asyncio.Lock()
            self._tasks[key] = asyncio.create_task(self._run(key), name=f"refresh-{key}")

    async def settle(self, key: int) -> None:
        """Drop what is asked for and wait for what is under way, so that nothing overwrites what comes next."""
        self._touched.discard(key)
        self._left_alone.pop(key, None)
        if turn := self._turns.get(key):
            async with turn:
                pass

    async def close(self) -> None:
        """Do at once what was asked for, as far as that is done soon."""
        self._closing.set()
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks.values()), timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, key: int) -> None:
        failures = 0
        try:
            while key in self._touched:
                await self._pace.turn()
                async with self._turns[key]:
                    if key not in self._touched:
                        break
                    self._touched.discard(key)
                    failures = 0 if await self._try(key, failures) else failures + 1
                if failures:
                    if failures >= _TRIES or self._closing.is_set():
                        break
                    self._touched.add(key)
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(self._every * 2**failures, LONGEST_PAUSE)):
                        await self._closing.wait()
        finally:
            del self._tasks[key], self._turns[key]

    async def _try(self, key: int, failures: int) -> bool:
        """Refresh; return whether there is nothing left to do."""
        try:
            await self._refresh(key)
        except UserError as error:
            # what the card shows is not there any more
            self._leave_alone(key, GONE_SECONDS, type(error).__name__)
        except discord.NotFound as error:
            self._leave_alone(key, GONE_SECONDS, error.code)
        except discord.Forbidden as error:
            self._leave_alone(key, CLOSED_SECONDS, error.code)
        except discord.RateLimited as error:
            self._pace.rest(min(error.retry_after, LONGEST_PAUSE))
            return False
        except Exception as error:  # noqa: BLE001 - a card that lags must not stop what it shows
            if isinstance(error, discord.HTTPException):
                if error.code in (ARCHIVED, LOCKED):
                    self._leave_alone(key, CLOSED_SECONDS, error.code)
                    return True
                if error.status == _TOO_MANY:
                    self._pace.rest(_REST)
            await self._note(key, error, failures)
            return False
        return True

    async def _note(self, key: int, error: Exception, failures: int) -> None:
        log.warning("refresh failed", key=key, tries=failures + 1, reference=reference_of(error), exc_info=error)
        if failures + 1 == _TRIES and self._failed:
            await self._failed(key, error)

    def _leave_alone(self, key: int, seconds: float, why: object) -> None:
        log.info("a card is left alone", key=key, why=why, seconds=seconds)
        self._touched.discard(key)
        self._left_alone[key] = asyncio.get_running_loop().time() + seconds
        self._left_alone.move_to_end(key)
        if len(self._left_alone) > _MOST_GONE:
            self._left_alone.popitem(last=False)

    def _is_left_alone(self, key: int) -> bool:
        until = self._left_alone.get(key)
        if until is None:
            return False
        if until > asyncio.get_running_loop().time():
            return True
        del self._left_alone[key]
        return False
