"""A service's database: reading sessions, and writing transactions that carry the outbox."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.pool import QueuePool

from cri_shared.db import begun
from cri_shared.db.engine import make_engine
from cri_shared.db.glances import Glance, Glances, Rows, Seek
from cri_shared.db.limits import Limits
from cri_shared.db.notices import OUTBOX, notify
from cri_shared.db.puts import Put
from cri_shared.db.tables import Messaging
from cri_shared.db.writers import Line, Writers
from cri_shared.events import Event
from cri_shared.observe import metrics
from cri_shared.points import reached

if TYPE_CHECKING:  # the outbox stands on the tables of this package
    from cri_shared.bus.outbox import Outbox


LOCK_SECONDS = 5.0  # scrubbing locks whole tables: others go first
FOR_PEOPLE = 2  # connections that programs leave
MOST_PROGRAMS = 500  # that wait to record: who comes after them would wait in vain
EXHAUSTED_SECONDS = 30.0  # so long after somebody went away without a connection


class StillInUse(Exception):
    """Readers of an older state kept the database's log from being forgotten."""


class Work:
    """One transaction: a session, and the events and mails that leave when it commits.

    It begins when it is first used. Who only puts rows in needs no session, and makes none.
    """

    def __init__(self, engine: AsyncEngine, outbox: "Outbox") -> None:
        self._engine = engine
        self._outbox = outbox
        self._session: AsyncSession | None = None
        self._own: AsyncConnection | None = None  # where there was no session to begin with
        self._connection: AsyncConnection | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._announced = False

    @property
    def session(self) -> AsyncSession:
        """The session, for everything but `put`."""
        if self._session is None:
            bind = self._own if self._own is not None else self._engine
            self._session = AsyncSession(
                bind, expire_on_commit=False, join_transaction_mode="rollback_only"
            )
        return self._session

    @property
    def tables(self) -> Messaging:
        """The tables that every service has beside its own."""
        return self._outbox.tables

    async def emit(self, event: Event, *, version: int | None = None) -> str:
        """Append an event to the outbox of this transaction; gives its id.

        `version` is the aggregate's version, which lets hearers drop what is older.
        """
        event_id = await self._outbox.append(self, event, version=version)
        await self.wake_relay()
        return event_id

    async def put(self, into: Put, row: Mapping[str, Any]) -> Rows:
        """Put in one row of a kind that comes all the time; gives what the statement returns."""
        if self._connection is None:
            if self._session is None:
                self._own = await begun.begin(self._engine)
            self._connection = self._own or await self.session.connection()
        return await into.into(self._connection, row)

    async def wake_relay(self) -> None:
        """Let the relay look at the outbox once this transaction is committed."""
        if not self._announced:
            self._announced = True
            self.after_commit(self._outbox.wake)
            if not self._outbox.relayed_here:  # commits with a notice cannot share one fsync
                await notify(self.session, OUTBOX)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Do something quick and harmless once the transaction is durable, never before."""
        self._after_commit.append(call)

    async def commit(self) -> None:
        """Commit, and do what waits for it; only the transaction's owner calls this."""
        if self._own is not None:
            own, self._own = self._own, None
            await begun.commit(own, self._session)
        elif self._session is not None:
            await self._session.commit()
            await self._session.close()
        reached("database.committed")
        for call in self._after_commit:
            call()

    async def give_up(self) -> None:
        """Roll back; only the transaction's owner calls this."""
        if self._session is not None:
            await asyncio.shield(asyncio.create_task(_undo(self._session)))
        if self._own is not None:
            await begun.give_up(self._own)


async def _undo(session: AsyncSession) -> None:
    try:
        await session.rollback()
    finally:
        await session.close()


