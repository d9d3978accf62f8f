"""One worker from its first frame to its last: it loads, answers, is pinged, and is killed when it is wedged."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from enum import Enum, auto
from typing import Any

from bot.backends.frames import FrameError
from bot.backends.local import messages, words
from bot.backends.local.calls import Call
from bot.backends.local.child import Child
from bot.backends.local.options import Patience
from bot.catalog import ModelCard
from bot.errors import Trouble

_MOST_STRAY = 1_000_000
"""Characters that a worker may send for requests that nobody waits for any more."""
_MB_OVER = 1.5
"""By how much a worker may be over its bound, which it heeds itself, before it is killed."""


class Died(Exception):  # noqa: N818 - it is news, and never leaves this package
    """The worker has ended, or had to be ended; the text is for the operator."""


class Refused(Exception):  # noqa: N818
    """The worker says that it cannot do it at all, and why."""

    def __init__(self, kind: Trouble, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Phase(Enum):
    """How far a worker is."""

    LOADING = auto()
    READY = auto()
    RESTING = auto()


class Life:
    """Bound to one child. `calls` are everybody's who wait for this model; those it was given are `sent`.

    `told` hears what it does while it loads, and how far it is, `is_there` that it is ready; `may_send` says whether
    it may be given a request now.
    """

    def __init__(
        self,
        card: ModelCard,
        child: Child,
        calls: Mapping[int, Call],
        patience: Patience,
        told: Callable[[str, float | None], None],
        is_there: Callable[[messages.Ready], None],
        may_send: Callable[[Call], bool],
    ) -> None:
        self._card = card
        self._child = child
        self._calls = calls
        self._patience = patience
        self._told = told
        self._is_there = is_there
        self._may_send = may_send
        self._to_send: deque[Call] = deque()
        self._wake = asyncio.Event()
        self._rest = asyncio.Event()
        self._heard = asyncio.Event()
        self._is_ready = asyncio.Event()
        self._answered = asyncio.Event()
        self._pong: messages.Pong | None = None
        self._pings = 0
        self._stray = 0
        self.phase = Phase.LOADING
        self.ready = messages.Ready()
        self.memory_mb = 0.0

    async def run(self, load: dict[str, Any], bound_mb: float) -> None:
        """Load, then answer until `rest` is called.

        Raises:
            Died: it ended by itself, was killed by somebody, or had to be killed.
            Refused: the model cannot be loaded, or takes more memory than `bound_mb`.
        """
        self._child.send(load)
        works: list[Coroutine[Any, Any, None]] = [
            self._listen(),
            self._wait_until_ready(),
            self._hand_out(),
            self._watch(bound_mb),
            self._wait_for_rest(),
        ]
        tasks = [asyncio.create_task(work, name=f"worker-{self._child.pid}") for work in works]
        tasks_that_end = {tasks[1]}
        try:
            pending = set(tasks)
            while True:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                # what it said last explains more than what somebody else noticed about it
                for task in (task for task in tasks if task in done):
                    task.result()
                if done - tasks_that_end:
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, call: Call) -> None:
        """Give it a request, now or as soon as it is ready."""
        self._to_send.append(call)
        self.wake()

    def wake(self) -> None:
        """Look again whether there is something to give it."""
        self._wake.set()

    def cancel(self, call: Call) -> None:
        """Tell it that nobody waits for a request any more."""
        if call.sent and self.phase is Phase.READY:
            self._child.send({"do": "cancel", "id": call.number})

    def rest(self) -> None:
        """Have `run` return."""
        self.phase = Phase.RESTING
        self._rest.set()

    @property
    def running(self) -> int:
        """How many requests it worked on when it was pinged last."""
        return self._pong.running if self._pong else 0

    async def _wait_for_rest(self) -> None:
        await self._rest.wait()

    async def _listen(self) -> None:
        try:
            async with aclosing(self._child.frames()) as frames:
                async for frame in frames:
                    self._hear(messages.read(frame))
        except FrameError as error:
            raise Died(str(error)) from None
        raise Died(await self._child.how_it_died())

    def _hear(self, said: messages.Said) -> None:  # noqa: C901, PLR0912 - one branch for each thing that is said
        self._heard.set()
        match said:
            case messages.Text(number, text):
                if call := self._calls.get(number):
                    call.add(text)
                    if call.is_full:
                        call.finish(messages.Done(number, "length"))
                        self.cancel(call)
                else:
                    self._stray += len(text)
                    if self._stray > _MOST_STRAY:
                        raise Died("it goes on answering what nobody asks any more")
            case messages.Begun(number):
                if call := self._calls.get(number):
                    call.begun = said
            case messages.Done(number) | messages.Vectors(number):
                if call := self._calls.get(number):
                    call.finish(said)
                else:
                    self._stray = 0
            case messages.Pong():
                self._pong = said
                self.memory_mb = said.memory_mb or self.memory_mb
                self._answered.set()
            case messages.Progress(what, done, of):
                self._told(what, done / of if of > 0 else None)
            case messages.Ready():
                self.ready = said
                self.memory_mb = said.memory_mb
                if self.phase is Phase.LOADING:
                    self.phase = Phase.READY
                self._is_ready.set()
                self._is_there(said)
            case messages.Downloaded():
                raise Died("it fetched what it was not asked for")
            case messages.Failed(None, Trouble.WORKER_DIED.value):
                raise Died(said.text)
            case messages.Failed(None):
                raise Refused(messages.trouble_of(said.kind), said.text)
            case messages.Failed(number):
                if call := self._calls.get(number or 0):
                    call.finish(words.trouble(self._card, messages.trouble_of(said.kind), said.text))

    async def _wait_until_ready(self) -> None:
        while not self._is_ready.is_set():
            self._heard.clear()
            try:
                async with asyncio.timeout(self._patience.load_silence):
                    await self._heard.wait()
            except TimeoutError:
                self._child.kill()
                raise Died("it stopped loading") from None

    async def _hand_out(self) -> None:
        await self._is_ready.wait()
        while True:
            self._wake.clear()
            while self._to_send and self.phase is Phase.READY and self._may_send(self._to_send[0]):
                call = self._to_send.popleft()
                if call.number in self._calls and call.end is None:
                    call.sent = True
                    self._child.send(call.frame | {"id": call.number})
                    await self._child.drained()
            await self._wake.wait()

    async def _watch(self, bound_mb: float) -> None:
        """Ping it, more often while it works; kill it when it does not answer, or its model stands still."""
        await self._is_ready.wait()
        over = 0
        while True:
            busy = any(call.sent for call in self._calls.values())
            await self._pause(self._patience.ping_every if busy else self._patience.ping_idle)
            pong = await self._ping()
            if pong is None:
                self._child.kill()
                raise Died("it did not answer a ping")
            if pong.stuck_seconds > self._patience.stuck:
                self._child.kill()
                raise Died(f"its model stood still for {pong.stuck_seconds:.0f} s")
            over = over + 1 if pong.memory_mb > bound_mb * _MB_OVER else 0
            if over > 1:
                self._child.kill()
                raise Refused(Trouble.NO_MEMORY, f"it took {pong.memory_mb:.0f} MB of {bound_mb:.0f}")

    async def _pause(self, seconds: float) -> None:
        """Wait; less long when it is given work meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            await asyncio.sleep(min(left, self._patience.ping_every))
            if any(call.sent for call in self._calls.values()):
                return

    async def _ping(self) -> messages.Pong | None:
        self._pings += 1
        self._answered.clear()
        self._child.send({"do": "ping", "id": self._pings})
        # the second look is for a loop that was held up itself: its time may be over before what came is read
        for seconds in (self._patience.pong, min(1.0, self._patience.pong)):
            try:
                async with asyncio.timeout(seconds):
                    await self._answered.wait()
            except TimeoutError:
                continue
            return self._pong
        return None
