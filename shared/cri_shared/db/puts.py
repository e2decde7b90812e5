"""Rows that are put in all the time, such as a question, its key, and an event on either side.

SQLAlchemy takes two dozen steps and a greenlet around each statement, 0.2 ms of CPU; to put
a row in takes SQLite 0.03 to 0.09. So there it is done past all that, in the transaction at hand.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Insert, TextClause
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared.db.glances import Given, Rows
from cri_shared.db.sqlite import SqliteConnection
from cri_shared.db.trouble import of_sqlite

_DIALECT = sqlite.dialect()


class Put:
    """An INSERT, of a table or in plain words, whose row is given by the names of its columns.

    It is written and bound as SQLAlchemy would, by the types and the defaults of the columns.
    """

    def __init__(self, statement: Insert | TextClause) -> None:
        # Nobody asks for what the database makes of a row, unless it says so.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._written: dict[tuple[str, ...], _Written] = {}

    async def into(self, connection: AsyncConnection, row: Mapping[str, Any]) -> Rows:
        """Put a row in; gives what the statement returns. Raises as SQLAlchemy does."""
        if connection.dialect.name != "sqlite":
            done = await connection.execute(self._statement, row)
            return done.all() if done.returns_rows else ()
        named = tuple(row)
        written = self._written.get(named)
        if written is None:
            written = self._written[named] = _Written(self._statement, named)
        ours: Any = connection.sync_connection
        driver: SqliteConnection = ours.connection.dbapi_connection
        try:
            return await driver.put(written.sql, written.given(row))
        except sqlite3.Error as trouble:
            raise of_sqlite(written.sql, trouble) from trouble


class _Written:
    """The statement for SQLite and these columns."""

    def __init__(self, statement: Insert | TextClause, named: tuple[str, ...]) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=list(named))
        self.sql = str(compiled)
        self._fixed = compiled.params
        self._made = {column.key: _default_of(column) for column in compiled.insert_prefetch}
        self._given = Given(compiled, _DIALECT)

    def given(self, row: Mapping[str, Any]) -> list[Any]:
        """The values as the driver takes them."""
        made = {name: make() for name, make in self._made.items()}
        return self._given({**self._fixed, **made, **row})


def _default_of(column: Column[Any]) -> Callable[[], Any]:
    """What Python makes where a row does not say it; defaults in SQL stand in the statement."""
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
