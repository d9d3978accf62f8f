"""How frames are packed for one connection; transport compression keeps one context for the connection's whole life."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard
from aiohttp import WSMsgType

_SMALLEST_COMPRESSED = 1024


class Packer(Protocol):
    """Turns JSON bytes into the bytes and kind of one WebSocket message."""

    def pack(self, payload: bytes) -> tuple[bytes, WSMsgType]:
        """Return the message for a payload; order matters where there is a context."""
        ...


class Plain:
    """JSON text, or with `compress` of IDENTIFY zlib for each larger payload by itself."""

    def __init__(self) -> None:
        self.compress = False

    def pack(self, payload: bytes) -> tuple[bytes, WSMsgType]:
        """Return text, or a whole zlib stream for a large payload."""
        if self.compress and len(payload) >= _SMALLEST_COMPRESSED:
            return zlib.compress(payload), WSMsgType.BINARY
        return payload, WSMsgType.TEXT


class ZlibStream:
    """One zlib stream over the connection, flushed after every payload (it ends in 00 00 ff ff)."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(level=1)

    def pack(self, payload: bytes) -> tuple[bytes, WSMsgType]:
        """Return the payload's part of the stream."""
        return self._stream.compress(payload) + self._stream.flush(zlib.Z_SYNC_FLUSH), WSMsgType.BINARY


class ZstdStream:
    """One zstd frame over the connection, a block flushed after every payload."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=1).compressobj()

    def pack(self, payload: bytes) -> tuple[bytes, WSMsgType]:
        """Return the payload's part of the frame."""
        return self._stream.compress(payload) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), WSMsgType.BINARY


def packer(compress: str | None) -> Packer | None:
    """Return the packer for the `compress` of the gateway's address, or None for an unknown one."""
    match compress:
        case None:
            return Plain()
        case "zlib-stream":
            return ZlibStream()
        case "zstd-stream":
            return ZstdStream()
        case _:
            return None
