"""A backend within limits: a line, time-outs, second tries and a circuit breaker, under the same contract."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

import structlog

from bot.backends.base import Backend, Capabilities, Chunk, Completion, Egress, Event, Health, Notice, Prompt, State
from bot.backends.limits import rules
from bot.backends.limits.breaker import Breaker
from bot.backends.limits.line import Line, LineFullError, Ticket
from bot.backends.limits.patience import Patience
from bot.backends.limits.rules import Limits
from bot.catalog import ModelCard, Where
from bot.clock import Clock
from bot.errors import ModelError, Trouble

log = structlog.stdlib.get_logger(__name__)

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
            async with aclosing(self._tries(prompt, egress, patience)) as events:
                async for event in events:
                    yield event
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

    async def _tries(self, prompt: Prompt, egress: Egress, patience: Patience) -> AsyncGenerator[Event]:
        """Try, and try again while nothing was shown and it makes sense."""
        until = asyncio.get_running_loop().time() + self._limits.total_seconds
        tries = 0
        while True:
            shown = False
            try:
                async with aclosing(self._one_try(prompt, egress, patience, until)) as events:
                    async for event in events:
                        shown = shown or isinstance(event, Chunk)
                        yield event
            except ModelError as error:
                tries += 1
                pause = rules.pause_before(tries, error.retry_after, self._dice.random(), self._limits)
                if shown or error.trouble not in rules.PASSING or pause is None:
                    raise
                if asyncio.get_running_loop().time() + pause >= until or self._breaker.refuses(self._clock()):
                    raise
                yield Notice(rules.trying_again(self.card.name, error.trouble, pause))
                await self._pause(pause)
            else:
                return

    async def _one_try(self, prompt: Prompt, egress: Egress, patience: Patience, until: float) -> AsyncGenerator[Event]:
        """Ask once, and tell the breaker what came of it."""
        # others may have found out while one stood in line or paused
        self._refuse_trouble()
        is_trial = self._breaker.enter(self._clock())
        try:
            async with aclosing(self._timed(prompt, egress, patience, until)) as events:
                async for event in events:
                    if isinstance(event, Completion) or (is_trial and isinstance(event, Chunk)):
                        self._succeeded()
                    yield event
        except ModelError as error:
            self._failed(error)
            raise
        finally:
            if is_trial:
                self._breaker.leave()

    async def _timed(self, prompt: Prompt, egress: Egress, patience: Patience, until: float) -> AsyncGenerator[Event]:
        """Pass on what the backend says, with a time-out for each step; ends with the completion."""
        loop = asyncio.get_running_loop()
        has_begun = False
        first_until = loop.time() + self._limits.first_seconds
        last_notice = ""
        async with aclosing(self.inner.complete(prompt, egress)) as events:
            while True:
                step_until = loop.time() + self._limits.silence_seconds if has_begun else first_until
                try:
                    event = await patience.wait(anext(events), min(step_until, until) - loop.time())
                except TimeoutError:
                    raise self._silent(has_begun=has_begun, is_over=loop.time() >= until) from None
                except StopAsyncIteration:
                    text = f"{self.card.name} broke off without an end. Press Retry, or choose another model."
                    raise ModelError(Trouble.CUT_OFF, text, model=self.card.key) from None
                if isinstance(event, Notice) and event.text != last_notice:
                    last_notice = event.text
                    first_until = loop.time() + self._limits.first_seconds
                has_begun = has_begun or isinstance(event, Chunk)
                yield event
                if isinstance(event, Completion):
                    return

    def _succeeded(self) -> None:
        if self._breaker.opened is not None:
            log.info("a model is out of trouble", model=self.card.key)
        self._breaker.succeeded()

    def _failed(self, error: ModelError) -> None:
        before = self._breaker.opened
        self._breaker.failed(error.trouble, self._clock(), error.detail)
        after = self._breaker.opened
        if after is not None and after != before:
            # whoever runs the bot can mend some of these, and nobody else can
            log.warning(
                "a model is in trouble",
                model=self.card.key,
                trouble=error.trouble.value,
                detail=error.detail,
                until=after.until.isoformat(),
            )

    def _silent(self, *, has_begun: bool, is_over: bool) -> ModelError:
        name, limits = self.card.name, self._limits
        if is_over:
            text = f"{name} took longer than {limits.total_seconds / 60:.0f} minutes, so it was stopped."
        elif has_begun:
            text = (
                f"{name} stopped in the middle of its answer and said nothing for {limits.silence_seconds:.0f} seconds."
            )
        else:
            text = f"{name} gave no answer within {limits.first_seconds:.0f} seconds."
        return ModelError(Trouble.SILENT, f"{text} Press Retry, or choose another model.", model=self.card.key)


def refuse_egress(card: ModelCard, where: Where, egress: Egress) -> None:
    """Raise ModelError (EGRESS) when a server does not let a model be used."""
    why = egress.refuses(card, where)
    if why is not None:
        text = f"{why[:1].upper()}{why[1:]}. Choose another model."
        raise ModelError(Trouble.EGRESS, text, model=card.key)
