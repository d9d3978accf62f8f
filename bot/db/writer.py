"""Group commit: what came in while one commit ran is written by the next, together, and answered only after it.

What `submit` returned is durable: it was in a transaction that was committed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.session import Database
from bot.errors import ServiceError

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

# writes the items in one transaction and gives one answer for each; an exception as answer goes to that item alone
Apply: TypeAlias = Callable[[AsyncConnection, Sequence[ItemT]], Awaitable[Sequence[AnswerT | Exception]]]

_MOST_AT_ONCE = 1000


class GroupWriter(Generic[ItemT, AnswerT]):
    """One queue, one task, one transaction after the other."""

    def __init__(self, database: Database, apply: Apply[ItemT, AnswerT]) -> None:
        self._database = database
        self._apply = apply
        self._waiting: list[tuple[ItemT, asyncio.Future[AnswerT]]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, item: ItemT) -> AnswerT:
        """Write `item` and return its answer once it is durable.

        Raises:
            ServiceError: the writer is closed, or the database failed.
            Exception: whatever `apply` answered for this item.
        """
        if self._closed:
            msg = "the bot is stopping"
            raise ServiceError(msg)
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="group-writer")
        return await answer

    async def close(self) -> None:
        """Refuse what is new, finish what is queued."""
        self._closed = True
        if self._task:
            await self._task

    async def _drain(self) -> None:
        while self._waiting:
            batch = self._waiting[:_MOST_AT_ONCE]
            del self._waiting[:_MOST_AT_ONCE]
            # somebody who stopped waiting before the write began is not written
            batch = [(item, answer) for item, answer in batch if not answer.done()]
            if not batch:
                continue
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[ItemT, asyncio.Future[AnswerT]]]) -> None:
        try:
            async with self._database.write() as connection:
                answers = await self._apply(connection, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - the task must live on, and every waiting person must hear
            if len(batch) > 1 and not _is_for_all(error):
                # one bad item must not take its neighbours down
                for single in batch:
                    await self._commit([single])
                return
            answers = [_failed(error)] * len(batch)
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)


def _is_for_all(error: Exception) -> bool:
    """Tell whether the database is out of reach, full or locked, so that trying one by one would only take longer."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, (OperationalError, InterfaceError, OSError, TimeoutError))


def _failed(error: Exception) -> ServiceError:
    failure = ServiceError("the database did not take it")
    failure.__cause__ = error
    return failure
