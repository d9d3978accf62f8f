"""A person's id where others wrote it: in questions, in kept answers. Found by the columns' types, in every table."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, String, Table, cast, delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import Base, KeptAnswerRow

ERASED = "@erased"


async def blank_mentions(connection: AsyncConnection, member_id: int) -> None:
    """Write `ERASED` wherever text names this person, and delete kept answers whose file does."""
    number = str(member_id)
    # no index finds a part of a text, so that each table is read as a whole: once, whatever it has of columns
    for table, columns in groupby(texts(), lambda place: place[0]):
        named = [column for _, column in columns]
        blanked = {column.name: _blanked(column, number) for column in named}
        await connection.execute(update(table).where(or_(*(text.contains(number) for text in named))).values(blanked))
    await connection.execute(delete(KeptAnswerRow).where(_file_holds(connection, number.encode())))


def _blanked(text: ColumnElement[Any], number: str) -> ColumnElement[Any]:
    for written in (f"<@!{number}>", f"<@{number}>", number):
        text = func.replace(text, written, ERASED)
    return text


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
