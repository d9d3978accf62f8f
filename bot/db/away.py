"""Whether the database is away, full or locked, rather than asked for something wrong."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# the rest, such as SQLITE_ERROR for a table that is not there, is a mistake of ours
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

# classes of PostgreSQL's codes: the connection broke, resources are used up (a full disk, too many connections), the
# server stops or starts; the driver has no kind of error for them
_POSTGRES_AWAY = ("08", "53", "57P")


def is_away(error: BaseException) -> bool:
    """Say whether trying again later may help."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code: int = getattr(error.orig, "sqlite_errorcode", 0)
        # extended codes carry the plain one in their lowest byte
        return code & 0xFF in _SQLITE_AWAY
    state: str | None = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated
        or isinstance(error, (OperationalError, InterfaceError))
        or (state or "").startswith(_POSTGRES_AWAY)
    )
