"""One WebSocket of a bot: its queue of outgoing frames, its send limit and its end."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from aiohttp import WSMsgType

from sandbox.gateway.compression import Plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from sandbox.gateway.compression import Packer
    from sandbox.gateway.session import Session

QUEUED_FRAMES = 20_000
QUEUED_BYTES = 64 << 20


class Connection:
    """Frames are queued by `send` and written by one task, so that a slow bot never holds up another."""

    def __init__(self, socket: web.WebSocketResponse, abort: Callable[[], None], packer: Packer) -> None:
        self.session: Session | None = None
        self.closed_by_us: int | None = None
        self.heartbeat_at = 0.0
        self.window_ends = 0.0
        self.window_used = 0
        self._socket = socket
        self._abort = abort
        self._packer = packer
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._end: tuple[int, str] | None = None
        self._aborted = False

    def compress_payloads(self) -> None:
        """Pack each larger payload by itself from now on; without effect under transport compression."""
        if isinstance(self._packer, Plain):
            self._packer.compress = True

    def send(self, frame: bytes) -> None:
        """Queue a frame; a bot that does not read is cut off once too much waits for it."""
        if self._end is not None or self._aborted:
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        if len(self._queue) > QUEUED_FRAMES or self._queued_bytes > QUEUED_BYTES:
            self.abort()
            return
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """Close with a code once what is queued has left."""
        if self._end is None and not self._aborted:
            self._end = (code, reason)
            self.closed_by_us = code
            self._wake.set()

    def abort(self) -> None:
        """Cut the line without a close frame."""
        self._aborted = True
        self._queue.clear()
        self._wake.set()
        self._abort()

    def may_receive(self, now: float, limit: int, seconds: float) -> bool:
        """Count a frame of the bot; False when it is one too many."""
        if now >= self.window_ends:
            self.window_ends = now + seconds
            self.window_used = 0
        self.window_used += 1
        return self.window_used <= limit

    async def write(self) -> None:
        """Write queued frames until the connection ends."""
        try:
            while not self._aborted:
                while self._queue:
                    frame = self._queue.popleft()
                    self._queued_bytes -= len(frame)
                    data, kind = self._packer.pack(frame)
                    await self._socket.send_frame(data, kind)
                if self._end is not None:
                    code, reason = self._end
                    await self._socket.close(code=code, message=reason.encode())
                    return
                self._wake.clear()
                await self._wake.wait()
        except ConnectionError:
            self._aborted = True

    async def receive(self) -> str | bytes | None:
        """Return the next text or binary message, or None at the end."""
        message = await self._socket.receive()
        if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return message.data
        return None

    @property
    def peer_code(self) -> int | None:
        """The close code that the bot sent, if it sent one."""
        return self._socket.close_code
