"""Timers: `arm` says when, and whoever listens to the event gets its key.

They live in memory only. Deadlines stand in the features' tables, and each service arms its own again at start; what is
overdue then fires at once. A listener that fails is called again, later and later, until it succeeds or is cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]

from bot.clock import Clock, utc_now
from bot.refs import new_reference

Listener: TypeAlias = Callable[[int], Awaitable[None]]

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)
_CLOSE_SECONDS = 5

log = structlog.stdlib.get_logger(__name__)


class Timers:
    """All deadlines of this process."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._listeners: dict[str, Listener] = {}
        self._failures: dict[tuple[str, int], int] = {}
        self._running: set[asyncio.Task[Any]] = set()
        # misfire_grace_time=None: by default what is a second late is dropped without a word
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True}
        )

    def listen(self, event: str, listener: Listener) -> None:
        """Call `listener` with the key whenever `event` is due; one listener an event."""
        if event in self._listeners:
            msg = f"{event} has a listener already"
            raise ValueError(msg)
        self._listeners[event] = listener

    def mute(self, event: str) -> None:
        """Take the listener of `event` away; what fires meanwhile is tried again later."""
        self._listeners.pop(event, None)

    def arm(self, event: str, key: int, at: datetime) -> None:
        """Have `event` fire at `at`; arming it again moves it."""
        self._failures.pop((event, key), None)
        self._schedule(event, key, at - self._clock())

    def cancel(self, event: str, key: int) -> None:
        """Forget about it, whether or not it is armed."""
        self._failures.pop((event, key), None)
        if self._scheduler.get_job(_job_id(event, key)):
            self._scheduler.remove_job(_job_id(event, key))

    def start(self) -> None:
        """Begin to fire; the listeners must be there by now."""
        self._scheduler.start()

    async def close(self) -> None:
        """Fire no more, and give what is running a moment to end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()

    def _schedule(self, event: str, key: int, delay: timedelta) -> None:
        self._scheduler.add_job(
            self._fire,
            "date",
            run_date=utc_now() + max(delay, timedelta(0)),
            args=(event, key),
            id=_job_id(event, key),
            replace_existing=True,
        )

    async def _fire(self, event: str, key: int) -> None:
        # a task of its own: the scheduler cancels what it runs when it is shut down
        task = asyncio.create_task(self._call(event, key), name=_job_id(event, key))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _call(self, event: str, key: int) -> None:
        try:
            await self._listeners[event](key)
        except Exception:  # a timer must outlive whatever its listener meets
            failures = self._failures.get((event, key), 0)
            delay = min(FIRST_RETRY * 2 ** min(failures, 10), LAST_RETRY)
            log.exception("timer failed", timer=event, key=key, again_in=str(delay), reference=new_reference())
            if self._scheduler.running:
                self._schedule(event, key, delay)
                self._failures[event, key] = failures + 1
        else:
            self._failures.pop((event, key), None)


def _job_id(event: str, key: int) -> str:
    return f"{event}:{key}"
