"""Group commit: what came in while one commit ran is written by the next, together, and answered only after it.

What `submit` returned is durable: it was in a transaction that was committed. A feature gives the statements, for each
driver; queue, batches, answers, waiting for a database that is away and reading back what is in doubt are the same for
all of them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from bot.db.session import Database
from bot.db.trouble import AwayError, UnwritableError
from bot.errors import OutcomeUnknownError, ServiceError

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")
WrittenT_contra = TypeVar("WrittenT_contra", contravariant=True)
GivenT_co = TypeVar("GivenT_co", covariant=True)

_MOST_AT_ONCE = 1000

log = structlog.stdlib.get_logger(__name__)


class Statements(Protocol[WrittenT_contra, GivenT_co]):
    """How items of one kind are written. The items of a call differ by key."""

    def key(self, item: WrittenT_contra, /) -> Hashable:
        """Return what an item replaces when it comes later: of those with one key, the last of a batch is written."""
        ...

    def write_sqlite(
        self, connection: sqlite3.Connection, items: Sequence[WrittenT_contra]
    ) -> Sequence[GivenT_co | Exception]:
        """Write the items; called in a transaction. An exception as an answer goes to that item alone."""
        ...

    def recall_sqlite(
        self, connection: sqlite3.Connection, items: Sequence[WrittenT_contra]
    ) -> Sequence[GivenT_co | None]:
        """Return the answers of those that are stored, or have been replaced since; None for the rest."""
        ...

    async def write_postgres(
        self,
        connection: Any,  # noqa: ANN401
        items: Sequence[WrittenT_contra],
    ) -> Sequence[GivenT_co | Exception]:
        """Write the items in one statement on an asyncpg connection."""
        ...

    async def recall_postgres(
        self,
        connection: Any,  # noqa: ANN401
        items: Sequence[WrittenT_contra],
    ) -> Sequence[GivenT_co | None]:
        """Return the answers of those that are stored, or have been replaced since; None for the rest."""
        ...


class Desk(Protocol[WrittenT_contra, GivenT_co]):
    """Where items are written, whatever the database; raises what `bot.db.trouble` names."""

    async def write(self, items: Sequence[WrittenT_contra]) -> Sequence[GivenT_co | Exception]:
        """Write the items in one transaction."""
        ...

    async def recall(self, items: Sequence[WrittenT_contra]) -> Sequence[GivenT_co | None]:
        """Look which of the items are stored."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try again while the database is away, in seconds since the first of a batch came in."""

    longest: float = 30.0
    when_closing: float = 3.0
    first_wait: float = 0.05
    longest_wait: float = 2.0


