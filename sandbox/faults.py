"""Bad days on request: what can go wrong between a bot and Discord, each scoped, bounded, listed and clearable.

Some faults happen at once (`drop_socket`, `reconnect`, `invalidate_session`); the others last until their `times` or
`seconds` are used up or they are cleared. A `route` is a pattern such as "POST /channels/*/messages"; without a method
it means every method. Paths are those below /api/v10.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server

CALLBACKS = "POST /interactions/*/callback"
_DEFAULT_SECONDS = 3600.0
_SCOPES = ("user", "shared", "global")
_LOWEST_STATUS, _HIGHEST_STATUS = 400, 599


@dataclass(slots=True)
class Fault:
    """A lasting fault: `times` it still acts (None: no bound), and the moment on the clock (`until`) when it ends."""

    id: int
    name: str
    until: float
    times: int | None = None
    route: str | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    def meets(self, method: str, path: str) -> bool:
        """Tell whether a call falls under the fault's route."""
        if self.route is None:
            return True
        pattern = self.route if " " in self.route else f"* {self.route}"
        return fnmatchcase(f"{method} {path}", pattern)


class Faults:
    """The faults now active, and the acts that start them."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._ids = itertools.count(1)
        self._active: dict[int, Fault] = {}

    def drop_socket(self, application_id: int | None = None) -> int:
        """Cut gateway connections without a close frame; returns how many. Sessions stay resumable."""
        return self._server.gateway.drop_sockets(application_id)

    def reconnect(self, application_id: int | None = None) -> int:
        """Ask bots to reconnect and resume (op 7); returns how many."""
        return self._server.gateway.ask_reconnect(application_id)

    def invalidate_session(self, *, resumable: bool = False, application_id: int | None = None) -> int:
        """Declare sessions invalid (op 9); returns how many. `resumable` lets the bot try to resume."""
        return self._server.gateway.invalidate(application_id, resumable=resumable)

    def slow_rest(
        self, delay: float, *, route: str | None = None, times: int | None = None, seconds: float = _DEFAULT_SECONDS
    ) -> Fault:
        """Hold every call for `delay` seconds before it is looked at."""
        if delay < 0:
            raise ValueError("delay must not be negative")
        return self._start("slow_rest", route, times, seconds, delay=delay)

    def fail_rest(
        self,
        status: int = 500,
        *,
        route: str | None = None,
        times: int | None = None,
        seconds: float = _DEFAULT_SECONDS,
    ) -> Fault:
        """Answer calls with `status` without performing them."""
        if not isinstance(status, int) or not _LOWEST_STATUS <= status <= _HIGHEST_STATUS:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("status must be a whole number from 400 to 599")
        return self._start("fail_rest", route, times, seconds, status=status)

    def rate_limit_storm(
        self,
        *,
        route: str | None = None,
        times: int | None = None,
        seconds: float = _DEFAULT_SECONDS,
        retry_after: float = 0.25,
        scope: str = "shared",
    ) -> Fault:
        """Answer calls with 429 and `retry_after`; `scope` is user, shared or global."""
        if scope not in _SCOPES or retry_after < 0:
            raise ValueError("scope must be user, shared or global, and retry_after not negative")
        return self._start("rate_limit_storm", route, times, seconds, retry_after=retry_after, scope=scope)

    def lose_ack(
        self, *, route: str | None = CALLBACKS, times: int | None = 1, seconds: float = _DEFAULT_SECONDS
    ) -> Fault:
        """Perform calls but cut the connection before the answer; by default one interaction callback."""
        return self._start("lose_ack", route, times, seconds)

    def drop_heartbeat_acks(self, *, times: int | None = None, seconds: float = _DEFAULT_SECONDS) -> Fault:
        """Leave heartbeats unanswered."""
        return self._start("drop_heartbeat_acks", None, times, seconds)

    def refuse_connections(
        self, *, times: int | None = None, seconds: float = _DEFAULT_SECONDS, rest: bool = False
    ) -> Fault:
        """Refuse new gateway connections with 503; with `rest` cut REST calls off too."""
        return self._start("refuse_connections", None if rest else "GATEWAY *", times, seconds)

    def clear(self, fault_id: int | None = None) -> int:
        """End one lasting fault, or all; returns how many ended."""
        doomed = [fault_id] if fault_id is not None else list(self._active)
        return sum(self._active.pop(each, None) is not None for each in doomed)

    def active(self) -> list[Fault]:
        """Return the lasting faults that still act."""
        now = self._clock()
        for fault in [f for f in self._active.values() if f.until <= now]:
            del self._active[fault.id]
        return list(self._active.values())

    def present(self) -> bool:
        """Tell whether there may be a lasting fault, as cheaply as can be."""
        return bool(self._active)

    def strike(self, name: str, method: str = "", path: str = "") -> Fault | None:
        """Return the fault of this name that hits a call, counting the hit; None when there is none."""
        if not self._active:
            return None
        for fault in self.active():
            if fault.name == name and fault.meets(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        del self._active[fault.id]
                return fault
        return None

    def names(self) -> dict[str, Callable[..., int | Fault]]:
        """Return every act by its name, for the control routes."""
        return {
            "drop_socket": self.drop_socket,
            "reconnect": self.reconnect,
            "invalidate_session": self.invalidate_session,
            "slow_rest": self.slow_rest,
            "fail_rest": self.fail_rest,
            "rate_limit_storm": self.rate_limit_storm,
            "lose_ack": self.lose_ack,
            "drop_heartbeat_acks": self.drop_heartbeat_acks,
            "refuse_connections": self.refuse_connections,
            "clear": self.clear,
        }

    def _start(self, name: str, route: str | None, times: int | None, seconds: float, **options: object) -> Fault:
        if (times is not None and times < 1) or seconds <= 0:
            raise ValueError("times and seconds must be positive")
        fault = Fault(next(self._ids), name, self._clock() + seconds, times, route, options)
        self._active[fault.id] = fault
        return fault
