"""What an error of a database means, whichever of the two and whichever driver it came from."""

import sqlite3

from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

REACHING = "connect"  # stands for the statement where no connection was had
# SQLSTATE: a lock was not to be had, a statement took too long, there are too many connections.
_BUSY_STATES = ("55P03", "57014", "53300")
# SQLSTATE classes: the connection failed, something ran out, an operator intervened.
_STOPS = ("08", "53", "57")
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_busy(trouble: BaseException) -> bool:
    """Whether the database works, and had no connection, lock or time left for this."""
    if isinstance(trouble, PoolTimeout):
        return True
    code = getattr(getattr(trouble, "orig", trouble), "sqlite_errorcode", 0)
    return _state(trouble) in _BUSY_STATES or code & 0xFF in _LOCKED


def is_unreached(trouble: BaseException) -> bool:
    """Whether PostgreSQL gave no connection at all, so that nothing was asked of it."""
    return isinstance(trouble, OperationalError) and trouble.statement == REACHING


def is_outage(trouble: BaseException) -> bool:
    """Whether the database, and not what was asked of it, is to blame: trying again helps."""
    if isinstance(trouble, DBAPIError) and trouble.connection_invalidated:
        return True
    down = isinstance(trouble, OperationalError | InterfaceError | OSError)
    return down or is_busy(trouble) or _state(trouble).startswith(_STOPS)


def _state(trouble: BaseException) -> str:
    """The SQLSTATE; read by name, so that nobody on SQLite holds PostgreSQL's driver in memory."""
    return str(getattr(getattr(trouble, "orig", trouble), "sqlstate", None) or "")


def of_sqlite(sql: str, trouble: sqlite3.Error) -> BaseException:
    """An error of SQLite's driver as SQLAlchemy raises it, for what is done past it."""
    return DBAPIError.instance(
        sql, None, trouble, sqlite3.Error, hide_parameters=True, dialect=sqlite.dialect()
    )
