"""The database: an engine, one lock file for SQLite, and `read` and `write` connections.

On SQLite a write is BEGIN IMMEDIATE, so that what it read first cannot change before it writes; one write at a time
waits here in line instead of polling a busy file. A power cut loses nothing that was committed (synchronous=FULL).
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.db.lockfile import LockFile
from bot.errors import DatabaseError

_BUSY_SECONDS = 10
_WRITES = "rostrum_writes"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_SQLITE_NEEDS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
# what else may stand there gives an acknowledged vote away in a power cut or a failover
POSTGRES_NEEDS = {"synchronous_commit": ("on", "remote_apply"), "fsync": ("on",)}


class Database:
    """One open database. Use `await Database.open(url)` and `await close()`."""

    def __init__(self, engine: AsyncEngine, lock: LockFile | None) -> None:
        self.engine = engine
        self._lock_file = lock
        self._writing = engine.execution_options(**{_WRITES: True})
        self.line: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        """What a transaction that writes stands in; on PostgreSQL nobody needs to wait."""

    @classmethod
    async def open(cls, url: str, *, alone: bool = True, setting: str = "ROSTRUM_DATABASE_URL") -> Self:
        """Open the database at `url`, which comes from `setting`.

        On SQLite, take its lock file unless not `alone`, which is for looking only.

        Raises:
            DatabaseError: it is in use by another bot, or cannot be reached; names the setting.
        """
        path = sqlite_path(url)
        try:
            engine = _engine(url)
            lock = _lock_beside(path) if alone and path else None
            database = cls(engine, lock)
            try:
                await database._prove()
            except BaseException:
                await database.close()
                raise
        except DatabaseError as error:
            msg = f"{setting}: {error}"
            raise DatabaseError(msg) from error
        return database

    async def close(self) -> None:
        """Close every connection, then let the lock go."""
        await self.engine.dispose()
        if self._lock_file:
            self._lock_file.release()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite rather than PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Give a connection whose reads all see the same moment."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """Give one transaction: committed when the block ends, undone when it raises."""
        async with self.line, self._writing.begin() as connection:
            yield connection

    async def _prove(self) -> None:
        """Make one round trip, and see that commits are durable."""
        shown = _shown(self.engine.url)
        try:
            async with self.read() as connection:
                if self.is_sqlite:
                    found = {
                        name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                        for name in _SQLITE_NEEDS
                    }
                    weak = _weak_sqlite(found)
                else:
                    query = ", ".join(f"current_setting('{name}')" for name in POSTGRES_NEEDS)
                    row = (await connection.exec_driver_sql(f"SELECT {query}")).one()
                    weak = weak_postgres(dict(zip(POSTGRES_NEEDS, row, strict=True)))
        # the driver meets an unknown option in the address with a TypeError, a wrong one with a ValueError
        except (DBAPIError, OSError, TypeError, ValueError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise DatabaseError(f"{shown} cannot be used: {reason}") from error
        if weak:
            raise DatabaseError(f"{shown} would lose votes in a power cut: {weak}")


def _shown(url: URL) -> str:
    """Return an address as people write it, without its password."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def sqlite_path(url: str | URL) -> Path | None:
    """Return where the SQLite file of `url` is; None for PostgreSQL."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _lock_beside(path: Path) -> LockFile:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = LockFile.take(path.with_name(path.name + ".lock"))
    except OSError as error:
        raise DatabaseError(f"{path} cannot be used: {error.strerror}") from error
    if lock is None:
        holder = LockFile.holder(path.with_name(path.name + ".lock"))
        raise DatabaseError(
            f"{path} is in use by another Rostrum process{holder}; stop that one first, "
            "or give this one a database of its own"
        )
    return lock


def _engine(url: str) -> AsyncEngine:
    # the text of an error must not carry what members wrote into the log
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"timeout": _BUSY_SECONDS}}
    try:
        if sqlite_path(url) is None:
            return create_async_engine(url, pool_pre_ping=True, **options)
        engine = create_async_engine(url, **options)
    except ModuleNotFoundError as error:
        raise DatabaseError(f"PostgreSQL needs the package {error.name}: install rostrum[postgres]") from error
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    # the driver must not begin transactions by itself: it would do so too late, at the first write
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def sqlite_settings(connection: sqlite3.Connection) -> None:
    """Set up a connection that does not come from the engine as those that do.

    Raises:
        DatabaseError: a setting does not hold.
    """
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    weak = _weak_sqlite({name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _SQLITE_NEEDS})
    if weak:
        raise DatabaseError(f"the writer's connection would lose votes in a power cut: {weak}")


def _weak_sqlite(found: Mapping[str, object]) -> str | None:
    """Name the first setting under which what was committed may be lost, or rows may point nowhere."""
    for name, needed in _SQLITE_NEEDS.items():
        if found[name] != needed:
            return f"{name} is {found[name]} instead of {needed}"
    return None


def weak_postgres(found: Mapping[str, object]) -> str | None:
    """Name the first setting under which PostgreSQL may lose what it said was committed."""
    for name, allowed in POSTGRES_NEEDS.items():
        if found[name] not in allowed:
            return f"{name} is {found[name]}; set it to on"
    return None


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
