"""What every way of computing answers has in common."""

import threading
import time
from typing import Protocol

from bot.backends.worker.answering import Answer
from bot.backends.worker.messages import Embed, Generate


class Engine(Protocol):
    """Computes answers, several at once, on threads of its own."""

    def start(self) -> None:
        """Begin to work."""
        ...

    def submit(self, request: Generate | Embed, answer: Answer) -> None:
        """Take a request; its answer is ended sooner or later."""
        ...

    def wake(self) -> None:
        """Notice that an answer has been ended from outside."""
        ...

    @property
    def running(self) -> int:
        """How many requests are being worked on or wait."""
        ...

    def shed(self) -> Answer | None:
        """Return the request whose end would free most memory; None when there is none."""
        ...


class Heart:
    """Knows when the model's loop last made progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.monotonic()

    def beat(self) -> None:
        """Say that there was progress."""
        with self._lock:
            self._last = time.monotonic()

    def silence(self) -> float:
        """Return seconds since there was progress."""
        with self._lock:
            return time.monotonic() - self._last
