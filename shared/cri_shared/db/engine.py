"""One engine factory: SQLite as a careful embedded store, PostgreSQL through asyncpg."""

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cri_shared.db.sqlite import driver

CONNECT_SECONDS = 10.0
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"),
    "secure_delete=ON",  # what is deleted or overwritten becomes zeros, not free space
)


def make_engine(url: str, **options: Any) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`.

    On SQLite a transaction begins IMMEDIATE, because two readers that turn writers deadlock;
    readers opt out with the execution option `sqlite_begin="DEFERRED"`. Errors never carry
    the values that were bound.
    """
    if not url.startswith("sqlite"):
        connecting = {"async_creator_fn": _reach, "timeout": CONNECT_SECONDS}
        return create_async_engine(url, connect_args=connecting, hide_parameters=True, **options)
    connect_args = {"timeout": 15, "isolation_level": None}
    engine = create_async_engine(
        url, module=driver(), connect_args=connect_args, hide_parameters=True, **options
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


async def _reach(*where: Any, **how: Any) -> Any:
    """Connect to PostgreSQL; raises as SQLAlchemy does for what fails later, and asyncpg does not.

    A server that is away is one kind of trouble everywhere: 503, and nothing of ours.
    """
    import asyncpg  # a service on SQLite need not hold it

    try:
        return await asyncpg.connect(*where, **how)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as away:
        raise OperationalError("connect", None, away, hide_parameters=True) from None


def _set_pragmas(dbapi: Any, _record: Any) -> None:
    cursor = dbapi.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    # SQLAlchemy fires "begin" for AUTOCOMMIT connections too; beginning there would hold the
    # write lock for as long as the connection idles.
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    if options.get("sqlite_begin") == "DEFERRED":
        ours: Any = connection.connection.dbapi_connection
        ours.begin_reading()
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
