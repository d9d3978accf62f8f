"""Timers: `arm` says when, `every` how often, and whoever listens to the event gets its key.

They live in memory only. Deadlines stand in the features' tables, and each service arms its own again at start; what is
overdue then fires at once. What is due while nobody listens waits for a listener. A listener that fails is called
again, later and later, until it succeeds or is cancelled; it never runs twice at once for the same key.

APScheduler holds and fires them. Deadlines are moments of the clock that is handed in, which may be set back or forward
while we wait, and the scheduler reads its own, the system's, only when a wait is over. So both are looked at at least
every `LOOK_EVERY`. The pause before a retry is a span of time and does not depend on them.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, TypeAlias

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]
from apscheduler.triggers.base import BaseTrigger  # pyright: ignore[reportMissingTypeStubs]

from bot.clock import Clock, utc_now
from bot.recurrence import Recurrence, next_moment
from bot.refs import refer, reference_of

Listener: TypeAlias = Callable[[int], Awaitable[None]]
Key: TypeAlias = tuple[str, int]
"""(event, key)"""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)
LOOK_EVERY = timedelta(seconds=15)
TOLD_AFTER = 3
"""Failures in a row after which `on_failure` hears of it, once."""
MOST_AT_ONCE = 100
"""Listeners that run at the same time; a long absence makes many timers overdue."""
_CLOSE_SECONDS = 5
_STEADY = timedelta(seconds=0.1)
"""Two clocks that were read one after the other differ by less, as long as nobody sets one."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A listener that failed `attempts` times in a row, under one `reference` in the log."""

    event: str
    key: int
    error: Exception
    attempts: int
    reference: str


class _Due(BaseTrigger):
    """When something is due by `clock`; what comes again has `following`, which returns the next moment after one."""

    def __init__(self, clock: Clock, at: datetime, following: Callable[[datetime], datetime] | None = None) -> None:
        self._clock = clock
        self._following = following
        self._fired_for: datetime | None = None
        self.at: datetime | None = at
        self.fell_due = False

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride] - the library's own return type is a guess
        self,
        previous_fire_time: datetime | None,
        now: datetime,  # noqa: ARG002 - the system's, a little old
    ) -> datetime | None:
        """Return when to fire next by the system's clock; whoever gives a previous time fires for that one now."""
        ours = self._clock()
        # the scheduler asks twice for each firing: the first time moves `at` past `ours`
        if previous_fire_time is not None and self.at is not None and self.at <= ours:
            self.fell_due, self._fired_for = True, self.at
            self.at = self.after(ours)
        return None if self.at is None else max(self.at, _LONG_AGO) + (utc_now() - ours)

    def after(self, now: datetime) -> datetime | None:
        """Return when it comes again; never for the moment that it fired for, even on a clock set back."""
        if self._following is None:
            return None
        moment = self._following(now)
        return self._following(moment) if moment == self._fired_for else moment


