"""Inserts that may meet a row which is there already: both databases say it in one way."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

Where = AsyncSession | AsyncConnection  # the transaction at hand


def dialect_of(where: Where) -> str:
    """The name of the database that a transaction belongs to: sqlite or postgresql."""
    bind = where if isinstance(where, AsyncConnection) else where.get_bind()
    return bind.dialect.name


def insert_into(where: Where, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if dialect_of(where) == "sqlite" else postgresql.insert(table)
