"""Rows that are put in all the time, such as a question, its key, and an event on either side.

SQLAlchemy takes two dozen steps and a greenlet around each statement, 0.2 ms of CPU; to put a row
in takes SQLite 0.03 to 0.09, and PostgreSQL's driver 0.09. So it is done past all that, in the
transaction at hand.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Insert, TextClause
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared.db import postgresql
from cri_shared.db.glances import Given, Rows
from cri_shared.db.sqlite import SqliteConnection
from cri_shared.db.trouble import of_sqlite


class Put:
    """An INSERT, of a table or in plain words, whose row is given by the names of its columns.

    It is written and bound as SQLAlchemy would, by the types and the defaults of the columns.
    """

    def __init__(self, statement: Insert | TextClause) -> None:
        # Nobody asks for what the database makes of a row, unless it says so.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._written: dict[tuple[str | None, ...], _Written] = {}

    async def into(self, connection: AsyncConnection, row: Mapping[str, Any]) -> Rows:
        """Put a row in; gives what the statement returns. Raises as SQLAlchemy does."""
        ours: Any = connection.sync_connection
        written = self._for(ours, row)
        if connection.dialect.name != "sqlite":
            return await postgresql.put(ours, written.sql, written.given(row))
        driver: SqliteConnection = ours.connection.dbapi_connection
        try:
            return await driver.put(written.sql, written.given(row))
        except sqlite3.Error as trouble:
            raise of_sqlite(written.sql, trouble) from trouble

    def _for(self, connection: Connection, row: Mapping[str, Any]) -> "_Written":
        schemas = connection.get_execution_options().get("schema_translate_map")
        key = (connection.dialect.name, schemas and schemas[None], *row)
        if (known := self._written.get(key)) is None:
            known = self._written[key] = _Written(self._statement, connection, tuple(row))
        return known


class _Written:
    """The statement for one database and these columns."""

    def __init__(
        self, statement: Insert | TextClause, connection: Connection, named: tuple[str, ...]
    ) -> None:
        schemas = connection.get_execution_options().get("schema_translate_map")
        compiled: Any = statement.compile(
            dialect=connection.dialect,
            column_keys=list(named),
            schema_translate_map=schemas,
            render_schema_translate=bool(schemas),
        )
        self.sql = str(compiled)
        self._fixed = compiled.params
        self._made = {column.key: _default_of(column) for column in compiled.insert_prefetch}
        self._given = Given(compiled, connection.dialect)

    def given(self, row: Mapping[str, Any]) -> list[Any]:
        """The values as the driver takes them."""
        made = {name: make() for name, make in self._made.items()}
        return self._given({**self._fixed, **made, **row})


def _default_of(column: Column[Any]) -> Callable[[], Any]:
    """What Python makes where a row does not say it; defaults in SQL stand in the statement."""
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
