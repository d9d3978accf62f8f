"""A bot's session: what it asked for, how far it has come, and the events kept for a RESUME."""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.gateway.connection import Connection

KEPT_EVENTS = 4_000
KEPT_BYTES = 16 << 20


class Session:
    """One IDENTIFY's worth of events; it outlives its connection for a while."""

    def __init__(self, application_id: int, user_id: int, shard: tuple[int, int], intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.application_id = application_id
        self.user_id = user_id
        self.shard = shard
        self.intents = intents
        self.large_threshold = 50
        self.guilds: set[int] = set()
        self.seq = 0
        self.connection: Connection | None = None
        self.detached_at: float | None = None
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0

    def push(self, name: str, body: bytes) -> None:
        """Send the event `name` with its encoded data, now or at the next RESUME."""
        self.seq += 1
        frame = b'{"t":"%s","s":%d,"op":0,"d":%s}' % (name.encode(), self.seq, body)
        self._kept.append((self.seq, frame))
        self._kept_bytes += len(frame)
        while len(self._kept) > KEPT_EVENTS or self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft()[1])
        if self.connection is not None:
            self.connection.send(frame)

    def since(self, seq: int) -> list[bytes] | None:
        """Return the frames after `seq`, or None when some of them are no longer kept."""
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        if seq < oldest - 1:
            return None
        return [frame for number, frame in self._kept if number > seq]

    def covers(self, guild_id: int | None) -> bool:
        """Tell whether a guild's events (None: those without a guild) belong to this shard."""
        number, of = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % of)
