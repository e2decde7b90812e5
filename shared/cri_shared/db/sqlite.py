"""SQLite through aiosqlite with one hop to its thread per statement.

SQLAlchemy's own adapter makes four: cursor, execute, fetch, close. Each is a queue, a future and
two wake-ups, some 0.1 ms of CPU, and was most of what a small transaction cost.
"""

import collections
import sqlite3
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """What `create_async_engine` takes as its `module`."""
    return _Driver(aiosqlite, sqlite3)


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is made, used, read and closed in one visit to the connection's thread."""

    __slots__ = ("_done",)

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = collections.deque()
        self._done: tuple[Any, int, int] = (None, -1, 0)

    @property
    def description(self) -> Any:
        return self._done[0]

    @property
    def rowcount(self) -> int:
        return self._done[1]

    @property
    def lastrowid(self) -> int:
        return self._done[2]

    async def _async_soft_close(self) -> None:
        """It is closed already."""

    def close(self) -> None:
        self._rows.clear()

    async def _execute_async(self, operation: Any, parameters: Any) -> "_Cursor":
        return await self._visit("execute", operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> "_Cursor":
        return await self._visit("executemany", operation, seq_of_parameters)

    async def _visit(self, method: str, operation: Any, parameters: Any) -> "_Cursor":
        mine: Any = self._adapt_connection
        async with mine._execute_mutex:
            mine.visited = False  # stays so when we are cancelled while the thread goes on
            try:
                rows, self._done = await mine._connection._execute(
                    _at_once, mine._connection._conn, method, operation, parameters
                )
            except Exception:
                mine.visited = True
                raise
            mine.visited = True
        self._rows = collections.deque(rows)
        return self


def _at_once(
    connection: sqlite3.Connection, method: str, operation: Any, parameters: Any
) -> tuple[list[Any], tuple[Any, int, int]]:
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return rows, (cursor.description, cursor.rowcount, cursor.lastrowid or 0)
    finally:
        cursor.close()


class SqliteConnection(AsyncAdapt_aiosqlite_connection):
    """A connection that visits its thread only for what may take time."""

    __slots__ = ("_only_reads", "visited")
    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.visited = True
        self._only_reads = False

    def begin_reading(self) -> None:
        """Begin a transaction that takes no lock before its first read: here and now."""
        connection: Any = self._connection
        connection._conn.execute("BEGIN DEFERRED")
        self._only_reads = True

    def rollback(self) -> None:
        """Give up the transaction, if there is one; to end one that only read is no work."""
        raw = self._transaction()
        if raw is not None and self._only_reads and self.visited:
            raw.rollback()
        elif raw is not None:
            super().rollback()
        self._only_reads = False

    def commit(self) -> None:
        """Commit the transaction, if there is one."""
        if self._transaction() is not None:
            super().commit()
        self._only_reads = False

    def _transaction(self) -> sqlite3.Connection | None:
        """The driver's connection where it is, or after a cancelled visit may be, in one."""
        connection: Any = self._connection
        raw: sqlite3.Connection | None = connection._connection
        return raw if raw is not None and (raw.in_transaction or not self.visited) else None


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    """SQLAlchemy's driver module, with our connections."""

    def connect(self, *arg: Any, **kw: Any) -> SqliteConnection:
        connection = self.aiosqlite.connect(*arg, **kw)
        connection._thread.daemon = True
        return SqliteConnection(self, await_(connection))
