"""Statements of a feature that stores numbers: the smallest there can be for a group writer."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text

from bot.db.session import Database
from bot.errors import NotFoundError

# what a test wants to happen when these items are to be written; may raise
Meanwhile = Callable[[Sequence[int]], None]


def nothing(_items: Sequence[int]) -> None:
    """Let it be written."""


class Items:
    """Writes numbers, answers each with ten times it, refuses negative ones; keeps the batches it was given.

    A number replaces what has the same last digit in a batch, when `by_digit`.
    """

    def __init__(
        self,
        meanwhile: Meanwhile = nothing,
        *,
        recalling: Callable[[], None] = lambda: None,
        by_digit: bool = False,
    ) -> None:
        self.batches: list[list[int]] = []
        self.threads: set[str] = set()
        self._meanwhile = meanwhile
        self._recalling = recalling
        self._by_digit = by_digit

    def key(self, item: int, /) -> int:
        return item % 10 if self._by_digit else item

    def _begin(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        self.threads.add(threading.current_thread().name)
        self._meanwhile(items)
        return [item * 10 if item >= 0 else NotFoundError("no such item") for item in items]

    def write_sqlite(self, connection: sqlite3.Connection, items: Sequence[int]) -> list[int | Exception]:
        answers = self._begin(items)
        connection.executemany("INSERT INTO items VALUES (?)", [(item,) for item in items if item >= 0])
        return answers

    def recall_sqlite(self, connection: sqlite3.Connection, items: Sequence[int]) -> list[int | None]:
        self._recalling()
        found = {row[0] for row in connection.execute("SELECT item FROM items")}
        return [item * 10 if item in found else None for item in items]

    async def write_postgres(self, connection: Any, items: Sequence[int]) -> list[int | Exception]:
        answers = self._begin(items)
        good = [item for item in items if item >= 0]
        await connection.execute("INSERT INTO items SELECT * FROM unnest($1::bigint[])", good)
        return answers

    async def recall_postgres(self, connection: Any, items: Sequence[int]) -> list[int | None]:
        self._recalling()
        found = {row[0] for row in await connection.fetch("SELECT item FROM items")}
        return [item * 10 if item in found else None for item in items]


async def stored(database: Database) -> list[int]:
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT item FROM items ORDER BY item"))).scalars())