class GroupWriter(Generic[ItemT, AnswerT]):
    """One queue, one task, one transaction after the other."""

    def __init__(
        self,
        desk: Desk[ItemT, AnswerT],
        key: Callable[[ItemT], Hashable],
        patience: Patience | None = None,
    ) -> None:
        self._desk = desk
        self._key = key
        self._patience = patience or Patience()
        # tuples, because there is one for every vote
        self._waiting: list[tuple[ItemT, asyncio.Future[AnswerT]]] = []
        # a moment before which none of those that wait came in
        self._since = 0.0
        self._idle = True
        self._task: asyncio.Task[None] | None = None
        self._closed_at: float | None = None

    async def submit(self, item: ItemT) -> AnswerT:
        """Write `item` and return its answer once it is durable.

        Raises:
            OutcomeUnknownError: the database went away while it was written and did not come back in time.
            ServiceError: it was not written: the writer is closed, or the database is away, full or failed.
            Exception: whatever the statements answered for this item.
        """
        return await self.enqueue(item)

    def enqueue(self, item: ItemT) -> "asyncio.Future[AnswerT]":
        """Do as `submit`, for callers that count microseconds: whoever waits for the future waits for the answer."""
        if self._closed_at is not None:
            msg = "the bot is stopping"
            raise ServiceError(msg)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[AnswerT] = loop.create_future()
        self._waiting.append((item, answer))
        if self._idle:
            self._idle = False
            self._since = loop.time()
            self._task = loop.create_task(self._drain(), name="group-writer")
        return answer

    async def close(self) -> None:
        """Refuse what is new, finish what is queued, let go of the connection."""
        self._closed_at = asyncio.get_running_loop().time()
        if self._task:
            await self._task
        await self._desk.close()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, since = self._waiting[:_MOST_AT_ONCE], self._since
                del self._waiting[:_MOST_AT_ONCE]
                if not self._waiting:
                    self._since = loop.time()
                while batch:
                    # somebody who stopped waiting before the write began is not written
                    batch = await self._write([entry for entry in batch if not entry[1].done()], since)
        finally:
            self._idle = True

    async def _write(
        self, batch: list[tuple[ItemT, asyncio.Future[AnswerT]]], since: float
    ) -> list[tuple[ItemT, asyncio.Future[AnswerT]]]:
        """Write the last of each key and answer; return those whose later one was refused: now they count."""
        if not batch:
            return []
        keys = [self._key(item) for item, _ in batch]
        last = dict(zip(keys, range(len(batch)), strict=True))
        items = [item for item, _ in batch] if len(last) == len(batch) else [batch[place][0] for place in last.values()]
        answers = await self._answers(items, since)
        if len(last) == len(batch):
            _tell(batch, answers)
            return []
        given = dict(zip(last, answers, strict=True))
        again: list[tuple[ItemT, asyncio.Future[AnswerT]]] = []
        for place, (key, entry) in enumerate(zip(keys, batch, strict=True)):
            if last[key] != place and isinstance(given[key], Exception):
                again.append(entry)
            else:
                _tell([entry], [given[key]])
        return again

    async def _answers(self, items: Sequence[ItemT], since: float) -> list[AnswerT | Exception]:
        try:
            return await self._patiently(items, since)
        except ServiceError as error:
            # one for each: whoever raises an exception writes into it
            return [_caused(type(error)(*error.args), error.__cause__) for _ in items]
        except Exception as error:  # noqa: BLE001 - one bad item must not take its neighbours down
            if len(items) == 1:
                return [_caused(ServiceError("the database did not take it"), error)]
            half = len(items) // 2
            return [*await self._answers(items[:half], since), *await self._answers(items[half:], since)]

    async def _patiently(self, items: Sequence[ItemT], since: float) -> list[AnswerT | Exception]:
        """Write, and while the database is away try again, reading back first what may be stored already."""
        in_doubt = False
        tries = 0
        stored: Sequence[AnswerT | None] | None = None
        while True:
            try:
                if in_doubt:
                    stored = await self._desk.recall(items)
                    in_doubt = False
                if stored is None:
                    return list(await self._desk.write(items))
                missing = [item for item, answer in zip(items, stored, strict=True) if answer is None]
                written = iter(await self._desk.write(missing) if missing else ())
                return [next(written) if answer is None else answer for answer in stored]
            except AwayError as error:
                in_doubt = in_doubt or error.in_doubt
                if not await self._wait(tries, since):
                    if in_doubt:
                        msg = "the database went away while it was written"
                        raise OutcomeUnknownError(msg) from error
                    msg = "the database is away"
                    raise ServiceError(msg) from error
                if not tries:
                    log.warning("the database is away", reason=str(error), waiting=len(items))
                tries += 1
            except UnwritableError as error:
                msg = "the database cannot be written"
                raise ServiceError(msg) from error

    async def _wait(self, tries: int, since: float) -> bool:
        """Wait before the next try; False when there should be none."""
        patience = self._patience
        wait = min(patience.first_wait * 2 ** min(tries, 20), patience.longest_wait)
        end = since + patience.longest
        if self._closed_at is not None:
            end = min(end, self._closed_at + patience.when_closing)
        left = end - asyncio.get_running_loop().time()
        if left <= 0:
            return False
        await asyncio.sleep(min(wait, left))
        return True


def group_writer(
    database: Database, statements: Statements[ItemT, AnswerT], patience: Patience | None = None
) -> GroupWriter[ItemT, AnswerT]:
    """Return a writer for `statements` with a connection of its own to `database`, made when first needed."""
    desk = _SqliteDesk(database, statements) if database.is_sqlite else _PostgresDesk(database, statements)
    return GroupWriter(desk, statements.key, patience)


class _SqliteDesk(Generic[ItemT, AnswerT]):
    def __init__(self, database: Database, statements: Statements[ItemT, AnswerT]) -> None:
        from bot.db.direct_sqlite import DirectSqlite  # noqa: PLC0415

        self._direct = DirectSqlite(database)
        self._statements = statements
        self.close = self._direct.close

    async def write(self, items: Sequence[ItemT]) -> Sequence[AnswerT | Exception]:
        return await self._direct.transact(lambda connection: self._statements.write_sqlite(connection, items))

    async def recall(self, items: Sequence[ItemT]) -> Sequence[AnswerT | None]:
        return await self._direct.transact(lambda connection: self._statements.recall_sqlite(connection, items))


class _PostgresDesk(Generic[ItemT, AnswerT]):
    def __init__(self, database: Database, statements: Statements[ItemT, AnswerT]) -> None:
        from bot.db.direct_postgres import DirectPostgres  # noqa: PLC0415

        self._direct = DirectPostgres(database)
        self._statements = statements
        self.close = self._direct.close

    async def write(self, items: Sequence[ItemT]) -> Sequence[AnswerT | Exception]:
        return await self._direct.transact(lambda connection: self._statements.write_postgres(connection, items))

    async def recall(self, items: Sequence[ItemT]) -> Sequence[AnswerT | None]:
        return await self._direct.transact(lambda connection: self._statements.recall_postgres(connection, items))


def _caused(error: ServiceError, cause: BaseException | None) -> ServiceError:
    error.__cause__ = cause
    return error


def _tell(
    entries: "Sequence[tuple[object, asyncio.Future[AnswerT]]]", answers: "Sequence[AnswerT | Exception]"
) -> None:
    for (_, waiting), answer in zip(entries, answers, strict=True):
        if waiting.done():
            continue
        if isinstance(answer, Exception):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)
