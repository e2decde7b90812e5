"""A service's database: reading sessions, and writing transactions that carry the outbox."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from cri_shared.db.engine import make_engine
from cri_shared.db.notices import OUTBOX, notify
from cri_shared.db.tables import Messaging
from cri_shared.events import Event
from cri_shared.points import reached

LOCK_SECONDS = 5

if TYPE_CHECKING:  # the outbox stands on the tables of this package
    from cri_shared.bus.outbox import Outbox


class StillInUse(Exception):
    """Readers of an older state kept the database's log from being forgotten."""


class Work:
    """One transaction: a session, and the events and mails that leave when it commits."""

    def __init__(self, session: AsyncSession, outbox: "Outbox") -> None:
        self.session = session
        self._outbox = outbox
        self._after_commit: list[Callable[[], None]] = []
        self._announced = False

    @property
    def tables(self) -> Messaging:
        """The tables that every service has beside its own."""
        return self._outbox.tables

    async def emit(self, event: Event, *, version: int | None = None) -> str:
        """Append an event to the outbox of this transaction; gives its id.

        `version` is the aggregate's version, which lets hearers drop what is older.
        """
        event_id = await self._outbox.append(self.session, event, version=version)
        await self.wake_relay()
        return event_id

    async def wake_relay(self) -> None:
        """Let the relay look at the outbox once this transaction is committed."""
        if not self._announced:
            self._announced = True
            self.after_commit(self._outbox.wake)
            await notify(self.session, OUTBOX)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Do something quick and harmless once the transaction is durable, never before."""
        self._after_commit.append(call)

    def committed(self) -> None:
        """Run what waits for the commit; only the transaction's owner calls this."""
        for call in self._after_commit:
            call()


class Database:
    """One service's database; the request or the message is the transaction."""

    def __init__(self, url: str, outbox: "Outbox", **options: Any) -> None:
        self.url = url
        self.engine = make_engine(url, **options)
        self.outbox = outbox
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        readers = self.engine.execution_options(sqlite_begin="DEFERRED")
        self._readers = async_sessionmaker(readers, expire_on_commit=False)
        # SQLite has one writer at a time; queueing here is fair and free, where busy-waiting
        # in five connections cost more than half of the throughput.
        self._turn = asyncio.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded store is in use."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reads; nothing written in it is kept."""
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Work]:
        """One transaction: commits when the block ends, rolls back when it raises."""
        if self._turn is None:
            async with self._transaction() as work:
                yield work
        else:
            async with self._turn, self._transaction() as work:
                yield work

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Work]:
        async with self._sessions() as session:
            work = Work(session, self.outbox)
            async with session.begin():
                yield work
                reached("database.committing")
            reached("database.committed")
            work.committed()

    async def scrub(self, *tables: Table) -> None:
        """Take out of the files what was deleted from these tables, or overwritten there.

        SQLite wrote zeros there already, and forgets here the log of how it was before; PostgreSQL
        writes the tables anew, and nobody can use them meanwhile. Raises `StillInUse` (SQLite) or
        what the database raises (PostgreSQL) where others do not let go of them for seconds.
        """
        async with self._turn or contextlib.nullcontext(), self.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            if self.is_sqlite:
                log = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                if log.one()[0]:
                    raise StillInUse
                return
            await connection.exec_driver_sql(f"SET lock_timeout = {LOCK_SECONDS * 1000}")
            try:
                for table in tables:
                    await connection.exec_driver_sql(f"VACUUM (FULL) {table.name}")
            finally:
                await connection.exec_driver_sql("RESET lock_timeout")

    async def ping(self) -> None:
        """Ask the database whether it answers; raises what it raises."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()
