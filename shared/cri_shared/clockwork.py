"""The clockwork: what must happen by itself, once, whichever process dies: duties and jobs.

A duty looks at the database now and then and does what is due (reminders, expiries); because it
derives everything from rows, a restart forgets nothing. A job is a row that a transaction left
behind for afterwards (write the index, send a mail) and is tried until it succeeds.
"""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared import clock
from cri_shared.db.database import Database, Work
from cri_shared.db.engine import make_engine
from cri_shared.db.inserting import Where, insert_into
from cri_shared.db.leadership import leadership
from cri_shared.db.notices import JOBS, listen, notify, version_of
from cri_shared.diary import Diary, Reader
from cri_shared.observe import log, metrics
from cri_shared.observe.traces import Traces
from cri_shared.points import reached
from cri_shared.resting import rest

Duty = Callable[[Work], Awaitable[None]]
Task = Callable[[], Awaitable[object]]
TICK_SECONDS = 1.0
RETRY_SECONDS = 0.5
LEAP_SECONDS = 5.0
STUCK_SECONDS = 300.0
BACKOFF_SECONDS = (1, 5, 30, 120, 600, 3600)


@dataclass(frozen=True)
class Job:
    """A piece of work that a transaction left behind; `key` names what it is about."""

    kind: str
    key: str
    payload: dict[str, Any]


JobHandler = Callable[[Job], Awaitable[None]]


async def leave_job(
    where: Where,
    table: Table,
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    due_at: dt.datetime | None = None,
) -> None:
    """Leave a job with the transaction at hand.

    The leading clockwork is woken for one that is due at once, where the database can; else it
    finds it at its next tick. The same kind and key again replaces the first.
    """
    await _write_job(where, table, kind, key, payload, due_at)
    if due_at is None or due_at <= clock.now():
        await notify(where, JOBS)


async def _write_job(
    where: Where,
    table: Table,
    kind: str,
    key: str,
    payload: dict[str, Any] | None,
    due_at: dt.datetime | None,
) -> None:
    values = {"due_at": due_at or clock.now(), "tries": 0, "payload": payload or {}}
    insert = insert_into(where, table).values(kind=kind, key=key, **values)
    keyed = [table.c.kind, table.c.key]
    await where.execute(
        insert.on_conflict_do_update(index_elements=keyed, set_={**values, "failed": None})
    )


@dataclass
class _Duty:
    """What is done again and again, and when it was done last, with the database at a version."""

    task: Task
    seconds: float
    unchanged: float
    done_at: float = float("-inf")
    version: int | None = None

    def is_due(self, version: int | None) -> bool:
        same = version is not None and version == self.version
        return time.monotonic() - self.done_at >= (self.unchanged if same else self.seconds)


