"""Open first: the open model answers, and the closed one when it declines, is too small for the task, or fails.

What the open model says is held back until it is plain that it is an answer (`declining.py`); from then on it streams,
and the other one is not asked any more. A council, in which several answer and one of them sums up, would be one more
class beside this one: it needs the same legs from the registry, under the same contract, and tells in `declined` and
`note` who was heard.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.backends import routing
from bot.backends.base import (
    Backend,
    Capabilities,
    Chunk,
    Completion,
    Declined,
    Egress,
    Event,
    Health,
    Notice,
    Prompt,
)
from bot.backends.declining import is_decided, says_no
from bot.catalog import ModelCard, Openness, Shape, Where, receiver_of
from bot.errors import ModelError

KEY = "hybrid"
_FARTHEST = (Where.WORKER, Where.MACHINE, Where.ELSEWHERE)
_CLOSEST = (Openness.OPEN, Openness.RESTRICTED, Openness.CLOSED)


class HybridBackend:
    """Two legs, of which one may be missing: `open_leg` where no open model fits, `closed_leg` where none may be asked.

    The card tells the most that may happen: it is as closed as the more closed leg, and runs as far away.
    """

    def __init__(
        self, open_leg: Backend | None, closed_leg: Backend | None, ticks: Callable[[], float] = time.perf_counter
    ) -> None:
        legs = [leg for leg in (open_leg, closed_leg) if leg is not None]
        if not legs:
            msg = "a hybrid needs a model to ask"
            raise ValueError(msg)
        self._open = open_leg
        self._closed = closed_leg
        self._legs = legs
        self._ticks = ticks
        self._where = max((leg.where for leg in legs), key=_FARTHEST.index)
        self._card = _card_of(legs)

    @property
    def card(self) -> ModelCard:
        """What stands for both models before it is known who answers."""
        return self._card

    @property
    def where(self) -> Where:
        """Where the one that is farther away runs."""
        return self._where

    @property
    def capabilities(self) -> Capabilities:
        """What at least one of them can take."""
        return Capabilities(
            tasks=self._card.tasks,
            pictures=any(leg.capabilities.pictures for leg in self._legs),
            seeds=all(leg.capabilities.seeds for leg in self._legs),
            stops=all(leg.capabilities.stops for leg in self._legs),
        )

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer with the open model, or else with the closed one, unless `egress` keeps it out.

        Raises:
            ModelError: neither gave an answer, or one broke off after it had begun.
        """
        first, second = self._open, self._closed
        if first is not None and second is not None and egress.refuses(second.card, second.where):
            second = None
        if first is None or second is None:
            leg = first or second or self._legs[0]
            if egress.refuses(leg.card, leg.where) is None:
                yield _asking(leg)
            async with aclosing(leg.complete(prompt, egress)) as events:
                async for event in events:
                    yield replace(event, note=_alone(leg, prompt)) if isinstance(event, Completion) else event
            return
        watch = _Watch(self._ticks)
        attempt = _Attempt(first, prompt, routing.too_much(first.card, first.capabilities, prompt) or "")
        if not attempt.reason:
            yield _asking(first)
            async with aclosing(attempt.events(egress, watch)) as events:
                async for event in events:
                    yield event
        if attempt.reason:
            async with aclosing(_instead(attempt, second, egress, watch)) as events:
                async for event in events:
                    yield event

    def health(self) -> Health:
        """Say how it is: usable as long as one of them is."""
        found = [leg.health() for leg in self._legs]
        well = [health for health in found if health.usable]
        if not well:
            return found[0]
        names = ", then ".join(leg.card.name for leg, health in zip(self._legs, found, strict=True) if health.usable)
        return Health(well[0].state, names if len(well) == len(found) else f"{names} only")

    async def probe(self) -> Health:
        """Ask both."""
        for leg in self._legs:
            await leg.probe()
        return self.health()

    async def close(self) -> None:
        """Leave the models to whoever made them."""


