"""SQLite through aiosqlite, whose thread is visited only for what may take time.

A visit is a queue, a future and two wake-ups: 0.05 ms of CPU, and more where many wait. To find a
row, or to put one in, takes 0.01. Those two are done at once, and so is the beginning of a
transaction; a read that turns out to be long is given up after half a millisecond and done anew in
the thread. What waits for the disk (a commit) or for others (a lock), and what may touch many rows,
goes there.
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

from cri_shared.db.trouble import of_sqlite

BEGIN_WRITING = "BEGIN IMMEDIATE"
_Found = tuple[list[Any], tuple[Any, int, int]]  # rows, and (description, rowcount, lastrowid)

_STEPS, _TIMES = 1000, 10  # of SQLite's machine: what a read may take here, half a millisecond
_FEW = 200  # parameters of an insert: one row, or a few
_MOST_LONG = 1000  # statements known to be long


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """What `create_async_engine` takes as its `module`."""
    return _Driver()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is made, used, read and closed at once, or in one visit to the thread."""

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
        mine: Any = self._adapt_connection
        given = () if parameters is None else parameters
        async with mine._execute_mutex:
            found = mine.at_once(operation, given) or await mine.visit("execute", operation, given)
        return self._keep(found)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> "_Cursor":
        mine: Any = self._adapt_connection
        async with mine._execute_mutex:
            found = await mine.visit("executemany", operation, seq_of_parameters)
        return self._keep(found)

    def _keep(self, found: _Found) -> "_Cursor":
        rows, self._done = found
        self._rows = collections.deque(rows)
        return self


def _executed(
    connection: sqlite3.Connection, method: str, operation: Any, parameters: Any
) -> _Found:
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return rows, (cursor.description, cursor.rowcount, cursor.lastrowid or 0)
    finally:
        cursor.close()


def read_if_short(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Found | None:
    """What a SELECT gives, or None where that took too long: it was given up then."""
    times = iter(range(_TIMES))
    connection.set_progress_handler(lambda: next(times, None) is None, _STEPS)
    try:
        return _executed(connection, "execute", operation, parameters)
    except sqlite3.OperationalError as trouble:
        if trouble.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)


class SqliteConnection(AsyncAdapt_aiosqlite_connection):
    """A connection that visits its thread only for what may take time."""

    __slots__ = ("_only_reads", "_patience_ms", "visited")
    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any, patience: float) -> None:
        super().__init__(dbapi, connection)
        self._patience_ms = int(patience * 1000)
        self.visited = True
        self._only_reads = False

    def at_once(self, operation: str, parameters: Any) -> _Found | None:
        """Do a statement here and now if it is short; None where it is for the thread."""
        connection: Any = self._connection
        if not self.visited:  # the thread is at work
            return None
        raw: sqlite3.Connection = connection._conn
        if operation.startswith("SELECT"):
            return self._read(raw, operation, parameters)
        if operation == BEGIN_WRITING:
            return self._begin_writing(raw)
        if raw.in_transaction and _puts_in_a_row(operation, parameters):
            return _executed(raw, "execute", operation, parameters)
        return None

    async def visit(self, method: str, operation: Any, parameters: Any) -> _Found:
        """Have the thread do a statement."""
        connection: Any = self._connection
        self.visited = False  # stays so when we are cancelled while the thread goes on
        try:
            found: _Found = await connection._execute(
                _executed, connection._conn, method, operation, parameters
            )
        except Exception:
            self.visited = True
            raise
        self.visited = True
        return found

    async def put(self, operation: str, parameters: list[Any]) -> list[Any]:
        """Do an INSERT of a row; gives what it returns.

        In a transaction here and now; without one it is its own, and waits for the disk.
        """
        connection: Any = self._connection
        if self.visited and connection._conn.in_transaction:
            return _executed(connection._conn, "execute", operation, parameters)[0]
        async with self._execute_mutex:
            return (await self.visit("execute", operation, parameters))[0]

    def _read(self, raw: sqlite3.Connection, operation: str, parameters: Any) -> _Found | None:
        long: set[str] = self.dbapi.long
        if operation in long:
            return None
        found = read_if_short(raw, operation, parameters)
        if found is None:
            if len(long) >= _MOST_LONG:
                long.clear()
            long.add(operation)
        return found

    def _begin_writing(self, raw: sqlite3.Connection) -> _Found | None:
        """Take the lock of writers if it is free; where others have it, the thread waits."""
        raw.execute("PRAGMA busy_timeout=0")
        try:
            return _executed(raw, "execute", BEGIN_WRITING, ())
        except sqlite3.OperationalError:
            return None
        finally:
            raw.execute(f"PRAGMA busy_timeout={self._patience_ms}")

    def data_version(self) -> int:
        """A number that each commit of another connection changes; to ask for it is no work."""
        connection: Any = self._connection
        (version,) = connection._conn.execute("PRAGMA data_version").fetchone()
        return int(version)

    def begin_writing(self) -> None:
        """Begin a transaction that takes the lock of writers; raises as SQLAlchemy does."""
        connection: Any = self._connection
        if self.visited and self._begin_writing(connection._conn):
            return
        try:
            await_(self._wait_to_write())
        except sqlite3.Error as trouble:
            raise of_sqlite(BEGIN_WRITING, trouble) from trouble

    async def _wait_to_write(self) -> None:
        async with self._execute_mutex:
            await self.visit("execute", BEGIN_WRITING, ())

    def wait_for_disk(self, yes: bool) -> None:
        """Whether the commits that follow wait until they are on the disk."""
        connection: Any = self._connection
        connection._conn.execute(f"PRAGMA synchronous={'FULL' if yes else 'NORMAL'}")

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
    """SQLAlchemy's driver module, with our connections; `long` are reads that took too long."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)
        self.long: set[str] = set()

    def connect(self, *arg: Any, timeout: float = 5.0, **kw: Any) -> SqliteConnection:
        connection = self.aiosqlite.connect(*arg, timeout=timeout, **kw)
        connection._thread.daemon = True
        try:
            opened = await_(connection)
        except sqlite3.Error:
            connection._thread.join()  # it ends by itself; after our loop it would end loudly
            raise
        return SqliteConnection(self, opened, timeout)


def _puts_in_a_row(operation: str, parameters: Any) -> bool:
    known = operation.startswith("INSERT") and "SELECT" not in operation
    return known and len(parameters) <= _FEW
