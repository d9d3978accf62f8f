"""SQLite without SQLAlchemy between: one connection in a thread of its own, for what has to be fast.

A step of SQLite lets the interpreter go, and gets it back late while another thread is busy. So what matters is to take
few steps: many rows in one statement, and one row as the answer.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from bot.db.session import Database, sqlite_path, sqlite_settings
from bot.db.trouble import AwayError, UnwritableError

ResultT = TypeVar("ResultT")

_BUSY_SECONDS = 1.0
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_UNREACHABLE = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_UNWRITABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
}

_Job = tuple[Callable[[], Any], asyncio.Future[Any], asyncio.AbstractEventLoop]


class DirectSqlite:
    """The connection of one writer. Its transactions stand in the same line as all others of this process."""

    def __init__(self, database: Database) -> None:
        self._line = database.line
        self._path = sqlite_path(database.engine.url)
        self._connection: sqlite3.Connection | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def transact(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Run `work` in a transaction, in the thread; committed when this returns.

        Raises:
            AwayError: the file is locked by another process or out of reach.
            UnwritableError: the disk is full, or the file cannot be written.
        """
        async with self._line:
            return await self._in_thread(lambda: self._transact(work))

    async def close(self) -> None:
        """Close the connection and end the thread."""
        if self._thread is None:
            return
        await self._in_thread(self._disconnect)
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._thread = None

    async def _in_thread(self, work: Callable[[], ResultT]) -> ResultT:
        if self._thread is None:
            # a daemon: a process that forgot to close must still be able to end
            self._thread = Thread(target=_work_off, args=(self._jobs,), name="sqlite-writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[ResultT] = loop.create_future()
        self._jobs.put((work, done, loop))
        return await done

    def _transact(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        # a connection whose transaction failed is closed, which rolls back: who remembers something of what it wrote
        # sees that the next one is another
        committing = False
        try:
            connection = self._connection or self._connect()
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            committing = True
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._disconnect()
            raise _sorted(error, committing=committing) from error
        except BaseException:
            self._disconnect()
            raise
        return result

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(str(self._path), timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            sqlite_settings(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _work_off(jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        work, done, loop = job
        result = error = None
        try:
            result = work()
        except BaseException as caught:  # noqa: BLE001 - whoever waits must hear of it
            error = caught
        try:
            loop.call_soon_threadsafe(_tell, done, result, error)
        except RuntimeError:
            # the loop has ended; nobody waits any more
            return
        del job, work, done, loop, result, error


def _tell(done: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


def _sorted(error: sqlite3.Error, *, committing: bool) -> Exception:
    """Say what an error means for whoever wanted to write."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _LOCKED:
        return AwayError(f"the file is locked ({name})", in_doubt=False)
    if code in _UNREACHABLE:
        return AwayError(f"the file is out of reach ({name})", in_doubt=committing)
    if code in _UNWRITABLE:
        return UnwritableError(name)
    return error
