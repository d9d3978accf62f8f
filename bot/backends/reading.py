"""The body of an answer over HTTP: read bounded, taken apart into events, and given on as text."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
from httpx_sse import ServerSentEvent

from bot.backends.answer import Halves
from bot.backends.base import Finish
from bot.backends.http import read_some, stream_of
from bot.backends.sse import EventReader, TooLargeError
from bot.backends.troubles import Fault, fault_of
from bot.backends.wire import object_of
from bot.errors import Trouble

LARGEST_WHOLE = 4 << 20
"""Bytes of an answer that comes in one piece, and of a list of models."""
AFTER_END_SECONDS = 5.0
"""How long the counts that follow the last word are waited for."""
REUSE_SECONDS = 0.2
"""How long the end of a body is waited for, so that its connection can be used again."""


class UnknownKindError(Exception):
    """A body is neither events nor JSON, such as a page for people."""


class Reader:
    """Understands one protocol's events. `pieces` is text that has come and was not taken yet."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.finish: Finish | None = None
        self.is_over = False
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.stopped_by = Trouble.FILTERED
        """What it was if it was stopped before a word came."""
        self.fault: Fault | None = None
        self._halves: Halves | None = None

    @abstractmethod
    def take(self, event: ServerSentEvent) -> None:
        """Take an event in.

        Raises:
            ValueError: it is not one of this protocol.
        """

    def drain(self) -> str:
        """Return the text that has come, and forget it."""
        text = "".join(self.pieces)
        self.pieces.clear()
        return text

    def _decode(self, data: str) -> dict[str, Any]:
        body, halves = object_of(data)
        if halves and self._halves is None:
            self._halves = Halves()
        return body

    def _say(self, text: object) -> None:
        if isinstance(text, str) and text:
            self.pieces.append(self._halves.whole(text) if self._halves else text)

    def _fail(self, value: object) -> None:
        """Note an error that came instead of an event."""
        self.fault = fault_of(value)
        self.is_over = True


async def text_of(response: httpx.Response, reader: Reader) -> AsyncGenerator[str]:
    """Yield the text of an answer: all that one read brought is one piece.

    Raises:
        TooLargeError: more came than may.
        UnknownKindError: it is something else.
        ValueError: an event is malformed.
        httpx.HTTPError: the connection failed before the answer's end.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnknownKindError
    if kind == "application/json":
        await _take_whole(response, reader)
    elif kind != "text/event-stream":
        raise UnknownKindError
    else:
        events = EventReader()
        body = aiter(stream_of(response))
        while data := await _next(body, reader):
            _take(events.feed(data), reader)
            if reader.pieces:
                yield reader.drain()
            if reader.is_over:
                await _let_end(body)
                return
        with suppress(ValueError):  # it was cut inside
            _take(events.finish(), reader)
    if reader.pieces:
        yield reader.drain()


def _take(events: list[ServerSentEvent], reader: Reader) -> None:
    for event in events:
        reader.take(event)
        if reader.is_over:
            return


async def _take_whole(response: httpx.Response, reader: Reader) -> None:
    """Take an answer that came in one piece: of a server that does not stream, or an error with a good status."""
    body, is_whole = await read_some(response, LARGEST_WHOLE)
    if not is_whole:
        raise TooLargeError
    reader.take(ServerSentEvent(data=body.decode("utf-8", "replace")))
    reader.is_over = True


async def _next(body: AsyncIterator[bytes], reader: Reader) -> bytes:
    """Return the next bytes; none at the end, and when an answer is whole and only its counts do not come."""
    if reader.finish is None:
        return await anext(body, b"")
    try:
        async with asyncio.timeout(AFTER_END_SECONDS):
            return await anext(body, b"")
    except (TimeoutError, httpx.HTTPError):
        return b""


async def _let_end(body: AsyncIterator[bytes]) -> None:
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(REUSE_SECONDS):
            await anext(body, b"")
