"""Server-sent events from a body that comes in pieces: bounded, and all that a piece completes at once."""

import re
from collections.abc import Iterator
from typing import ClassVar, cast

import httpx
from httpx_sse import EventSource

LARGEST_EVENT = 1 << 20
"""Bytes of an event; whoever sends more is not answering."""
LARGEST_ANSWER = 32 << 20
"""Bytes of all events, with what reasoning and comments add to the text."""

# the end of an event: an empty line, whichever way lines end
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")
_LONGEST_END = 4
_END = re.compile(rb"\r\n\r\n|\n\r\n|\n\n|\r\r")
_COMMENT = ord(":")
_BOM = b"\xef\xbb\xbf"


class TooLargeError(Exception):
    """More came than is taken: of one event, or in all."""


class EventReader:
    """Takes bytes as they come and gives the data of the events that they complete (names add nothing to it).

    Bytes are held until their event is whole, so a character that two pieces share stays in one piece.
    """

    def __init__(self, largest: int = LARGEST_EVENT, most: int = LARGEST_ANSWER) -> None:
        self._largest = largest
        self._left = most
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes.

        Raises:
            TooLargeError: an event, or all of them, have more bytes than allowed.
        """
        self._left -= len(data)
        # most pieces are one whole event or several
        if self._held or not data.endswith(b"\n\n"):
            data = self._cut(data)
        if self._left < 0 or len(self._held) > self._largest:
            raise TooLargeError
        if len(data) > self._largest and any(len(event) > self._largest for event in _END.split(data)):
            raise TooLargeError
        return _events(data) if data else []

    def finish(self) -> list[bytes]:
        """Return the event that lacks the empty line after it because the body ended, as some servers leave it."""
        rest, self._held = bytes(self._held), bytearray()
        return _events(rest + b"\n\n") if rest.strip() else []

    def _cut(self, data: bytes) -> bytes:
        """Return the whole events; the rest is held."""
        # a large event in many pieces would be searched and copied again with each: only what is new can end it
        held = self._held
        start = max(0, len(held) - _LONGEST_END + 1)
        held += data
        end = max(at + len(mark) if (at := held.rfind(mark, start)) >= 0 else 0 for mark in _ENDS)
        whole = bytes(held[:end])
        del held[:end]
        return whole


def _events(whole: bytes) -> list[bytes]:
    if b"\r" in whole:
        whole = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found: list[bytes] = []
    for event in whole.split(b"\n\n"):
        # what servers of models send nearly always; httpx-sse knows the rest of the grammar, at four times the cost
        if event.startswith(b"data: ") and b"\n" not in event:
            found.append(event[6:])
        elif event.startswith(b"event: ") and event.count(b"\n") == 1 and (at := event.find(b"\ndata: ")) > 0:
            found.append(event[at + 7 :])
        elif event and (event[0] != _COMMENT or b"\n" in event):
            found += _parse(event + b"\n\n")
    return found


def _parse(whole: bytes) -> Iterator[bytes]:
    text = whole.removeprefix(_BOM).decode("utf-8", "replace")
    for event in EventSource(cast("httpx.Response", _Piece(text))).iter_sse():
        yield event.data.encode()


class _Piece:
    """Whole events as the body of a response, which is what httpx-sse reads from."""

    headers: ClassVar[dict[str, str]] = {"content-type": "text/event-stream"}

    def __init__(self, text: str) -> None:
        self._text = text

    def iter_text(self) -> Iterator[str]:
        """Give the text."""
        yield self._text
