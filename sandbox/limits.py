"""Rate limits as Discord counts them: a bucket for each route and major parameter, 50 a second over all, and a ban.

A window opens with its first call and ends a fixed time later (`X-RateLimit-Reset-After` counts down to that end).
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.rest.call import Route

GLOBAL_CALLS, GLOBAL_SECONDS = 50, 1.0
INVALID_CALLS, INVALID_SECONDS = 10_000, 600.0
_MAX_BUCKETS = 20_000


@dataclass(slots=True)
class _Window:
    ends: float
    used: int


class Limits:
    """Counts calls; `enforce` switches all of it off for measurements that are not about limits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.enforce = True
        self.refused = 0
        self._clock = clock
        self._buckets: dict[tuple[str, str, int | None], _Window] = {}
        self._global: dict[int, _Window] = {}
        self._invalid: dict[int | None, _Window] = {}

    def check_ban(self, app_id: int | None) -> None:
        """Raise BannedError while an application (None: callers without a token) has too many invalid requests."""
        window = self._invalid.get(app_id)
        if self.enforce and window is not None and window.used >= INVALID_CALLS and window.ends > self._clock():
            raise BannedError(window.ends - self._clock())

    def count_invalid(self, app_id: int | None) -> None:
        """Count an answer of 401, 403 or 429 (a shared 429 is not counted)."""
        now = self._clock()
        window = self._invalid.get(app_id)
        if window is None or window.ends <= now:
            window = self._invalid[app_id] = _Window(now + INVALID_SECONDS, 0)
        window.used += 1

    def take_global(self, app_id: int) -> None:
        """Count a call of an application against its 50 a second, or raise RateLimited."""
        if not self.enforce:
            return
        now = self._clock()
        window = self._global.get(app_id)
        if window is None or window.ends <= now:
            window = self._global[app_id] = _Window(now + GLOBAL_SECONDS, 0)
        if window.used >= GLOBAL_CALLS:
            self.refused += 1
            raise RateLimited(window.ends - now, scope="global")
        window.used += 1

    def take(self, route: Route, bucket: str, major: str, app_id: int | None) -> dict[str, str]:
        """Count a call against its bucket and return the headers of the answer.

        The headers of a refusal are in `headers` of the RateLimited that is raised.
        """
        if route.limit is None or not self.enforce:
            return {}
        calls, seconds = route.limit
        now = self._clock()
        key = (bucket, major, app_id)
        window = self._buckets.get(key)
        if window is None or window.ends <= now:
            self._make_room(now)
            window = self._buckets[key] = _Window(now + seconds, 0)
        left = window.ends - now
        if window.used >= calls:
            self.refused += 1
            raise BucketError(left, _headers(bucket, calls, 0, left))
        window.used += 1
        return _headers(bucket, calls, calls - window.used, left)

    def _make_room(self, now: float) -> None:
        if len(self._buckets) >= _MAX_BUCKETS:
            self._buckets = {key: window for key, window in self._buckets.items() if window.ends > now}


class BannedError(RateLimited):
    """A 429 for too many invalid requests: without `Via`, which tells clients that waiting will not do."""


class BucketError(RateLimited):
    """A 429 of one bucket, with that bucket's headers."""

    def __init__(self, retry_after: float, headers: dict[str, str]) -> None:
        super().__init__(retry_after)
        self.headers = headers


def bucket_of(route: Route) -> str:
    """Return the name of a route's bucket: opaque, the same in every process."""
    return hashlib.md5(f"{route.method} {route.path}".encode(), usedforsecurity=False).hexdigest()


def refusal_headers(error: RateLimited) -> dict[str, str]:
    """Return the headers of a 429; `Via` tells clients that it comes from Discord's proxy and not from a ban."""
    wait = {"Retry-After": str(max(1, int(-(-error.retry_after // 1))))}
    if isinstance(error, BannedError):
        return wait
    headers = {
        **wait,
        "Via": "1.1 stand-in",
        "X-RateLimit-Scope": error.scope,
    }
    if error.scope == "global":
        headers["X-RateLimit-Global"] = "true"
    if isinstance(error, BucketError):
        headers |= error.headers
    return headers


def _headers(bucket: str, limit: int, remaining: int, left: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + left:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": bucket,
    }
