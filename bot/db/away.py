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
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
