"""Transactions of many who write at the same moment, committed as one: a commit waits for the disk, whatever is in it.

Only on SQLite, where they would stand in one line anyway; PostgreSQL does this by itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.away import is_away
from bot.db.session import Database

ResultT = TypeVar("ResultT")

MOST = 16
"""Pieces of work in one transaction: others who write wait for all of them."""

Work = Callable[[AsyncConnection], Awaitable[ResultT]]
_Job = tuple[Work[Any], "asyncio.Future[Any]"]


class Together:
    """Does small pieces of work, in the order in which they come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Job] = deque()
        self._task: asyncio.Task[None] | None = None

    async def write(self, work: Work[ResultT]) -> ResultT:
        """Return what `work` returns, once it is committed; what it raises undoes all of it.

        It must leave nothing behind but what it wrote: when another piece of work fails, it is done once more. Who is
        cancelled while it is written may find it written all the same.
        """
        if not self._database.is_sqlite:
            async with self._database.write() as connection:
                return await work(connection)
        done: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="write-together")
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                jobs = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                # who was cancelled while waiting wants nothing any more
                await self._do([job for job in jobs if not job[1].done()])
        finally:
            self._task = None

    async def _do(self, jobs: list[_Job]) -> None:
        try:
            results = await self._transact([work for work, _ in jobs])
        except asyncio.CancelledError:
            for _, done in jobs:
                done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it is raised where it belongs
            await self._failed(jobs, error)
            return
        for (_, done), result in zip(jobs, results, strict=True):
            if not done.done():
                done.set_result(result)

    async def _failed(self, jobs: list[_Job], error: Exception) -> None:
        if len(jobs) > 1 and not is_away(error):
            # each by itself: whose fault it was shows then
            for job in jobs:
                await self._do([job])
            return
        for _, done in jobs:
            if not done.done():
                done.set_exception(error)

    async def _transact(self, works: list[Work[Any]]) -> list[Any]:
        if not works:
            return []
        async with self._database.write() as connection:
            return [await work(connection) for work in works]