class Timers:
    """All deadlines of this process. `on_failure` may be set to hear of a timer that keeps failing."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self.on_failure: Callable[[Failure], Awaitable[None]] | None = None
        self._listeners: dict[str, Listener] = {}
        self._due: dict[Key, _Due] = {}
        self._retries: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, Failure] = {}
        self._running: dict[Key, asyncio.Task[None]] = {}
        # due while nobody listens, or while their listener runs
        self._waiting: set[Key] = set()
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        # what is late is never dropped, and what is armed again while it begins is not either
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": sys.maxsize}
        )
        self._look_again: asyncio.TimerHandle | None = None
        self._looked_at = _LONG_AGO
        # how far the system's clock is ahead of ours
        self._ahead = timedelta(0)
        self._open = False

    def listen(self, event: str, listener: Listener) -> None:
        """Call `listener` with the key whenever `event` is due; one listener an event."""
        if event in self._listeners:
            msg = f"{event} has a listener already"
            raise ValueError(msg)
        self._listeners[event] = listener
        for what in [what for what in self._waiting if what[0] == event and self._open]:
            self._begin(what)

    def mute(self, event: str) -> None:
        """Take the listener of `event` away; what is due meanwhile waits for the next one."""
        self._listeners.pop(event, None)

    def arm(self, event: str, key: int, at: datetime) -> None:
        """Have `event` fire at `at`; arming it again moves it."""
        self._calm((event, key))
        self._plan((event, key), _Due(self._clock, at))

    def every(self, event: str, key: int, rule: Recurrence, zone: tzinfo, *, last: datetime | None = None) -> datetime:
        """Have `event` fire whenever the rule says, on the clocks of `zone`; return when that is next.

        `last` is when its work was done last, where that is known: what fell due since then fires at once, and once.
        """
        what = event, key
        self._calm(what)
        following = partial(next_moment, rule, zone=zone)
        at = following(self._clock() if last is None else last)
        self._plan(what, _Due(self._clock, at, following))
        return at

    def due_at(self, event: str, key: int) -> datetime | None:
        """Return when `event` fires next; None when it is not armed, or has fired."""
        due = self._due.get((event, key))
        return due and due.at

    def cancel(self, event: str, key: int) -> None:
        """Forget about it, whether or not it is armed; a listener that runs already is not stopped."""
        self._calm((event, key))
        if self._due.pop((event, key), None) and self._scheduler.get_job(_job_id((event, key))):
            self._scheduler.remove_job(_job_id((event, key)))

    def start(self) -> None:
        """Begin to fire."""
        self._open = True
        self._looked_at = self._clock()
        self._ahead = utc_now() - self._looked_at
        # paused: else each job would have it look through all of them
        self._scheduler.start(paused=True)
        for what, due in self._due.items():
            self._plan(what, due)
        self._scheduler.resume()
        self._look()

    async def close(self) -> None:
        """Fire no more, and give what is running a moment to end."""
        if self._open:
            self._open = False
            self._scheduler.pause()
            # what it has begun may end: a shutdown would cancel and report it
            await asyncio.sleep(0)
            self._scheduler.shutdown(wait=False)
        for handle in (self._look_again, *self._retries.values()):
            if handle:
                handle.cancel()
        self._retries.clear()
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()

    def _calm(self, what: Key) -> None:
        """Forget that it failed or waits."""
        self._failures.pop(what, None)
        self._waiting.discard(what)
        if handle := self._retries.pop(what, None):
            handle.cancel()

    def _plan(self, what: Key, due: _Due) -> None:
        self._due[what] = due
        if self._open:
            self._scheduler.add_job(self._fire, due, args=(what,), id=_job_id(what), replace_existing=True)

    def _look(self) -> None:
        """Plan all again if a clock was set, and have the scheduler look at its own; come back soon."""
        now = self._clock()
        ahead = utc_now() - now
        set_back = now < self._looked_at
        if set_back:
            for due in self._due.values():
                due.at = due.after(now) or due.at
        if set_back or abs(ahead - self._ahead) > _STEADY:
            self._scheduler.pause()
            for job in self._scheduler.get_jobs():
                job.reschedule(job.trigger)
            self._scheduler.resume()
            self._ahead = ahead
        self._looked_at = now
        self._scheduler.wakeup()
        self._look_again = asyncio.get_running_loop().call_later(LOOK_EVERY.total_seconds(), self._look)

    async def _fire(self, what: Key) -> None:
        """Begin what the scheduler says is due, unless our clock disagrees or it was cancelled or moved meanwhile."""
        due = self._due.get(what)
        if due is None or not due.fell_due or not self._open:
            return
        due.fell_due = False
        if due.at is None:
            del self._due[what]
        self._begin(what)

    def _begin(self, what: Key) -> None:
        if handle := self._retries.pop(what, None):
            handle.cancel()
        if what in self._running or what[0] not in self._listeners:
            self._waiting.add(what)
            return
        self._waiting.discard(what)
        task = asyncio.create_task(self._call(what), name=f"timer-{what[0]}-{what[1]}")
        self._running[what] = task
        task.add_done_callback(partial(self._ended, what))

    def _ended(self, what: Key, _task: asyncio.Task[None]) -> None:
        del self._running[what]
        if self._open and what in self._waiting:
            self._begin(what)

    async def _call(self, what: Key) -> None:
        event, key = what
        try:
            async with self._slots:
                listener = self._listeners.get(event)
                if listener is None:
                    # it went away while this one stood in line
                    self._waiting.add(what)
                    return
                await listener(key)
        except Exception as error:  # noqa: BLE001 - a timer must outlive whatever its listener meets
            await self._failed(what, error)
        else:
            self._failures.pop(what, None)

    async def _failed(self, what: Key, error: Exception) -> None:
        """Try again later, and tell of it when that happens again and again."""
        event, key = what
        before = self._failures.get(what)
        attempts = before.attempts + 1 if before else 1
        if before:
            refer(error, before.reference)
        failure = Failure(event, key, error, attempts, reference_of(error))
        delay = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LAST_RETRY)
        log.error(
            "timer failed",
            timer=event,
            key=key,
            attempts=attempts,
            again_in=str(delay),
            reference=failure.reference,
            exc_info=error,
        )
        if not self._open:
            return
        self._failures[what] = failure
        self._retries[what] = asyncio.get_running_loop().call_later(delay.total_seconds(), self._begin, what)
        if attempts == TOLD_AFTER and self.on_failure:
            with suppress(Exception):
                await self.on_failure(failure)


def _job_id(what: Key) -> str:
    return f"{what[0]}:{what[1]}"
