"""PostgreSQL without SQLAlchemy between: one connection of its own, for what has to be fast."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from bot.db.session import POSTGRES_NEEDS, Database, weak_postgres
from bot.db.trouble import AwayError, RejectedError, UnwritableError

ResultT = TypeVar("ResultT")

_ANSWER_SECONDS = 10
# statements are planned once, perhaps while the tables are empty: they must use the indexes all the same
# and a join of what was sent with itself must not grow with the square of it, which needs no table's nested loop
_SETTINGS = {
    "enable_seqscan": "off",
    "enable_nestloop": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
# the server said that it undid the transaction, and that it may go better the next time
_TRY_AGAIN = {"40001", "40P01", "55P03", "57014", "53300"}
# out of disk, out of memory, too many locks; read-only; damaged data or index
_UNWRITABLE = ("53", "25006", "XX001", "XX002")
# the connection ends with the error: class 08, and shutdown, crash, still starting
_ENDED = ("08", "57P01", "57P02", "57P03", "57P05")


class DirectPostgres:
    """The connection of one writer; made when first needed, and again when it broke."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._connection: Any = None

    async def transact(self, work: Callable[[Any], Awaitable[ResultT]]) -> ResultT:
        """Run `work` with an asyncpg connection that is in no transaction: a single statement is one by itself.

        Raises:
            AwayError: the server is gone, did not answer in time, or undid it for the sake of another.
            UnwritableError: its disk is full, or it is read-only.
            RejectedError: it did not take this.
        """
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await work(self._connection)
        except asyncpg.PostgresError as error:
            raise self._sorted(error) from None
        except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            # TimeoutError is an OSError
            self._drop()
            raise AwayError(f"the connection broke ({type(error).__name__})", in_doubt=True) from None
        except BaseException:
            # cancelled or a fault of our own in the middle of a statement: nobody knows what comes back next
            self._drop()
            raise

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=_ANSWER_SECONDS)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _connect(self) -> Any:  # noqa: ANN401
        connection: Any = None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                # by way of the engine, which knows how to read every option of the address
                pooled = await self._engine.raw_connection()
                connection = pooled.driver_connection
                pooled.detach()
                row = await connection.fetchrow(
                    "SELECT "
                    + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS.items())
                    + "".join(f", current_setting('{name}') AS {name}" for name in POSTGRES_NEEDS)
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no connection
            # the driver's errors come as they are, as SQLAlchemy's or wrapped by its adapter; nothing was sent yet
            if connection is not None:
                connection.terminate()
            raise AwayError(f"no connection ({type(error).__name__})", in_doubt=False) from None
        if weak := weak_postgres({name: row[name] for name in POSTGRES_NEEDS}):
            connection.terminate()
            raise UnwritableError(f"votes would be lost in a power cut: {weak}")
        return connection

    def _sorted(self, error: Any) -> Exception:  # noqa: ANN401
        """Say what an error means for whoever wanted to write; its own text may quote values."""
        state: str = error.sqlstate or ""
        text = f"{type(error).__name__} {state}"
        if state in _TRY_AGAIN:
            return AwayError(text, in_doubt=False)
        if state.startswith(_ENDED):
            self._drop()
            return AwayError(text, in_doubt=True)
        if state.startswith(_UNWRITABLE):
            return UnwritableError(text)
        return RejectedError(text)
