"""INSERT with ON CONFLICT, which SQLAlchemy has once for each database."""

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import Base

if TYPE_CHECKING:
    # both are spelled alike; one of them has to lend its type
    from sqlalchemy.dialects.sqlite import Insert


def inserting(connection: AsyncConnection, row: type[Base]) -> "Insert":
    """Return an INSERT into the table of `row` that may say what to do on conflict."""
    # imported here: the other database's dialect would only make every start slower
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
    return insert(row)  # pyright: ignore[reportReturnType]
