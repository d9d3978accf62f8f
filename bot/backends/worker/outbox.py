"""What goes to the parent: sent by one thread, bounded, with pieces of one answer that wait made into one frame."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bot.backends.frames import Frame

MAX_WAITING = 1024
"""So many frames may wait for a slow reader; then who has more to say waits too."""


class Outbox:
    """Frames on their way out. Any thread may put; `run` is the one that sends."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send
        self._waiting: deque[Frame] = deque()
        self._chunks: dict[int, Frame] = {}
        self._pong: Frame | None = None
        self._changed = threading.Condition()
        self._is_closed = False
        self._is_sending = False

    def put(self, frame: Frame) -> None:
        """Send `frame` after what waits already; blocks while too much waits."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < MAX_WAITING or self._is_closed)
            if self._is_closed:
                return
            self._waiting.append(frame)
            self._chunks.pop(frame.get("id", -1), None)
            self._changed.notify_all()

    def chunk(self, request: int, text: str) -> None:
        """Send a piece of an answer, together with the one before when that still waits."""
        with self._changed:
            waiting = self._chunks.get(request)
            if waiting is not None:
                waiting["text"] += text
                return
            frame: Frame = {"is": "chunk", "id": request, "text": text}
            self._chunks[request] = frame
            self._waiting.append(frame)
            self._changed.notify_all()

    def pong(self, frame: Frame) -> None:
        """Send an answer to a ping; one that still waits is replaced."""
        with self._changed:
            self._pong = frame
            self._changed.notify_all()

    def run(self) -> None:
        """Send until closed; returns early when the other side has gone."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._pong or self._is_closed)
                if self._pong is not None:
                    frame, self._pong = self._pong, None
                elif self._waiting:
                    frame = self._waiting.popleft()
                    if self._chunks.get(frame.get("id", -1)) is frame:
                        del self._chunks[frame["id"]]
                else:
                    return
                self._is_sending = True
                self._changed.notify_all()
            try:
                self._send(frame)
            except OSError:
                self.close()
                return
            finally:
                with self._changed:
                    self._is_sending = False
                    self._changed.notify_all()

    def close(self) -> None:
        """Let `run` end once all is sent; nobody waits any longer."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def drain(self, seconds: float) -> None:
        """Wait until all is sent, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._pong or self._is_sending), seconds)
