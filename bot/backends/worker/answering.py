"""One request from its first token to its last word."""

import threading
from collections.abc import Callable, Sequence

from bot.backends.worker.outbox import Outbox
from bot.backends.worker.text import Detokeniser, StopFilter
from bot.errors import Trouble


class Answer:
    """The line back to whoever asked one thing. It ends once: by `finish`, `fail` or `cancel`, whichever is first."""

    def __init__(self, request: int, outbox: Outbox, on_end: Callable[["Answer"], None]) -> None:
        self.id = request
        self.tokens = 0
        self._read = 0
        self._outbox = outbox
        self._on_end = on_end
        self._lock = threading.Lock()
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be computed for it."""
        return self._is_over

    @property
    def size(self) -> int:
        """Tokens that are kept in mind for it."""
        return self._read + self.tokens

    def begin(self, prompt_tokens: int, dropped_tokens: int) -> None:
        """Say how much was read and how much of the prompt did not fit."""
        self._read = prompt_tokens
        with self._lock:
            if not self._is_over:
                self._outbox.put(
                    {"is": "begun", "id": self.id, "prompt_tokens": prompt_tokens, "dropped_tokens": dropped_tokens}
                )

    def show(self, text: str) -> None:
        """Send a piece of the answer."""
        with self._lock:
            if text and not self._is_over:
                self._outbox.chunk(self.id, text)

    def vectors(self, vectors: list[list[float]]) -> None:
        """Send what texts mean, and end."""
        self._end({"is": "vectors", "id": self.id, "vectors": vectors})

    def finish(self, finish: str, score: float | None = None) -> None:
        """End as it should."""
        self._end({"is": "done", "id": self.id, "finish": finish, "completion_tokens": self.tokens, "score": score})

    def cancel(self) -> None:
        """End because nobody waits any longer."""
        self.finish("cancelled")

    def fail(self, trouble: Trouble, text: str) -> None:
        """End without an answer, or without the rest of it."""
        self._end({"is": "error", "id": self.id, "kind": trouble.value, "text": text})

    def _end(self, frame: dict[str, object]) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            self._outbox.put(frame)
        self._on_end(self)


class Writer:
    """Takes the tokens of one answer and shows its text, up to a stop text."""

    def __init__(self, answer: Answer, decode: Callable[[list[int]], str], stops: Sequence[str]) -> None:
        self._answer = answer
        self._detokeniser = Detokeniser(decode)
        self._stops = StopFilter(stops)
        self._is_begun = False

    def push(self, token: int) -> bool:
        """Take a token; whether a stop text was reached, so that no more are wanted."""
        self._answer.tokens += 1
        self._show(self._stops.push(self._detokeniser.push(token)))
        return self._stops.is_stopped

    def break_off(self, text: str) -> None:
        """Show what is left of a part, then `text`, before the next part."""
        self._show(self._stops.push(self._detokeniser.flush() + text))

    def finish(self, finish: str) -> None:
        """Show what is left and end."""
        self._show(self._stops.push(self._detokeniser.flush()) + self._stops.flush())
        self._answer.finish("stop" if self._stops.is_stopped else finish)

    def _show(self, text: str) -> None:
        if not self._is_begun:
            text = text.lstrip()
            self._is_begun = bool(text)
        self._answer.show(text)
