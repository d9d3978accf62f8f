"""Server-sent events from a body that comes in pieces: bounded, and all that a piece completes at once."""

import re
from collections.abc import Iterator
from typing import ClassVar, cast

import httpx
from httpx_sse import EventSource, ServerSentEvent

LARGEST_EVENT = 1 << 20
"""Bytes of an event; whoever sends more is not answering."""
LARGEST_ANSWER = 64 << 20
"""Bytes of all events, with what reasoning and comments add to the text."""

# the end of an event: an empty line, whichever way lines end
_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")
_LONGEST_END = 4
_END = re.compile(rb"\r\n\r\n|\n\r\n|\n\n|\r\r")


class TooLargeError(Exception):
    """More came than is taken: of one event, or in all."""


class EventReader:
    """Takes bytes as they come and gives the events that they complete.

    Bytes are held until their event is whole, so a character that two pieces share stays in one piece.
    """

    def __init__(self, largest: int = LARGEST_EVENT, most: int = LARGEST_ANSWER) -> None:
        self._largest = largest
        self._left = most
        self._held = b""
        self._begun = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take the next bytes.

        Raises:
            TooLargeError: an event, or all of them, have more bytes than allowed.
        """
        self._left -= len(data)
        whole, self._held = self._cut(data)
        if (
            self._left < 0
            or len(self._held) > self._largest
            or (len(whole) > self._largest and self._has_too_large(whole))
        ):
            raise TooLargeError
        return self._parse(whole) if whole else []

    def finish(self) -> list[ServerSentEvent]:
        """Return the event that lacks the empty line after it because the body ended, as some servers leave it."""
        rest, self._held = self._held, b""
        return self._parse(rest + b"\n\n") if rest.strip() else []

    def _cut(self, data: bytes) -> tuple[bytes, bytes]:
        held = self._held
        # most pieces are one whole event or several
        if not held and data.endswith(_ENDS):
            return data, b""
        # a large event in many pieces would be searched again with each: only what is new can end it
        start = max(0, len(held) - _LONGEST_END + 1)
        joined = held + data
        end = max((joined.rfind(mark, start) + len(mark) for mark in _ENDS if mark in joined[start:]), default=0)
        return joined[:end], joined[end:]

    def _has_too_large(self, whole: bytes) -> bool:
        return any(len(event) > self._largest for event in _END.split(whole))

    def _parse(self, whole: bytes) -> list[ServerSentEvent]:
        text = whole.decode("utf-8", "replace")
        if not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return list(EventSource(cast("httpx.Response", _Piece(text))).iter_sse())


class _Piece:
    """Whole events as the body of a response, which is what httpx-sse reads from."""

    headers: ClassVar[dict[str, str]] = {"content-type": "text/event-stream"}

    def __init__(self, text: str) -> None:
        self._text = text

    def iter_text(self) -> Iterator[str]:
        """Give the text."""
        yield self._text