class Clockwork:
    """Runs the duties and jobs of one service in the one process that leads."""

    def __init__(self, database: Database, traces: Traces = Traces()) -> None:
        self._database = database
        self._traces = traces
        self._engine = make_engine(database.url, database.limits, pooled=False)
        self._diary = Diary(database.outbox.tables.jobs)
        self._duties: dict[str, _Duty] = {}
        self._handlers: dict[str, JobHandler] = {}
        self._traced: set[str] = set()
        self._offset = 0.0
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._turned = time.monotonic()
        self.leading = False

    def every(
        self, seconds: float, name: str, duty: Duty, *, unchanged: float | None = None
    ) -> None:
        """Do `duty` in a transaction of its own, about every `seconds` of real time.

        It may wait for as many seconds as `unchanged` says while nobody commits anything, as far
        as the database tells (SQLite).
        """

        async def within() -> None:
            async with self._database.writing() as work:
                await duty(work)

        self.tends(seconds, name, within, unchanged=unchanged)

    def tends(
        self, seconds: float, name: str, task: Task, *, unchanged: float | None = None
    ) -> None:
        """The same for what takes long: it opens its transactions itself, around the long part.

        On SQLite nobody else can write while a duty's transaction is open.
        """
        self._duties[name] = _Duty(task, seconds, unchanged or seconds)

    def handles(self, kind: str, handler: JobHandler, *, keyed_by_aggregate: bool = False) -> None:
        """Handle jobs of one kind; doing one twice must do no harm.

        A job whose key is the id of an aggregate is part of that one's trace.
        """
        self._handlers[kind] = handler
        if keyed_by_aggregate:
            self._traced.add(kind)

    async def leave(
        self,
        work: Work,
        kind: str,
        key: str,
        payload: dict[str, Any] | None = None,
        *,
        due_at: dt.datetime | None = None,
    ) -> None:
        """Leave a job with this transaction, as `leave_job`, and do it as soon as it commits."""
        write = _write_job if self.leading else leave_job
        await write(work.session, work.tables.jobs, kind, key, payload, due_at)
        work.after_commit(self._wake.set)

    @property
    def duties(self) -> frozenset[str]:
        """The names of what is done again and again."""
        return frozenset(self._duties)

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="clockwork")

    async def stop(self) -> None:
        """Let the duty or job at hand finish, then stop."""
        self._stopping.set()
        self._wake.set()
        if self._task:
            _, late = await asyncio.wait({self._task}, timeout=10)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._engine.dispose()

    @property
    def running(self) -> bool:
        """Whether it works, or waits for its turn to."""
        return self._task is not None and not self._task.done()

    @property
    def stuck(self) -> bool:
        """Whether a duty or job of this process has taken longer than any may."""
        return self.running and time.monotonic() - self._turned > STUCK_SECONDS

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with leadership(self._engine, "clockwork") as connection:
                    if connection is not None:
                        await self._lead(connection)
                pause = TICK_SECONDS
            except Exception as trouble:  # the edge of the clockwork: it may be late, never dead
                log.warning("clockwork.delayed", error=type(trouble).__name__)
                pause = RETRY_SECONDS
            finally:
                self.leading = False
            # Jobs left here meanwhile are the leader's to see.
            await self._pause(self._stopping, pause)

    async def _lead(self, connection: AsyncConnection) -> None:
        self.leading = True
        await listen(connection, JOBS, self._wake.set)
        version_now = await version_of(connection)
        diary = Reader(self._diary, connection, version_now, list(self._handlers))
        while not self._stopping.is_set():
            await self._turn(diary)

    async def _turn(self, diary: Reader) -> None:
        # The lock goes with its connection: whoever lost that must not act as the leader. So the
        # leader looks for jobs on that connection, which fails where it was lost.
        self._wake.clear()
        # The clock moves more than time does: a demo jumps, a machine sleeps, one is set right.
        offset = clock.now().timestamp() - time.monotonic()
        leap = offset - self._offset
        if leap < -LEAP_SECONDS:
            await self._stay_due(clock.now() - dt.timedelta(seconds=leap))
        self._offset = offset
        version = diary.version_now()
        rows = await diary.due()
        await self.do_duties(version, all_now=abs(leap) > LEAP_SECONDS)
        while rows and not self._stopping.is_set():
            for row in rows:
                self._turned = time.monotonic()
                await self._do_job(row)
            rows = await diary.due()
        await self._pause(self._wake, TICK_SECONDS)

    async def _pause(self, signal: asyncio.Event, seconds: float) -> None:
        self._turned = time.monotonic()
        await rest(signal, seconds)

    async def do_duties(self, version: int | None = None, *, all_now: bool = False) -> None:
        """Do each duty whose time has come (or all of them), with the database at a version."""
        for name, duty in self._duties.items():
            if all_now or duty.is_due(version):
                duty.done_at, duty.version = time.monotonic(), version
                await self._do_duty(name, duty.task)

    async def _do_duty(self, name: str, task: Task) -> None:
        try:
            await task()
        except Exception as trouble:  # the edge of the clockwork: one duty must not stop the others
            metrics.jobs_failed.labels(name).inc()
            log.error("clockwork.duty.failed", duty=name, error=type(trouble).__name__)

    async def _stay_due(self, before: dt.datetime) -> None:
        """Let what was due, or waited for another try, before the clock went back be due now."""
        table = self._database.outbox.tables.jobs
        late = (table.c.due_at > clock.now()) & ((table.c.due_at <= before) | (table.c.tries > 0))
        async with self._database.writing() as work:
            await work.session.execute(update(table).where(late).values(due_at=clock.now()))

    async def do_jobs(self) -> int:
        """Do up to one batch of due jobs; gives how many were tried."""
        async with self._database.reading() as session:
            rows = await self._diary.due(session, list(self._handlers))
        for row in rows:
            await self._do_job(row)
        return len(rows)

    def _span(self, row: Any) -> AbstractContextManager[object]:
        traced = row.kind in self._traced
        return self._traces.doing(row.kind, row.key) if traced else contextlib.nullcontext()

    async def _do_job(self, row: Any) -> None:
        table = self._database.outbox.tables.jobs
        # A transaction may have left the same job again while it ran: only what was done goes.
        same = (table.c.id == row.id) & (table.c.due_at == row.due_at)
        try:
            with self._span(row):
                await self._handlers[row.kind](Job(row.kind, row.key, row.payload))
            reached("clockwork.done")
        except Exception as trouble:  # the edge of the clockwork: the job is kept and tried again
            metrics.jobs_failed.labels(row.kind).inc()
            log.warning("clockwork.job.delayed", kind=row.kind, error=type(trouble).__name__)
            delay = BACKOFF_SECONDS[min(row.tries, len(BACKOFF_SECONDS) - 1)]
            change = update(table).where(same)
            later = change.values(
                tries=row.tries + 1,
                due_at=clock.now() + dt.timedelta(seconds=delay),
                failed=type(trouble).__name__,
            )
            async with self._database.writing() as work:
                await work.session.execute(later)
        else:
            async with self._database.writing() as work:
                await work.session.execute(delete(table).where(same))
