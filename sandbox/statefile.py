"""The state file of `--state`: every entity as one row of SQLite, written before an answer leaves.

Rows survive a killed process (the operating system holds them); `synchronous=OFF` gives up only on power loss.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox import model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.model import Entity

KINDS: dict[str, type[Entity]] = {
    kind.__name__: kind
    for kind in (
        model.User,
        model.Application,
        model.Guild,
        model.Role,
        model.Member,
        model.Channel,
        model.Message,
        model.Webhook,
        model.Command,
        model.Interaction,
        model.ScheduledEvent,
        model.Ban,
        model.Emoji,
        model.Invite,
        model.AuditEntry,
    )
}


class StateFile:
    """Rows of entities and uploads in one SQLite file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS entity(kind TEXT, key TEXT, body BLOB, PRIMARY KEY(kind, key)) WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS file(id INTEGER PRIMARY KEY, content BLOB);"
            "CREATE TABLE IF NOT EXISTS last_id(one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER);"
        )
        row = self._db.execute("SELECT id FROM last_id").fetchone()
        self.last_id: int = row[0] if row else 0
        self._dirty: dict[tuple[str, str], Entity | None] = {}

    def load(self) -> Iterator[Entity]:
        """Yield every entity that was saved, messages in the order of their ids."""
        rows = self._db.execute("SELECT kind, body FROM entity ORDER BY kind, length(key), key")
        for kind, body in rows:
            yield msgspec.msgpack.decode(body, type=KINDS[kind])

    def put(self, entity: Entity) -> None:
        """Remember to write an entity."""
        self._dirty[_key(entity)] = entity

    def drop(self, entity: Entity) -> None:
        """Remember to delete an entity."""
        self._dirty[_key(entity)] = None

    def put_file(self, file_id: int, content: bytes) -> None:
        """Write an upload at once."""
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?)", (file_id, content))

    def file(self, file_id: int) -> bytes | None:
        """Return an upload, or None."""
        row = self._db.execute("SELECT content FROM file WHERE id = ?", (file_id,)).fetchone()
        return row[0] if row else None

    def drop_file(self, file_id: int) -> None:
        """Delete an upload at once."""
        self._db.execute("DELETE FROM file WHERE id = ?", (file_id,))

    def flush(self, last_id: int) -> None:
        """Write what changed since the last call in one transaction."""
        if not self._dirty:
            return
        gone = [key for key, entity in self._dirty.items() if entity is None]
        kept: list[tuple[Any, ...]] = [
            (*key, msgspec.msgpack.encode(entity)) for key, entity in self._dirty.items() if entity is not None
        ]
        self._dirty.clear()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM entity WHERE kind = ? AND key = ?", gone)
        self._db.executemany("INSERT OR REPLACE INTO entity VALUES (?, ?, ?)", kept)
        self._db.execute("INSERT OR REPLACE INTO last_id VALUES (1, ?)", (last_id,))
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file; flush first."""
        self._db.close()


def _key(entity: Entity) -> tuple[str, str]:
    match entity:
        case model.Member() | model.Ban():
            key = f"{entity.guild_id}/{entity.user_id}"
        case _:
            key = str(entity.id)
    return type(entity).__name__, key
