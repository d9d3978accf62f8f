"""A person's id where others wrote it: in questions, in kept answers. Found by the columns' types, in every table."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, String, Table, cast, delete, func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import Base, KeptAnswerRow

ERASED = "@erased"


async def blank_mentions(connection: AsyncConnection, member_id: int) -> None:
    """Write `ERASED` wherever text names this person, and delete kept answers whose file does."""
    number = str(member_id)
    for table, column in texts():
        blank: ColumnElement[Any] = column
        for written in (f"<@!{number}>", f"<@{number}>", number):
            blank = func.replace(blank, written, ERASED)
        await connection.execute(update(table).where(column.contains(number)).values({column.name: blank}))
    await connection.execute(delete(KeptAnswerRow).where(_file_holds(connection, number.encode())))


def texts() -> Iterator[tuple[Table, Column[Any]]]:
    """Give every column of free text; the fixed words of an enumeration are none."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String) and not getattr(column.type, "enums", None) and not column.primary_key:
                yield table, column


def _file_holds(connection: AsyncConnection, part: bytes) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        return func.instr(KeptAnswerRow.file, part) > 0
    return func.pg_catalog.position(KeptAnswerRow.file, cast(part, LargeBinary)) > 0
