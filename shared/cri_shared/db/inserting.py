"""Inserts that may meet a row which is there already: both databases say it in one way."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

Where = AsyncSession | AsyncConnection  # the transaction at hand


def dialect_of(where: Where | AsyncEngine) -> str:
    """The name of the database that an engine or a transaction is of: sqlite or postgresql."""
    bind = where.get_bind() if isinstance(where, AsyncSession) else where
    return bind.dialect.name


def insert_into(where: Where | AsyncEngine, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect_of(where) == "sqlite" else postgresql.insert(table)


async def add_up(where: Where, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add the numbers of these rows to those of the rows with the same keys, or begin with them.

    Rows that come in one order everywhere keep transactions from waiting for each other.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    adding = insert_into(where, table)
    more = {name: table.c[name] + adding.excluded[name] for name in rows[0] if name not in keys}
    await where.execute(adding.on_conflict_do_update(index_elements=keys, set_=more), rows)
