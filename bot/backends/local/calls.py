"""One request on its way through a worker: what is asked, what has come so far, and who waits for it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from bot.backends.base import Chunk, Notice
from bot.backends.local.messages import Begun, Done, Vectors
from bot.errors import ModelError


class Call:
    """What comes is kept until it is taken, as one text however many pieces it came in, and never more than `most`.

    `sent` says whether a worker has it, `shown` whether somebody saw a part of its answer, `tries` how many workers
    died of or with it.
    """

    def __init__(self, number: int, frame: dict[str, Any], most: int) -> None:
        self.number = number
        self.frame = frame
        self.sent = False
        self.shown = False
        self.tries = 0
        self.begun: Begun | None = None
        self.end: Done | Vectors | ModelError | None = None
        self.is_full = False
        self._left = self._most = most
        self._notice = ""
        self._pieces: list[str] = []
        self._news = asyncio.Event()

    def tell(self, notice: str) -> None:
        """Have whoever waits read `notice`; the one before it is forgotten."""
        self._notice = notice
        self._news.set()

    def add(self, text: str) -> None:
        """Take a piece of the answer, as much of it as is allowed; `is_full` when that was all."""
        piece = text[: self._left]
        self._left -= len(piece)
        self.is_full = not self._left
        if piece:
            self._pieces.append(piece)
            self._news.set()

    def finish(self, end: Done | Vectors | ModelError) -> None:
        """Take how it ended; only the first counts."""
        if self.end is None:
            self.end = end
            self._news.set()

    def rewind(self) -> None:
        """Forget what a worker that died had said; only where nothing was shown."""
        self.sent = False
        self.begun = None
        self.is_full = False
        self._left = self._most
        self._pieces.clear()

    async def events(self) -> AsyncGenerator[Chunk | Notice]:
        """Yield what comes until the end.

        Raises:
            ModelError: it failed, before or after chunks.
        """
        while True:
            self._news.clear()
            if self._pieces:
                text = "".join(self._pieces)
                self._pieces.clear()
                self._notice = ""
                self.shown = True
                yield Chunk(text)
            elif self.end is not None:
                if isinstance(self.end, ModelError):
                    raise self.end
                return
            elif self._notice:
                notice, self._notice = self._notice, ""
                yield Notice(notice)
            else:
                await self._news.wait()
