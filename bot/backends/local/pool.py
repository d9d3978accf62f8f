"""All workers together: one for each model that is asked, as many at a time as fit into the memory that is allowed."""

import asyncio
import itertools
import math
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from decimal import Decimal
from typing import Any

from bot.backends.base import Chunk, Completion, Event, Finish, Health, Prompt, State
from bot.backends.local import words
from bot.backends.local.calls import Call
from bot.backends.local.messages import Done, Vectors
from bot.backends.local.options import LocalOptions
from bot.backends.local.seat import Seat
from bot.backends.local.weights import find_weights, missing_modules, what_is_missing
from bot.catalog import ModelCard, Where
from bot.clock import Clock, utc_now
from bot.errors import Trouble

CHARACTERS_A_TOKEN = 16
"""An answer is cut where it has more characters than this for each token that was allowed."""
_MOST_TEXTS = 64
_GRANT = 1.5
_SPARE_MB = 512


class WorkerPool:
    """Starts workers when they are needed and stops those that are not; nobody else does."""

    def __init__(self, options: LocalOptions, clock: Clock = utc_now) -> None:
        self._options = options
        self._clock = clock
        self._seats: dict[str, Seat] = {}
        self._numbers = itertools.count(1)
        # who waits for memory: since which number, and what wakes them
        self._line: dict[Seat, tuple[int, asyncio.Event]] = {}
        self._closed = False
        # packages do not go away while the bot runs, and looking for them takes a while
        self._has_modules = False

    @property
    def pids(self) -> dict[str, int]:
        """The processes that run, by their cards' keys."""
        return {key: seat.pid for key, seat in self._seats.items() if seat.pid is not None}

    async def generate(self, card: ModelCard, prompt: Prompt) -> AsyncGenerator[Event]:
        """Answer `prompt`; closing the generator takes the request back, wherever it is.

        Raises:
            ModelError: no answer, or not all of it.
        """
        began = time.monotonic()
        first: float | None = None
        pieces: list[str] = []
        most = max(1, prompt.max_tokens) * CHARACTERS_A_TOKEN
        call = Call(next(self._numbers), _generate_frame(prompt), most)
        seat = self._take(card, call)
        try:
            async with aclosing(call.events()) as events:
                async for event in events:
                    if isinstance(event, Chunk):
                        first = time.monotonic() - began if first is None else first
                        pieces.append(event.text)
                    yield event
        finally:
            seat.drop(call)
        done = call.end
        if not isinstance(done, Done) or done.finish == "cancelled":
            raise words.trouble(card, Trouble.MALFORMED, "the worker gave up a request that was not taken back")
        text = "".join(pieces)
        if not text.strip():
            raise words.empty(card)
        yield Completion(
            text=text,
            model=card.key,
            where=Where.WORKER,
            finish=Finish(done.finish),
            prompt_tokens=call.begun.prompt_tokens if call.begun else None,
            completion_tokens=done.completion_tokens,
            first_token_seconds=first,
            seconds=time.monotonic() - began,
            cost=Decimal(0),
            dropped_tokens=call.begun.dropped_tokens if call.begun else 0,
            score=done.score,
        )

    async def embed(self, card: ModelCard, texts: Sequence[str]) -> list[list[float]]:
        """Return the meaning of each text as a vector.

        Raises:
            ModelError: the model measures no meaning, or failed.
        """
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _MOST_TEXTS):
            some = list(texts[start : start + _MOST_TEXTS])
            call = Call(next(self._numbers), {"do": "embed", "texts": some}, 1)
            seat = self._take(card, call)
            try:
                async with aclosing(call.events()) as events:
                    async for _ in events:
                        pass
            finally:
                seat.drop(call)
            if not isinstance(call.end, Vectors) or len(call.end.vectors) != len(some):
                raise words.trouble(card, Trouble.MALFORMED, "the worker gave no vectors")
            vectors += call.end.vectors
        return vectors

    def health(self, card: ModelCard) -> Health:
        """Say how a model is, without starting anything."""
        if self._missing():
            return Health(State.MISSING, words.INSTALL)
        seat = self._seats.get(card.key)
        if seat is not None and seat.pid is not None:
            return seat.health()
        if find_weights(card, self._options) is None:
            return Health(State.MISSING, what_is_missing(card))
        return seat.health() if seat else Health(State.ASLEEP, words.ASLEEP)

    async def close(self) -> None:
        """Stop every worker, whatever it is doing; who still waits is told."""
        self._closed = True
        await asyncio.gather(*(seat.close() for seat in self._seats.values()))

    def _missing(self) -> list[str]:
        missing = [] if self._has_modules else missing_modules(self._options)
        self._has_modules = not missing
        return missing

    def _take(self, card: ModelCard, call: Call) -> Seat:
        if self._closed:
            raise words.stopping(card)
        if missing := self._missing():
            raise words.trouble(card, Trouble.NOT_CONFIGURED, f"{' and '.join(missing)} not found: {words.INSTALL}")
        seat = self._seats.get(card.key)
        if seat is None:
            seat = Seat(card, self._options, self._room, self._changed, self._wanted_since, self._clock)
            self._seats[card.key] = seat
        seat.add(call)
        return seat

    async def _room(self, seat: Seat, need: int) -> int:
        """Wait until a worker of `need` MB may be started, or nobody asks for it any more.

        Those that rest make room, the longest unused first.
        """
        allowed = self._options.memory_mb
        if need > allowed:
            raise words.too_large(seat.card, need, allowed)
        news = asyncio.Event()
        self._line[seat] = next(self._numbers), news
        try:
            while True:
                news.clear()
                others = [other for other in self._seats.values() if other is not seat and other.granted_mb]
                free = allowed - sum(other.granted_mb for other in others)
                is_first = next(iter(self._line)) is seat
                if not seat.calls or (is_first and free >= need):
                    seat.granted_mb = min(free, round(need * _GRANT) + _SPARE_MB)
                    return seat.granted_mb
                resting = [other for other in others if other.is_evictable]
                if is_first and resting:
                    min(resting, key=lambda other: other.last_used).rest()
                else:
                    seat.tell(words.waiting(seat.card))
                await news.wait()
        finally:
            del self._line[seat]
            self._changed()

    def _changed(self) -> None:
        """Have everybody look again: those who wait for memory, and those who may send again."""
        for _, news in self._line.values():
            news.set()
        for seat in self._seats.values():
            seat.wake()

    def _wanted_since(self) -> float:
        return min((number for number, _ in self._line.values()), default=math.inf)


def _generate_frame(prompt: Prompt) -> dict[str, Any]:
    return {
        "do": "generate",
        "turns": [{"role": turn.role, "text": turn.text} for turn in prompt.turns],
        "system": prompt.system,
        "passage": prompt.passage,
        "question": prompt.question,
        "language": prompt.language,
        "task": prompt.task.value,
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "stop": list(prompt.stop),
        "seed": prompt.seed,
    }
