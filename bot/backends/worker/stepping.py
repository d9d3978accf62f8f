"""Several requests served in turns: one small step of each, then the next round.

For every model that the batching of transformers does not take. A request is a generator that yields after each piece
of work that takes well under a second, so that one that is no longer wanted costs nothing more from then on.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass

from bot.backends.worker.answering import Answer
from bot.backends.worker.engine import Heart
from bot.backends.worker.libraries import torch
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.trouble import as_worker_error, is_no_memory
from bot.errors import Trouble

Steps = Generator[None]
Start = Callable[[Generate | Embed, Answer], Steps]

AT_ONCE = 16
"""So many requests are served in turns; more wait in line, for each holds memory."""


@dataclass(slots=True, eq=False)
class _Running:
    steps: Steps
    answer: Answer


class SteppingEngine:
    """Runs generators in turns on one thread."""

    def __init__(self, begin: Start, heart: Heart, at_once: int = AT_ONCE) -> None:
        self._begin = begin
        self._heart = heart
        self._at_once = at_once
        self._waiting: deque[_Running] = deque()
        self._active: list[_Running] = []
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to work."""
        threading.Thread(target=self._run, name="steps", daemon=True).start()

    def submit(self, request: Generate | Embed, answer: Answer) -> None:
        """Take a request."""
        with self._changed:
            if not self._active and not self._waiting:
                self._heart.beat()
            self._waiting.append(_Running(self._begin(request, answer), answer))
            self._changed.notify_all()

    def wake(self) -> None:
        """Notice that an answer has been ended from outside."""
        with self._changed:
            self._changed.notify_all()

    @property
    def running(self) -> int:
        """How many requests are being worked on or wait."""
        with self._changed:
            return sum(not one.answer.is_over for one in (*self._active, *self._waiting))

    def shed(self) -> Answer | None:
        """Return the largest request that is worked on, the last that came among equals."""
        with self._changed:
            active = [one.answer for one in self._active if not one.answer.is_over]
        return max(reversed(active), key=lambda answer: answer.size) if active else None

    def _run(self) -> None:
        with torch.inference_mode():
            while True:
                for one in self._round():
                    self._step(one)

    def _round(self) -> list[_Running]:
        """Wait for work; return those whose turn it is, without those that are over."""
        with self._changed:
            while True:
                for one in self._active:
                    if one.answer.is_over:
                        one.steps.close()
                self._active = [one for one in self._active if not one.answer.is_over]
                while self._waiting and len(self._active) < self._at_once:
                    one = self._waiting.popleft()
                    if not one.answer.is_over:
                        self._active.append(one)
                if self._active:
                    return list(self._active)
                self._changed.wait()

    def _step(self, one: _Running) -> None:
        if one.answer.is_over:
            return
        try:
            next(one.steps)
        except StopIteration:
            one.answer.fail(Trouble.EMPTY, "the model ended without an answer")
        except Exception as error:  # noqa: BLE001 - one request's fault is not the others'
            failed = as_worker_error(error)
            kind = Trouble.NO_MEMORY if is_no_memory(error) else failed.trouble
            one.answer.fail(kind, str(failed))
        self._heart.beat()
