"""A circuit breaker: who fails again and again is left alone for a while, then tried with one question."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.backends.limits.rules import HOPELESS, UNWELL, WELL, Limits, at, in_words
from bot.errors import Trouble


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a breaker is open, since when, and when the next trial may come."""

    trouble: Trouble
    since: datetime
    until: datetime
    detail: str

    def text(self, now: datetime, *, on_trial: bool) -> str:
        """Say it to people."""
        again = "it is being tried again now" if on_trial else f"it is tried again at {at(self.until, now)}"
        return f"in trouble since {at(self.since, now)}: {in_words(self.trouble)}; {again}"


class Breaker:
    """Counts what one backend's requests came to. Closed at first: everybody passes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._row = 0
        self._opened: Opened | None = None
        self._cool = limits.cool_seconds
        self._on_trial = False

    @property
    def opened(self) -> Opened | None:
        """Why it is open, trials included; None while all is well."""
        return self._opened

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is open, and a trial may come."""
        return self._opened is not None and not self._on_trial and now >= self._opened.until

    def refuses(self, now: datetime) -> str | None:
        """Say why nobody passes at this moment; None when the next one may."""
        if self._opened is None or self.is_due(now):
            return None
        return self._opened.text(now, on_trial=self._on_trial)

    def enter(self, now: datetime) -> bool:
        """Let one pass that `refuses` does not; return whether it is the trial, which must `leave` in the end."""
        if not self.is_due(now):
            return False
        self._on_trial = True
        return True

    def leave(self) -> None:
        """End a trial, whatever came of it; one that was broken off leaves the next one to try."""
        self._on_trial = False

    def succeeded(self) -> None:
        """Take note of an answer: all is well."""
        self._row = 0
        self._opened = None
        self._cool = self._limits.cool_seconds

    def failed(self, trouble: Trouble, now: datetime, detail: str = "") -> None:
        """Take note of a trouble; those that say nothing about the other side change nothing."""
        if trouble in WELL:
            self.succeeded()
        elif trouble in HOPELESS:
            self._open(trouble, now, detail, self._limits.longest_cool)
        elif trouble in UNWELL:
            self._row += 1
            if self._opened is not None and now >= self._opened.until:
                self._cool = min(self._cool * 2, self._limits.longest_cool)
                self._open(trouble, now, detail, self._cool)
            elif self._opened is None and self._row >= self._limits.row:
                self._open(trouble, now, detail, self._cool)

    def may_try(self, now: datetime) -> None:
        """Let the next one pass as the trial: a probe was answered."""
        if self._opened is not None:
            self._opened = Opened(self._opened.trouble, self._opened.since, now, self._opened.detail)

    def postpone(self, now: datetime) -> None:
        """Wait again: a probe was not answered either."""
        if self._opened is not None:
            self.failed(self._opened.trouble, now, self._opened.detail)

    def _open(self, trouble: Trouble, now: datetime, detail: str, seconds: float) -> None:
        since = self._opened.since if self._opened else now
        self._opened = Opened(trouble, since, now + timedelta(seconds=seconds), detail)
