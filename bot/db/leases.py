"""Which of the processes that share a database live: what a dead one held is given to the others.

Each process has a name of its own at each start, and a row with it while it lives. A row goes when its process ends in
order, when it was not renewed for `DEAD_AFTER`, or when somebody can prove at once that the process is no more: on
SQLite whoever holds the lock file, on PostgreSQL the next process with the same data folder, which has its lock.
"""

import asyncio
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, delete, exists, func, update
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import Clock
from bot.db.lockfile import LockFile
from bot.db.schema import ProcessLeaseRow
from bot.db.session import Database
from bot.db.upsert import inserting

RENEWED_EVERY = timedelta(seconds=15)
DEAD_AFTER = timedelta(seconds=60)

log = structlog.stdlib.get_logger(__name__)


def is_left(holder: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether the process that this column names is no more."""
    return ~exists().where(ProcessLeaseRow.holder == holder)


class Leases:
    """This process among those that share the database. `folder` is its data folder, which no other has."""

    def __init__(self, database: Database, clock: Clock, folder: Path | None = None) -> None:
        self.holder = secrets.token_hex(8)
        """What stands with all that this process holds."""
        self._database = database
        self._clock = clock
        # the lock file of SQLite proves enough
        self._folder = None if database.is_sqlite else folder
        self._lock: LockFile | None = None
        self.trusts_from = 0.0
        """By the loop's clock: who was cut off from the database gives others, who were too, time to come back."""

    async def start(self) -> None:
        """Say that this process lives, and which are proven not to."""
        dead = ProcessLeaseRow.holder == self._before()
        if self._database.is_sqlite:
            dead = ProcessLeaseRow.holder != self.holder
        async with self._database.write() as connection:
            await connection.execute(delete(ProcessLeaseRow).where(dead))
            await connection.execute(self._renewed(connection))
        self._note()
        self._be_patient()

    async def renew(self) -> None:
        """Say that this process still lives, and bury those that have not said so for long."""
        mine = ProcessLeaseRow.holder == self.holder
        async with self._database.write() as connection:
            lived = await connection.execute(
                update(ProcessLeaseRow)
                .where(mine, ProcessLeaseRow.seen_at >= self._now() - DEAD_AFTER)
                .values(seen_at=self._now())
                .returning(ProcessLeaseRow.holder)
            )
            if lived.scalar_one_or_none() is None:
                await connection.execute(self._renewed(connection))
                self._be_patient()
            elif asyncio.get_running_loop().time() >= self.trusts_from:
                await connection.execute(
                    delete(ProcessLeaseRow).where(~mine, ProcessLeaseRow.seen_at < self._now() - DEAD_AFTER)
                )

    async def close(self) -> None:
        """Say that this process ends: what it leaves is the others' at once."""
        try:
            async with self._database.write() as connection:
                await connection.execute(delete(ProcessLeaseRow).where(ProcessLeaseRow.holder == self.holder))
        except Exception as error:  # noqa: BLE001 - it runs out by itself
            log.info("the end of this process could not be noted", error=type(error).__name__)
        if self._lock:
            self._lock.release()

    def _now(self) -> Any:  # noqa: ANN401 - a moment, or what stands for one in a statement
        """Return the moment by the one clock that all processes share: machines' own may differ."""
        now: ColumnElement[datetime] = func.now()
        return self._clock() if self._database.is_sqlite else now

    def _renewed(self, connection: Any) -> Any:  # noqa: ANN401
        row = inserting(connection, ProcessLeaseRow).values(holder=self.holder, seen_at=self._now())
        return row.on_conflict_do_update(index_elements=["holder"], set_={"seen_at": self._now()})

    def _be_patient(self) -> None:
        self.trusts_from = asyncio.get_running_loop().time() + DEAD_AFTER.total_seconds()

    def _before(self) -> str:
        """Return the name of the process that had this data folder before; having its lock proves that it is dead."""
        if self._folder is None:
            return ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = LockFile.take(self._folder / "process.lock")
        except OSError as error:
            log.warning("the data folder cannot be written", error=error.strerror)
        if self._lock is None:
            return ""
        with suppress(OSError, ValueError):
            return self._name_file(self._folder).read_text("ascii").strip()
        return ""

    def _note(self) -> None:
        """Leave the name to the next process with this data folder."""
        if self._folder and self._lock:
            with suppress(OSError):
                self._name_file(self._folder).write_text(f"{self.holder}\n", "ascii")

    @staticmethod
    def _name_file(folder: Path) -> Path:
        return folder / "process"
