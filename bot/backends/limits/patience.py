"""Waiting with patience: a time-out for each of many waits that costs no timer each."""

import asyncio
import math
from collections.abc import Awaitable
from typing import TypeVar, cast

ResultT = TypeVar("ResultT")


class Patience:
    """Bounds one wait after the other: `begin`, then await, then `rest`; or `end`, when it was interrupted.

    A stream has thousands of waits, and at most one timer is armed for all of them.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = math.inf
        self._until = 0.0
        # who waits at this moment
        self._task: asyncio.Task[object] | None = None
        self._cancels = 0
        self._ran_out = False

    def begin(self, until: float) -> None:
        """Interrupt this task unless it rests before `until`, a moment of the loop's clock."""
        # whoever awaits runs in a task
        self._task = task = cast("asyncio.Task[object]", asyncio.current_task())
        self._cancels = task.cancelling()
        self._until = until
        if until < self._looks_at:
            self._arm()

    def rest(self) -> None:
        """Stop watching: what was awaited is here."""
        if self._ran_out:
            self.end()
        else:
            self._task = None

    def end(self) -> bool:
        """Stop watching, and tell whether the wait was interrupted from here, and by nobody else as well."""
        task, self._task = self._task, None
        if not self._ran_out or task is None:
            return False
        self._ran_out = False
        return task.uncancel() <= self._cancels

    async def wait(self, awaited: Awaitable[ResultT], seconds: float) -> ResultT:
        """Return what `awaited` gives.

        Raises:
            TimeoutError: it took longer than so many seconds, and was cancelled.
        """
        self.begin(self._loop.time() + seconds)
        try:
            return await awaited
        except asyncio.CancelledError:
            if self.end():
                raise TimeoutError from None
            raise
        finally:
            self.rest()

    def close(self) -> None:
        """Disarm the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._looks_at = math.inf

    def _arm(self) -> None:
        self.close()
        self._looks_at = self._until
        self._timer = self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._timer = None
        self._looks_at = math.inf
        if self._task is None:
            return
        if self._loop.time() < self._until:
            self._arm()
            return
        self._ran_out = True
        self._task.cancel()
