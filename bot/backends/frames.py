"""Frames between the bot and its worker: four bytes of length (big-endian), then one JSON object in UTF-8.

`encode` and `Decoder` only process data; the rest are their ends, for asyncio in the bot and blocking in the child.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from typing import Any, cast

import orjson

Frame = dict[str, Any]

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 16 * 1024 * 1024
_READ_BYTES = 64 * 1024


class FrameError(Exception):
    """What came is no frame, or what is to go does not fit into one; the connection is of no further use."""


def encode(frame: Mapping[str, Any]) -> bytes:
    """Return `frame` as it travels.

    Halves of surrogate pairs, which UTF-8 cannot carry, become question marks.

    Raises:
        FrameError: it is too large.
    """
    try:
        body = orjson.dumps(frame)
    except TypeError:
        body = json.dumps(frame, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {len(body)} bytes is over the {MAX_FRAME_BYTES} allowed")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def length_of(header: bytes) -> int:
    """Return how many bytes follow the four of `header`.

    Raises:
        FrameError: more than a frame may have, so the other side speaks something else.
    """
    length = int.from_bytes(header, "big")
    if length > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {length} bytes is over the {MAX_FRAME_BYTES} allowed")
    return length


def decode(body: bytes) -> Frame:
    """Return the object in `body`.

    Raises:
        FrameError: it holds no JSON object.
    """
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FrameError("a frame that is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError("a frame that is not an object")
    return cast("Frame", value)


class Decoder:
    """Turns bytes as they come, in pieces of any size, into frames."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take `data` and return the frames that it completes.

        Raises:
            FrameError: what came is no frame.
        """
        self._waiting += data
        frames: list[Frame] = []
        start = 0
        while len(self._waiting) - start >= LENGTH_BYTES:
            body = start + LENGTH_BYTES
            end = body + length_of(bytes(self._waiting[start:body]))
            if len(self._waiting) < end:
                break
            frames.append(decode(bytes(self._waiting[body:end])))
            start = end
        del self._waiting[:start]
        return frames


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """Wait for the next frame; None when the other side has gone, in the middle of a frame too.

    Raises:
        FrameError: what came is no frame.
    """
    try:
        length = length_of(await reader.readexactly(LENGTH_BYTES))
        return decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def write_frame(writer: asyncio.StreamWriter, frame: Mapping[str, Any]) -> None:
    """Send `frame` and wait until there is room for more.

    Raises:
        FrameError: it is too large.
        ConnectionError: the other side has gone.
    """
    writer.write(encode(frame))
    await writer.drain()


class BlockingFrames:
    """Frames over a blocking socket. One thread may read while another writes; no two may do the same."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._decoder = Decoder()
        self._ready: list[Frame] = []

    def read(self) -> Frame | None:
        """Wait for the next frame; None when the other side has gone.

        Raises:
            FrameError: what came is no frame.
        """
        while not self._ready:
            try:
                data = self._connection.recv(_READ_BYTES)
            except ConnectionError:
                return None
            if not data:
                return None
            self._ready = self._decoder.feed(data)
        return self._ready.pop(0)

    def write(self, frame: Mapping[str, Any]) -> None:
        """Send `frame`.

        Raises:
            FrameError: it is too large.
            OSError: the other side has gone.
        """
        self._connection.sendall(encode(frame))
