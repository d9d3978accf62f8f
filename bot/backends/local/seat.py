"""One model's place in the pool: its worker while there is one, everybody who waits for it, and what went wrong."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bot.backends.base import Health, State
from bot.backends.local import words
from bot.backends.local.calls import Call
from bot.backends.local.child import Child
from bot.backends.local.life import Died, Life, Phase, Refused
from bot.backends.local.messages import Ready
from bot.backends.local.options import LocalOptions
from bot.backends.local.weights import Weights, find_weights, needed_mb
from bot.catalog import ModelCard
from bot.clock import Clock
from bot.errors import ModelError, Trouble

_LASTING = {Trouble.WEIGHTS, Trouble.NOT_CONFIGURED}

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no worker is started before `until` (by the steady clock)."""

    error: ModelError
    until: float


class Seat:
    """Starts a worker when somebody asks, keeps it while they do and for a while after, and starts it again.

    `room` waits until a worker of so many MB may be started and returns how many it may take at most; `changed` is
    called when that may have become true for others. While others wait for memory, `wanted_since` is the number of the
    first request that has to wait for them in turn.
    """

    def __init__(
        self,
        card: ModelCard,
        options: LocalOptions,
        room: "Callable[[Seat, int], Awaitable[int]]",
        changed: Callable[[], None],
        wanted_since: Callable[[], float],
        clock: Clock,
    ) -> None:
        self.card = card
        self.calls: dict[int, Call] = {}
        self.granted_mb = 0
        self.last_used = 0.0
        self.pid: int | None = None
        self._options = options
        self._room = room
        self._changed = changed
        self._wanted_since = wanted_since
        self._clock = clock
        self._life: Life | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._deaths: deque[float] = deque()
        self._fault: Fault | None = None
        self._share: float | None = None
        self._notice = ""
        self._known_mb: int | None = None
        self._details: dict[str, str] = {}
        self._closing = False

    @property
    def is_evictable(self) -> bool:
        """Whether it holds memory, and nobody is being answered or has a right to be before those who wait for it."""
        if self._life is None or self._life.phase is not Phase.READY:
            return False
        return not any(call.sent or self._may_send(call) for call in self.calls.values())

    def add(self, call: Call) -> None:
        """Take a request.

        Raises:
            ModelError: the bot is stopping, the model is in trouble, or too many wait for it.
        """
        if self._closing:
            raise words.stopping(self.card)
        if self._fault and self._fault.until > time.monotonic():
            raise _copy(self._fault.error)
        if len(self.calls) >= self._options.most_waiting:
            raise words.trouble(self.card, Trouble.BUSY)
        self.calls[call.number] = call
        if self._idle:
            self._idle.cancel()
            self._idle = None
        if self._life:
            self._life.submit(call)
        if self._notice:
            call.tell(self._notice)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tend(), name=f"local-{self.card.key}")

    def drop(self, call: Call) -> None:
        """Forget a request, done or not; a worker that still has it is told."""
        if self.calls.pop(call.number, None) is None:
            return
        self.last_used = time.monotonic()
        if self._life:
            if call.end is None:
                self._life.cancel(call)
            self._rest_later()
        self._changed()

    def rest(self) -> None:
        """Stop the worker; whoever asks next starts it again."""
        if self._life:
            self._life.rest()

    def wake(self) -> None:
        """Look again whether the worker may be given more."""
        if self._life:
            self._life.wake()

    def health(self) -> Health:
        """Say how it is."""
        now = time.monotonic()
        if self._fault and self._fault.until > now:
            error = self._fault.error
            state = State.MISSING if error.trouble in _LASTING else State.TROUBLED
            return Health(state, f"{error.detail or error}; tried again in {round(self._fault.until - now)} s")
        if self._life and self._life.phase is Phase.READY:
            now_has = {"memory": f"{self._life.memory_mb:.0f} MB", "answering": str(self._life.running)}
            return Health(State.READY, details=self._details | now_has)
        if self._task and not self._task.done():
            share = f" ({words.percent(self._share)})" if self._share is not None else ""
            return Health(State.ASLEEP, "loading" + share)
        return Health(State.ASLEEP, words.ASLEEP)

    async def close(self) -> None:
        """Tell everybody, end the worker, whatever it is doing."""
        self._closing = True
        if self._idle:
            self._idle.cancel()
        self._fail_all(words.stopping(self.card))
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _rest_later(self) -> None:
        if not self.calls and self._idle is None:
            self._idle = asyncio.get_running_loop().call_later(self._options.idle_seconds, self.rest)

    async def _tend(self) -> None:
        """Start worker after worker, as long as somebody waits when one has ended."""
        while self.calls:
            try:
                await self._one_life()
            except Died as death:
                self._mourn(str(death), time.monotonic())
            except Refused as refusal:
                self._give_up(words.trouble(self.card, refusal.kind, refusal.detail), self._options.patience.load_again)
            except ModelError as error:
                self._give_up(error, self._options.patience.load_again)
            except Exception:
                log.exception("a local model cannot be looked after", model=self.card.key)
                self._give_up(words.trouble(self.card, Trouble.WORKER_DIED), self._options.patience.load_again)

    async def _one_life(self) -> None:
        weights = await asyncio.to_thread(find_weights, self.card, self._options)
        if weights is None:
            raise words.trouble(self.card, Trouble.WEIGHTS)
        self.tell(words.starting(self.card))
        child: Child | None = None
        grace = 0.0
        try:
            bound = await self._room(self, self._known_mb or needed_mb(self.card, weights))
            if not self.calls:
                return
            self.tell(words.starting(self.card))
            child = await self._start()
            self.pid = child.pid
            log.info("a local model is started", model=self.card.key, pid=child.pid)
            self._life = Life(
                self.card, child, self.calls, self._options.patience, self._told, self._is_there, self._may_send
            )
            for call in self.calls.values():
                self._life.submit(call)
            await self._life.run(self._load_frame(weights, bound), bound)
            grace = self._options.patience.stop
        finally:
            self._life = None
            if self._idle:
                self._idle.cancel()
                self._idle = None
            self._notice = ""
            self._share = None
            if child:
                await child.end(grace)
                log.info("a local model is stopped", model=self.card.key, pid=child.pid)
            self.pid = None
            self.granted_mb = 0
            self._changed()

    async def _start(self) -> Child:
        try:
            return await Child.start(self._options)
        except OSError as error:
            raise Died(f"it cannot be started: {type(error).__name__}") from None

    def _load_frame(self, weights: Weights, bound: int) -> dict[str, Any]:
        return {
            "do": "load",
            "weights": weights.frame(),
            "shape": self.card.shape.value,
            "device": self._options.device,
            "threads": self._options.threads,
            "memory_mb": bound,
            "cache": str(self._options.models_dir.resolve()),
            "context": self.card.context,
            "max_batch_tokens": None,
        }

    def _told(self, what: str, share: float | None) -> None:
        self.tell(words.doing(self.card, what, share), share)

    def _is_there(self, ready: Ready) -> None:
        self._notice = ""
        self._share = None
        self._known_mb = round(ready.memory_mb) or None
        self._details = {"device": ready.device, "since": self._clock().isoformat(timespec="seconds")}
        if ready.context:
            self._details["context"] = str(ready.context)
        self._rest_later()
        self._changed()
        self.wake()

    def _may_send(self, call: Call) -> bool:
        return call.number < self._wanted_since()

    def tell(self, notice: str, share: float | None = None) -> None:
        """Have everybody who waits, and who comes until it is ready, read `notice`."""
        self._notice = notice
        self._share = share
        for call in self.calls.values():
            call.tell(notice)

    def _mourn(self, detail: str, now: float) -> None:
        """After a death: who saw nothing yet is served by the next worker, once; the others are told."""
        patience = self._options.patience
        log.warning("a local model's worker died", model=self.card.key, reason=detail, waiting=len(self.calls))
        self._deaths.append(now)
        while self._deaths and self._deaths[0] < now - patience.death_window:
            self._deaths.popleft()
        if len(self._deaths) >= patience.deaths:
            self._give_up(words.leave_alone(self.card, patience.cool_down, detail), patience.cool_down)
            return
        for call in list(self.calls.values()):
            if call.shown or call.tries:
                self._fail(call, words.trouble(self.card, Trouble.WORKER_DIED, detail))
            elif call.end is None:
                call.tries += call.sent
                call.rewind()
                call.tell(words.again(self.card))

    def _give_up(self, error: ModelError, seconds: float) -> None:
        log.warning("a local model gives no answers", model=self.card.key, trouble=error.trouble, reason=error.detail)
        self._fault = Fault(error, time.monotonic() + seconds)
        self._fail_all(error)

    def _fail_all(self, error: ModelError) -> None:
        for call in list(self.calls.values()):
            self._fail(call, _copy(error))

    def _fail(self, call: Call, error: ModelError) -> None:
        call.finish(error)
        self.calls.pop(call.number, None)


def _copy(error: ModelError) -> ModelError:
    """Return an error of its own for each who is told: whoever raises one writes into it."""
    return ModelError(error.trouble, str(error), retry_after=error.retry_after, detail=error.detail, model=error.model)
