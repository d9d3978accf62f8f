"""Timers: `arm` says when, `every` how often, and whoever listens to the event gets its key.

They live in memory only. Deadlines stand in the features' tables, and each service arms its own again at start; what is
overdue then fires at once. What is due while nobody listens waits for a listener. A listener that fails is called
again, later and later, until it succeeds or is cancelled; it never runs twice at once for the same key.

Deadlines are moments of the clock on the wall, which may be set back or forward while we wait: it is read at least
every `LOOK_EVERY`. The pause before a retry is a span of time and does not depend on it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from heapq import heapify, heappop, heappush
from typing import TypeAlias

import structlog

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
_STALE = 64

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A listener that failed `attempts` times in a row, under one `reference` in the log."""

    event: str
    key: int
    error: Exception
    attempts: int
    reference: str


@dataclass(slots=True)
class _Recurring:
    """What comes again, and for which moment it fired last."""

    rule: Recurrence
    zone: tzinfo
    fired_for: datetime | None = None

    def after(self, now: datetime) -> datetime:
        """Return when it is due next; never again for the moment that it fired for, even on a clock set back."""
        moment = next_moment(self.rule, now, self.zone)
        return next_moment(self.rule, moment, self.zone) if moment == self.fired_for else moment


class Timers:
    """All deadlines of this process. `on_failure` may be set to hear of a timer that keeps failing."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self.on_failure: Callable[[Failure], Awaitable[None]] | None = None
        self._listeners: dict[str, Listener] = {}
        self._due_at: dict[Key, datetime] = {}
        # (when, key), the first first; entries that `_due_at` knows no more are left out when they come up
        self._line: list[tuple[datetime, Key]] = []
        self._recurring: dict[Key, _Recurring] = {}
        self._retries: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, Failure] = {}
        self._running: dict[Key, asyncio.Task[None]] = {}
        # due while nobody listens, or while their listener runs
        self._waiting: set[Key] = set()
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._look_again: asyncio.TimerHandle | None = None
        self._looked_at: datetime | None = None
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
        self._set((event, key), at)

    def every(self, event: str, key: int, rule: Recurrence, zone: tzinfo, *, last: datetime | None = None) -> datetime:
        """Have `event` fire whenever the rule says, on the clocks of `zone`; return when that is next.

        `last` is when its work was done last, where that is known: what fell due since then fires at once, and once.
        """
        what = event, key
        self._calm(what)
        recurring = self._recurring[what] = _Recurring(rule, zone)
        at = recurring.after(self._clock() if last is None else last)
        self._set(what, at)
        return at

    def cancel(self, event: str, key: int) -> None:
        """Forget about it, whether or not it is armed; a listener that runs already is not stopped."""
        self._calm((event, key))
        self._due_at.pop((event, key), None)
        self._recurring.pop((event, key), None)

    def start(self) -> None:
        """Begin to fire."""
        self._open = True
        self._look()

    async def close(self) -> None:
        """Fire no more, and give what is running a moment to end."""
        self._open = False
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

    def _set(self, what: Key, at: datetime) -> None:
        self._due_at[what] = at
        heappush(self._line, (at, what))
        if len(self._line) > 2 * len(self._due_at) + _STALE:
            self._line = [(at, what) for what, at in self._due_at.items()]
            heapify(self._line)
        if self._open and self._line[0] == (at, what):
            self._look()

    def _look(self) -> None:
        """Begin what is due, and come back when the next is, or soon in case the clock is set."""
        now = self._clock()
        if self._looked_at is not None and now < self._looked_at:
            # set back: what comes again was planned by a clock that was ahead
            for what, recurring in self._recurring.items():
                self._due_at[what] = recurring.after(now)
                heappush(self._line, (self._due_at[what], what))
        self._looked_at = now
        while self._line and self._line[0][0] <= now:
            at, what = heappop(self._line)
            if self._due_at.get(what) != at:
                continue
            del self._due_at[what]
            if recurring := self._recurring.get(what):
                recurring.fired_for = at
                self._due_at[what] = recurring.after(now)
                heappush(self._line, (self._due_at[what], what))
            self._begin(what)
        pause = min(self._line[0][0] - now, LOOK_EVERY) if self._line else LOOK_EVERY
        if self._look_again:
            self._look_again.cancel()
        self._look_again = asyncio.get_running_loop().call_later(pause.total_seconds(), self._look)

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
