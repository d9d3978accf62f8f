"""Waiting with patience: a time-out for each of many waits that costs no timer each."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

ResultT = TypeVar("ResultT")


class Patience:
    """Bounds one wait after the other. A stream has thousands; at most one timer is armed for all of them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._until = 0.0
        # who waits at this moment
        self._task: asyncio.Task[object] | None = None
        self._cancels = 0
        self._ran_out = False

    async def wait(self, awaited: Awaitable[ResultT], seconds: float) -> ResultT:
        """Return what `awaited` gives.

        Raises:
            TimeoutError: it took longer than so many seconds, and was cancelled.
        """
        # whoever awaits runs in a task
        task = cast("asyncio.Task[object]", asyncio.current_task())
        self._task, self._cancels = task, task.cancelling()
        self._until = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._arm()
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._ran_out:
                self._ran_out = False
                # somebody else may have cancelled at the same moment: theirs counts
                if task.uncancel() <= self._cancels:
                    raise TimeoutError from None
            raise
        finally:
            self._task = None
            if self._ran_out:
                # what was interrupted ended in its own way
                self._ran_out = False
                task.uncancel()

    def close(self) -> None:
        """Disarm the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._until:
            self._arm()
            return
        self._ran_out = True
        self._task.cancel()
