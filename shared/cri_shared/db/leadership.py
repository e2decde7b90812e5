"""Leadership: of all processes on one database, one does what must be done once."""

import contextlib
import fcntl
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cri_shared.db.sqlite import BEGIN_WRITING


@contextlib.asynccontextmanager
async def leadership(engine: AsyncEngine, duty: str) -> AsyncIterator[AsyncConnection | None]:
    """A connection in autocommit while this process leads in `duty`, or None where another does.

    It is a PostgreSQL advisory lock, or a file lock beside the SQLite file; the operating system
    frees both when the process dies, however it dies.
    """
    lead = _advisory_lock if engine.dialect.name == "postgresql" else _file_lock
    async with lead(engine, duty) as connection:
        yield connection


@contextlib.asynccontextmanager
async def _advisory_lock(engine: AsyncEngine, duty: str) -> AsyncIterator[AsyncConnection | None]:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        question = text("SELECT pg_try_advisory_lock(:lock)")
        number = zlib.crc32(f"cri:{duty}".encode())
        leads = (await connection.execute(question, {"lock": number})).scalar()
        yield connection if leads else None


@contextlib.asynccontextmanager
async def _file_lock(engine: AsyncEngine, duty: str) -> AsyncIterator[AsyncConnection | None]:
    handle = os.open(f"{engine.url.database}.{duty}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection
    finally:
        os.close(handle)


@contextlib.asynccontextmanager
async def transaction(connection: AsyncConnection, *, lasting: bool = True) -> AsyncIterator[None]:
    """A transaction on a connection that otherwise stays in autocommit to hold its lock.

    One that need not be `lasting` does not wait for the disk. It outlives this process; a machine
    that loses its power may lose it, and never one that was committed after it and is lasting.
    """
    async with _begun(connection, lasting=lasting) as do:
        try:
            yield
        except BaseException:
            await do("ROLLBACK")
            raise
        await do("COMMIT")


_Do = Callable[[str], Awaitable[object]]


@contextlib.asynccontextmanager
async def _begun(connection: AsyncConnection, *, lasting: bool) -> AsyncIterator[_Do]:
    """What ends the transaction that is begun; the driver itself does it at less cost."""
    ours: Any = await connection.get_raw_connection()
    if connection.dialect.name == "postgresql":
        soon = "" if lasting else "; SET LOCAL synchronous_commit TO off"
        await ours.driver_connection.execute(f"BEGIN{soon}")
        yield ours.driver_connection.execute
        return
    ours.dbapi_connection.wait_for_disk(lasting)
    try:
        await connection.exec_driver_sql(BEGIN_WRITING)
        yield connection.exec_driver_sql
    finally:
        ours.dbapi_connection.wait_for_disk(True)
