"""The body of an answer over HTTP: read bounded, taken apart into events, and given on as text."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import httpx

from bot.backends.answer import Halves, Thoughts
from bot.backends.base import Finish
from bot.backends.flow import Flow
from bot.backends.http import read_some, stream_of
from bot.backends.sse import EventReader, TooLargeError
from bot.backends.troubles import Fault, fault_of
from bot.backends.wire import object_of
from bot.errors import Trouble

LARGEST_WHOLE = 4 << 20
"""Bytes of an answer that comes in one piece, and of a list of models."""
AFTER_END_SECONDS = 5.0
"""How long the counts that follow the last word are waited for."""
AT_ONCE = 16
"""Pieces of one answer that are read before everything else in the bot has its turn."""
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
        self._thoughts: Thoughts | None = None

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Take an event in.

        Raises:
            ValueError: it is not one of this protocol.
        """

    def drain(self) -> str:
        """Return the text that has come, and forget it."""
        text = "".join(self.pieces)
        self.pieces.clear()
        return text

    def _decode(self, data: bytes) -> dict[str, Any]:
        body, halves = object_of(data)
        if halves and self._halves is None:
            self._halves = Halves()
        return body

    def _say(self, text: object) -> None:
        if not isinstance(text, str) or not text:
            return
        if self._halves:
            text = self._halves.whole(text)
        if self._thoughts:
            text = self._thoughts.without(text)
            if self._thoughts.is_done:
                self._thoughts = None
        if text:
            self.pieces.append(text)

    def end(self) -> None:
        """Give what was held back, now that nothing follows."""
        if self._thoughts and (text := self._thoughts.rest()):
            self.pieces.append(text)

    def _fail(self, value: object) -> None:
        """Note an error that came instead of an event."""
        self.fault = fault_of(value)
        self.is_over = True


async def receive(response: httpx.Response, reader: Reader, show: Callable[[str], bool], flow: Flow) -> None:
    """Read an answer to its end; `show` gets the text, and says whether more is wanted.

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
    elif kind == "text/event-stream":
        await _take_events(response, reader, show, flow)
    else:
        raise UnknownKindError
    reader.end()
    if reader.pieces:
        show(reader.drain())


async def _take_events(response: httpx.Response, reader: Reader, show: Callable[[str], bool], flow: Flow) -> None:
    events, pieces = EventReader(), 0
    body = aiter(stream_of(response))
    async for data in body:
        _take(events.feed(data), reader)
        pieces += 1
        if not pieces % AT_ONCE:
            # what is there already is given without a wait, however much it is: others have their turn in between
            await asyncio.sleep(0)
        if reader.pieces and not show(reader.drain()):
            return
        if flow.is_full:
            await flow.room()
        if reader.is_over or reader.finish is not None:
            break
    # once an answer is whole, neither counts that do not come nor a connection that breaks spoil it
    with suppress(TimeoutError, httpx.HTTPError) if reader.finish is not None else nullcontext():
        async with asyncio.timeout(AFTER_END_SECONDS):
            while not reader.is_over and (data := await anext(body, b"")):
                _take(events.feed(data), reader)
    if reader.is_over:
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(REUSE_SECONDS):
                await anext(body, b"")
        return
    with suppress(ValueError):  # it was cut inside
        _take(events.finish(), reader)


def _take(events: list[bytes], reader: Reader) -> None:
    for data in events:
        reader.take(data)
        if reader.is_over:
            return


async def _take_whole(response: httpx.Response, reader: Reader) -> None:
    """Take an answer that came in one piece: of a server that does not stream, or an error with a good status."""
    body, is_whole = await read_some(response, LARGEST_WHOLE)
    if not is_whole:
        raise TooLargeError
    reader.take(body)
    reader.is_over = True
