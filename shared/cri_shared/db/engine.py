"""One engine factory: SQLite as a careful embedded store, PostgreSQL through asyncpg."""

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from cri_shared.db.limits import Limits
from cri_shared.db.sqlite import driver
from cri_shared.db.trouble import REACHING

_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"),
    "secure_delete=ON",  # what is deleted or overwritten becomes zeros, not free space
)
# A server that fell silent cannot end a statement: so long after its limit we do.
_GRACE_SECONDS = 5.0
# The server gives up a client that fell silent, and with it the lock of a leader, after 25 s.
_KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def make_engine(url: str, limits: Limits = Limits(), *, pooled: bool = True) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`.

    On SQLite a transaction begins IMMEDIATE, because two readers that turn writers deadlock;
    readers opt out with the execution option `sqlite_begin="DEFERRED"`, and a writer of one
    statement, which is a transaction of its own, with "NONE". Errors never carry the values that
    were bound. Without a pool each connection is made anew and closed after use.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if pooled:
        sizes = {"pool_size": limits.size, "max_overflow": limits.overflow}
        options |= {**sizes, "pool_timeout": limits.wait}
    else:
        options["poolclass"] = NullPool
    if url.startswith("sqlite"):
        return _sqlite(url, limits, options)
    return _postgresql(url, limits, options)


def _postgresql(url: str, limits: Limits, options: dict[str, Any]) -> AsyncEngine:
    milliseconds = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle,
    }
    settings = {name: str(int(seconds * 1000)) for name, seconds in milliseconds.items()}
    told: dict[str, Any] = {
        "server_settings": {"application_name": limits.name, **settings, **_KEEPALIVES},
        "async_creator_fn": _reach,
        "timeout": limits.wait,
    }
    if limits.statement:
        told["command_timeout"] = limits.statement + _GRACE_SECONDS
    return create_async_engine(url, connect_args=told, **options)


def _sqlite(url: str, limits: Limits, options: dict[str, Any]) -> AsyncEngine:
    told = {"timeout": limits.lock, "isolation_level": None}
    engine = create_async_engine(url, module=driver(), connect_args=told, **options)
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
        raise OperationalError(REACHING, None, away, hide_parameters=True) from None


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
    if options.get("sqlite_begin") == "NONE":
        return
    ours: Any = connection.connection.dbapi_connection
    if options.get("sqlite_begin") == "DEFERRED":
        ours.begin_reading()
    else:
        ours.begin_writing()
