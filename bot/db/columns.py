"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, TypeDecorator

EnumT = TypeVar("EnumT", bound=StrEnum)

# Discord's ids fit 63 bits; BIGINT on both
Snowflake = BigInteger

# SQLite numbers rows by itself only for a key of type INTEGER
RowId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which has no zones, stores it without one.

    Refuses a naive datetime, so that no local time is ever stored by accident.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the value to UTC on its way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a datetime to store needs a zone: {value!r}"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the value its zone back on its way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def sqlite_times(moments: Iterable[datetime]) -> list[str]:
    """Return moments as SQLite's tables hold them, for statements that do not go through SQLAlchemy."""
    texts: list[str] = []
    second: tuple[int, ...] = ()
    prefix = ""
    for moment in moments:
        if moment.tzinfo is not UTC:
            if moment.tzinfo is None:
                msg = "a datetime to store needs a zone"
                raise ValueError(msg)
            moment = moment.astimezone(UTC)  # noqa: PLW2901
        # most of a batch is of one second, and writing a whole date takes longer than storing it
        this = (moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.year)
        if this != second:
            second, prefix = this, moment.replace(tzinfo=None).isoformat(" ", "seconds")
        texts.append(f"{prefix}.{moment.microsecond:06}")
    return texts


def enum_column(kind: type[EnumT]) -> Enum:
    """Return a text column that holds the values of `kind`; a check constraint would stop the next migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=_values,
    )


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]
