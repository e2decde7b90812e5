"""Inserts that may meet a row which is there already: both databases say it in one way."""

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
