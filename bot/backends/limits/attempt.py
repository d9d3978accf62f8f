"""One try at an answer: how long each of its steps may take, and what the breaker hears of it."""

import asyncio
from types import TracebackType
from typing import Self

import structlog

from bot.backends.base import Chunk, Completion, Event
from bot.backends.limits.breaker import Breaker
from bot.backends.limits.patience import Patience
from bot.backends.limits.rules import Limits
from bot.catalog import ModelCard
from bot.clock import Clock
from bot.errors import ModelError, Trouble

log = structlog.stdlib.get_logger(__name__)


class Attempt:
    """Is entered before a backend is asked, and left when it is done; turns time-outs into ModelErrors.

    Between the two `wait` comes before each event and `saw` after it. These are called for every token of every
    answer, which is why they are no generators around the backend's, and no timer is armed for each.
    """

    def __init__(self, card: ModelCard, limits: Limits, breaker: Breaker, clock: Clock, patience: Patience) -> None:
        self._card = card
        self._limits = limits
        self._breaker = breaker
        self._clock = clock
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._first_until = 0.0
        self._last_notice = ""
        self._is_trial = False
        self.is_shown = False
        """Whether something of the answer was shown."""
        self.is_done = False
        """Whether it has ended as it should."""

    def within(self, until: float) -> Self:
        """Bound the whole of it by a moment of the loop's clock."""
        self._until = until
        self._first_until = self._loop.time() + self._limits.first_seconds
        return self

    def __enter__(self) -> Self:
        self._is_trial = self._breaker.enter(self._clock())
        return self

    def wait(self) -> None:
        """Begin to wait for the next event."""
        until = self._loop.time() + self._limits.silence_seconds if self.is_shown else self._first_until
        self._patience.begin(min(until, self._until))

    def saw(self, event: Event) -> None:
        """Take note of an event."""
        self._patience.rest()
        if isinstance(event, Chunk):
            if not self.is_shown:
                self.is_shown = True
                # its first word says that all is well again; nobody should wait for its last one
                if self._is_trial:
                    self._succeeded()
        elif isinstance(event, Completion):
            self.is_done = True
            self._succeeded()
        elif event.text != self._last_notice:
            # news such as how far loading is, again and again, is not silence
            self._last_notice = event.text
            self._first_until = self._loop.time() + self._limits.first_seconds

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: TracebackType | None) -> None:
        # whatever ended it: whether time ran out is to be known, and forgotten
        timed_out = self._patience.end()
        try:
            if isinstance(error, asyncio.CancelledError) and timed_out:
                error = self._silent()
                raise error from None
            if error is None and not self.is_done:
                text = f"{self._card.name} broke off without an end. Press Retry, or choose another model."
                error = ModelError(Trouble.CUT_OFF, text, model=self._card.key)
                raise error
        finally:
            if isinstance(error, ModelError):
                self._failed(error)
            if self._is_trial:
                self._breaker.leave()

    def _succeeded(self) -> None:
        if self._breaker.opened is not None:
            log.info("a model is out of trouble", model=self._card.key)
        self._breaker.succeeded()

    def _failed(self, error: ModelError) -> None:
        before = self._breaker.opened
        self._breaker.failed(error.trouble, self._clock(), error.detail)
        after = self._breaker.opened
        if after is not None and after != before:
            # whoever runs the bot can mend some of these, and nobody else can
            log.warning(
                "a model is in trouble",
                model=self._card.key,
                trouble=error.trouble.value,
                detail=error.detail,
                until=after.until.isoformat(),
            )

    def _silent(self) -> ModelError:
        name, limits = self._card.name, self._limits
        if self._loop.time() >= self._until:
            text = f"{name} took longer than {limits.total_seconds / 60:.0f} minutes, so it was stopped."
        elif self.is_shown:
            text = f"{name} stopped in the middle of its answer, for more than {limits.silence_seconds:.0f} seconds."
        else:
            text = f"{name} gave no answer within {limits.first_seconds:.0f} seconds."
        return ModelError(Trouble.SILENT, f"{text} Press Retry, or choose another model.", model=self._card.key)