class _Watch:
    """Measures from the question to what is shown, whoever says it."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._began = ticks()
        self.shown_at: float | None = None

    def see(self, chunk: Chunk) -> Chunk:
        """Take note of something that is shown."""
        if self.shown_at is None:
            self.shown_at = self._ticks()
        return chunk

    def stamp(self, completion: Completion, note: str) -> Completion:
        """Return a completion with the times that the member waited."""
        first = None if self.shown_at is None else self.shown_at - self._began
        return replace(completion, note=note, first_token_seconds=first, seconds=self._ticks() - self._began)


@dataclass
class _Attempt:
    """What came of asking the open model: a `completion`, or a `reason` why it is no answer."""

    leg: Backend
    prompt: Prompt
    reason: str = ""
    completion: Completion | None = None
    held: str = ""
    is_asked: bool = False

    @property
    def may_still_try(self) -> bool:
        """Tell whether it was not asked, though it is able to answer."""
        return not self.is_asked and routing.unable(self.leg.card, self.leg.capabilities, self.prompt) is None

    async def events(self, egress: Egress, watch: "_Watch") -> AsyncGenerator[Event]:
        """Pass on what it says once it is plain that it answers; end early, with a reason, when it does not.

        Raises:
            ModelError: it broke off after something was shown.
        """
        self.is_asked = True
        try:
            async with aclosing(self.leg.complete(self.prompt, egress)) as events:
                async for event in events:
                    if isinstance(event, Completion):
                        self._end(event, is_shown=watch.shown_at is not None)
                        if not self.reason:
                            if watch.shown_at is None:
                                yield watch.see(Chunk(self.held))
                            yield watch.stamp(event, f"{self.leg.card.name} was asked first, and answered.")
                        return
                    if isinstance(event, Notice) or watch.shown_at is not None:
                        yield event
                    elif self._is_plain(event):
                        if self.reason:
                            return
                        yield watch.see(Chunk(self.held))
        except ModelError as error:
            if watch.shown_at is not None:
                raise
            self.reason = routing.failed(error.trouble)

    def _is_plain(self, chunk: Chunk) -> bool:
        """Take a chunk that nobody has seen, and tell whether it is plain now what it is the beginning of."""
        self.held += chunk.text
        # whether a span is an answer is told by its score, which comes with the end
        if self.leg.card.shape is Shape.EXTRACTIVE or not is_decided(self.held):
            return False
        self.reason = says_no(self.held) or ""
        return True

    def _end(self, completion: Completion, *, is_shown: bool) -> None:
        self.completion = completion
        self.reason = "" if is_shown else routing.declines(self.leg.card, completion) or ""

    def add_to(self, completion: Completion) -> Completion:
        """Return the other model's completion with what this attempt took, and why it is not the answer."""
        declined = (*completion.declined, Declined(self.leg.card.key, self.reason))
        read, written, cost = self._taken()
        return replace(
            completion,
            declined=declined,
            prompt_tokens=_sum(completion.prompt_tokens, read),
            completion_tokens=_sum(completion.completion_tokens, written),
            cost=None if completion.cost is None or cost is None else completion.cost + cost,
        )

    def _taken(self) -> tuple[int | None, int | None, Decimal | None]:
        """Return tokens and cost: as it said itself, or estimated where it was interrupted."""
        if self.completion is not None:
            return self.completion.prompt_tokens, self.completion.completion_tokens, self.completion.cost
        if not self.held:
            return 0, 0, Decimal(0)
        texts = [self.prompt.system, *(turn.text for turn in self.prompt.turns)]
        read, written = sum(routing.estimate(text) for text in texts), routing.estimate(self.held)
        if self.leg.where is not Where.ELSEWHERE:
            return read, written, Decimal(0)
        price = self.leg.card.price
        return read, written, price.cost(read, written) if price else None


def _asking(leg: Backend) -> Notice:
    return Notice(f"Asking {leg.card.name}.", leg.card.key)


def _alone(leg: Backend, prompt: Prompt) -> str:
    if leg.card.openness is Openness.OPEN:
        return f"{leg.card.name} was asked alone: no other model can be asked here."
    task = "look at pictures" if any(turn.pictures for turn in prompt.turns) else "do this"
    return f"No open model that can {task} is ready here, so {leg.card.name} answered."


async def _instead(attempt: "_Attempt", second: Backend, egress: Egress, watch: "_Watch") -> AsyncGenerator[Event]:
    """Ask the other one, and say why."""
    first = attempt.leg.card.name
    yield Notice(f"{first} {attempt.reason}; asking {second.card.name}.", second.card.key)
    try:
        async with aclosing(second.complete(attempt.prompt, egress)) as events:
            async for event in events:
                if isinstance(event, Chunk):
                    watch.see(event)
                if isinstance(event, Completion):
                    note = f"{first} {attempt.reason}, so {second.card.name} answered."
                    yield watch.stamp(attempt.add_to(event), note)
                else:
                    yield event
    except ModelError as error:
        if watch.shown_at is not None:
            raise
        failure = error
    else:
        return
    if not attempt.may_still_try:
        text = f"{first} {attempt.reason}. {failure}"
        raise ModelError(
            failure.trouble, text, retry_after=failure.retry_after, detail=failure.detail, model=failure.model
        ) from failure
    async with aclosing(_after_all(attempt, second.card, failure, egress, watch)) as events:
        async for event in events:
            yield event


async def _after_all(
    attempt: "_Attempt", other: ModelCard, failure: ModelError, egress: Egress, watch: "_Watch"
) -> AsyncGenerator[Event]:
    """Ask the one that was passed over for its size: its answer is better than none."""
    first = attempt.leg.card.name
    failed = Declined(other.key, routing.failed(failure.trouble))
    yield Notice(f"{other.name} {failed.reason}; asking {first}.", attempt.leg.card.key)
    async with aclosing(attempt.leg.complete(attempt.prompt, egress)) as events:
        async for event in events:
            if isinstance(event, Chunk):
                watch.see(event)
            if isinstance(event, Completion):
                note = f"{first} {attempt.reason}, but {other.name} {failed.reason}, so {first} answered."
                yield watch.stamp(replace(event, declined=(failed,)), note)
            else:
                yield event


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _card_of(legs: list[Backend]) -> ModelCard:
    """Make the card: all that is shown and decided beforehand, such as money to reserve, is the more of both."""
    cards = [leg.card for leg in legs]
    names = ", then ".join(card.name for card in cards)
    farthest = max(legs, key=lambda leg: _FARTHEST.index(leg.where)).card
    contexts = [card.context for card in cards]
    return replace(
        farthest,
        key=KEY,
        name=f"Hybrid ({names})",
        family="hybrid",
        openness=max((card.openness for card in cards), key=_CLOSEST.index),
        reasons={"access": f"Open first: {names}."},
        tasks=frozenset[object]().union(*(leg.capabilities.tasks for leg in legs)),
        context=None if None in contexts else max(context or 0 for context in contexts),
        parameters=None,
        shape=Shape.CAUSAL,
        images=any(card.images for card in cards),
        provider=" or ".join(dict.fromkeys(who for card in cards if (who := receiver_of(card)))),
    )
