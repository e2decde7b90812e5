"""What is done with PostgreSQL's driver past SQLAlchemy, in the transaction that it knows of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.util.concurrency import greenlet_spawn


async def put(connection: Connection, sql: str, values: Sequence[Any]) -> list[Any]:
    """Do an INSERT of a row; gives what it returns. Raises as SQLAlchemy does.

    SQLAlchemy's connection begins its transaction at the first statement, keeps what was prepared
    for it, and hears of every error, so that one that is lost leaves the pool.
    """
    dialect: Any = connection.dialect
    driver: Any = connection.connection.dbapi_connection
    try:
        async with driver._execute_mutex:
            if driver._transaction is None:
                await driver._start_transaction()
            prepared, _ = await driver._prepare(sql, dialect._invalidate_schema_cache_asof)
            return list(await prepared.fetch(*values))
    except Exception as trouble:
        await greenlet_spawn(_tell, connection, driver, trouble, sql)
        raise


def _tell(connection: Any, driver: Any, trouble: Exception, sql: str) -> None:
    """Raise what SQLAlchemy makes of an error of the driver."""
    try:
        driver._handle_exception(trouble)
    except Exception as known:
        connection._handle_dbapi_exception(known, sql, None, None, None)