class Database:
    """One service's database; the request or the message is the transaction."""

    def __init__(self, url: str, outbox: "Outbox", limits: Limits = Limits()) -> None:
        self.url = url
        self.limits = limits
        self.engine = make_engine(url, limits)
        self.outbox = outbox
        readers = self.engine.execution_options(sqlite_begin="DEFERRED")
        self._readers = async_sessionmaker(readers, expire_on_commit=False)
        # Each of these reads sees the latest commit, in a transaction or without one.
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._glancing = readers if self.is_sqlite else alone
        self._glances = Glances(url) if self.is_sqlite else None
        self._writers = Writers(self.engine, limits)
        self._programs = Line(max(1, limits.most - FOR_PEOPLE), limits.wait, MOST_PROGRAMS)
        self._refused_at = float("-inf")
        self._at_end: list[Callable[[AsyncSession], Awaitable[None]]] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded store is in use."""
        return self.engine.dialect.name == "sqlite"

    @property
    def exhausted(self) -> bool:
        """Whether somebody waited in vain for a connection, or the turn to write, a moment ago."""
        return time.monotonic() - self._refused_at < EXHAUSTED_SECONDS

    @property
    def connections_in_use(self) -> int:
        """How many connections of the pool somebody holds at this moment."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reads; nothing written in it is kept."""
        with self._noting_refusals():
            async with self._readers() as session:
                yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session for reads that all see the database as it was at the first of them.

        SQLite does so by itself.
        """
        async with self.reading() as session:
            if not self.is_sqlite:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield session

    @asynccontextmanager
    async def glancing(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reads of columns: half the CPU of a session, for what is asked most."""
        with self._noting_refusals():
            async with self._glancing.connect() as connection:
                yield connection

    async def glance(self, at: Glance, values: Sequence[Any]) -> Rows:
        """The rows of a question that is asked all the time, for a list of values."""
        if not values:
            return ()
        if self._glances and (rows := self._glances.read(at, values)) is not None:
            return rows
        async with self.glancing() as connection:
            return (await connection.execute(at.statement, {at.values: values})).all()

    async def seek(self, at: Seek, **values: Any) -> Rows:
        """The rows of such a question whose parameters have names."""
        if self._glances and (rows := self._glances.seek(at, values)) is not None:
            return rows
        async with self.glancing() as connection:
            return (await connection.execute(at.statement, values)).all()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Work]:
        """One transaction: commits when the block ends, rolls back when it raises."""
        with self._noting_refusals():
            async with self._writers.turn():
                work = Work(self.engine, self.outbox)
                try:
                    yield work
                    for task in self._at_end:
                        await task(work.session)
                    reached("database.committing")
                    await work.commit()
                except BaseException:
                    await work.give_up()
                    raise

    def at_end(self, task: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Do something last in every transaction that writes, before it commits."""
        self._at_end.append(task)

    @asynccontextmanager
    async def for_programs(self) -> AsyncIterator[None]:
        """What programs write and may ask for by the hundred: a few at a time, in order.

        People's writes come between, and wait for those few alone.
        """
        async with AsyncExitStack() as held:
            with self._noting_refusals():
                await held.enter_async_context(self._programs.turn())
            yield

    @contextmanager
    def _noting_refusals(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout:
            self._refused_at = time.monotonic()
            metrics.pool_refused.inc()
            raise

    async def scrub(self, *tables: Table) -> None:
        """Take out of the files what was deleted from these tables, or overwritten there.

        SQLite wrote zeros there already, and forgets here the log of how it was before; PostgreSQL
        writes the tables anew, and nobody can use them meanwhile. Raises `StillInUse` (SQLite) or
        what the database raises (PostgreSQL) where others do not let go of them for seconds.
        """
        limits = replace(self.limits, lock=LOCK_SECONDS, statement=0)
        engine = make_engine(self.url, limits, pooled=False)
        try:
            async with self._writers.turn(), engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                if self.is_sqlite:
                    log = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    if log.one()[0]:
                        raise StillInUse
                    return
                for table in tables:
                    await connection.exec_driver_sql(f"VACUUM (FULL) {table.name}")
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Ask the database whether it answers; raises what it raises."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give every connection back."""
        if self._glances:
            self._glances.close()
        await self.engine.dispose()
