"""A backend within limits: a line, time-outs, second tries and a circuit breaker, under the same contract."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from bot.backends.base import Backend, Capabilities, Egress, Event, Health, Notice, Prompt, State
from bot.backends.limits import rules
from bot.backends.limits.attempt import Attempt
from bot.backends.limits.breaker import Breaker
from bot.backends.limits.line import Line, LineFullError, Ticket
from bot.backends.limits.patience import Patience
from bot.backends.limits.rules import Limits
from bot.catalog import ModelCard, Where
from bot.clock import Clock
from bot.errors import ModelError, Trouble

Pause = Callable[[float], Awaitable[None]]


class Limited:
    """Wraps a backend. `clock` tells when it got into trouble, `dice` spread second tries, `pause` waits for them."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        limits: Limits | None = None,
        dice: random.Random | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.inner = backend
        self._clock = clock
        self._limits = limits or rules.limits_for(backend.where)
        self._dice = dice or random.Random()  # noqa: S311  (it spreads load, it keeps no secret)
        self._pause = pause
        self._line = Line(self._limits.places, self._limits.longest_line)
        self._breaker = Breaker(self._limits)
        self._missing: Health | None = None
        self._look_again = 0.0

    @property
    def card(self) -> ModelCard:
        """The model."""
        return self.inner.card

    @property
    def where(self) -> Where:
        """Where it runs."""
        return self.inner.where

    @property
    def capabilities(self) -> Capabilities:
        """What it can take."""
        return self.inner.capabilities

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer as the backend does, after a wait in line if need be; refusals come before any wait.

        Raises:
            ModelError: no answer, or not all of it.
        """
        refuse_egress(self.card, self.where, egress)
        self._refuse_trouble()
        ticket = self._join()
        patience = Patience()
        try:
            async for notice in self._served(ticket, patience):
                yield notice
            until = asyncio.get_running_loop().time() + self._limits.total_seconds
            tries = 0
            while True:
                # others may have found out while one stood in line or paused
                self._refuse_trouble()
                attempt = Attempt(self.card, self._limits, self._breaker, self._clock, patience).within(until)
                try:
                    with attempt:
                        async with aclosing(self.inner.complete(prompt, egress)) as events:
                            attempt.wait()
                            async for event in events:
                                attempt.saw(event)
                                yield event
                                if attempt.is_done:
                                    return
                                attempt.wait()
                except ModelError as error:
                    tries += 1
                    pause = None if attempt.is_shown else self._pause_before(tries, error, until)
                    if pause is None:
                        raise
                    yield Notice(rules.trying_again(self.card.name, error.trouble, pause))
                    await self._pause(pause)
        finally:
            patience.close()
            ticket.leave()

    def health(self) -> Health:
        """Say how it is: as the backend says, unless it got into trouble here."""
        own = self._own_health()
        details = dict(own.details)
        if self._line.served:
            details["answering"] = str(self._line.served)
        if self._line.waiting:
            details["waiting"] = str(self._line.waiting)
        opened = self._breaker.opened
        if opened is None or own.state is State.MISSING:
            return replace(own, details=details)
        now = self._clock()
        if opened.detail:
            details["trouble"] = opened.detail
        refusal = self._breaker.refuses(now)
        if refusal is not None:
            return Health(State.TROUBLED, refusal, details)
        if not own.usable and self.where is Where.WORKER:
            return replace(own, details=details)
        # somebody has to try it, so it can be chosen
        since = rules.at(opened.since, now)
        text = f"was in trouble since {since} ({rules.in_words(opened.trouble)}); the next question tries it again"
        return Health(own.state if own.usable else State.READY, text, details)

    def may_be_asked(self) -> bool:
        """Tell whether asking it is not refused beforehand; one in trouble may be, to see whether that has passed."""
        return self._own_health().state is not State.MISSING and self._breaker.refuses(self._clock()) is None

    def trial_at(self) -> datetime | None:
        """Return from when on it may be tried again; None while it is in no trouble."""
        opened = self._breaker.opened
        return opened.until if opened else None

    async def probe(self) -> Health:
        """Ask the other side whether it would answer; if so, the next question tries it."""
        now = self._clock()
        try:
            async with asyncio.timeout(self._limits.probe_seconds):
                found = await self.inner.probe()
        except TimeoutError:
            found = Health(State.TROUBLED, f"it did not answer within {self._limits.probe_seconds:g} s")
        except ModelError as error:
            found = Health(State.TROUBLED, rules.in_words(error.trouble))
        if found.usable:
            self._breaker.may_try(now)
            return self.health()
        if self._breaker.is_due(now):
            self._breaker.postpone(now)
        mine = self.health()
        return found if mine.usable else mine

    async def close(self) -> None:
        """Close the backend."""
        await self.inner.close()

    def _own_health(self) -> Health:
        """Ask the backend, unless it said lately that something is missing: finding that out may search folders."""
        now = time.monotonic()
        if self._missing is None or now >= self._look_again:
            own = self.inner.health()
            self._missing = own if own.state is State.MISSING else None
            # not all models at the same moment
            self._look_again = now + self._limits.missing_seconds * (0.5 + self._dice.random())
            return own
        return self._missing

    def _refuse_trouble(self) -> None:
        refusal = self._breaker.refuses(self._clock())
        opened = self._breaker.opened
        if refusal is None or opened is None:
            return
        text = f"{self.card.name} is {refusal}. Meanwhile choose another model."
        raise ModelError(opened.trouble, text, detail=opened.detail, model=self.card.key)

    def _join(self) -> Ticket:
        try:
            return self._line.join()
        except LineFullError:
            text = (
                f"Too many questions wait for {self.card.name} already ({self._line.waiting}). "
                "Try again in a few minutes, or choose another model."
            )
            raise ModelError(Trouble.BUSY, text, model=self.card.key) from None

    async def _served(self, ticket: Ticket, patience: Patience) -> AsyncGenerator[Notice]:
        """Wait in line, saying where one stands."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._limits.line_seconds
        while not ticket.is_served:
            yield Notice(rules.waiting(self.card.name, ticket.ahead))
            try:
                await patience.wait(ticket.moved(), until - loop.time())
            except TimeoutError:
                text = (
                    f"{self.card.name} is still busy with other questions after {self._limits.line_seconds:.0f} "
                    "seconds. Try again in a few minutes, or choose another model."
                )
                raise ModelError(Trouble.BUSY, text, model=self.card.key) from None

    def _pause_before(self, tries: int, error: ModelError, until: float) -> float | None:
        """Return how long to wait before another try; None when there is none."""
        pause = rules.pause_before(tries, error.retry_after, self._dice.random(), self._limits)
        if pause is None or error.trouble not in rules.PASSING:
            return None
        is_late = asyncio.get_running_loop().time() + pause >= until
        return None if is_late or self._breaker.refuses(self._clock()) else pause


def refuse_egress(card: ModelCard, where: Where, egress: Egress) -> None:
    """Raise ModelError (EGRESS) when a server does not let a model be used."""
    why = egress.refuses(card, where)
    if why is not None:
        text = f"{why[:1].upper()}{why[1:]}. Choose another model."
        raise ModelError(Trouble.EGRESS, text, model=card.key)
