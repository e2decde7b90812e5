"""The diary: which jobs are due; whoever looks into it all day asks only when one may be."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Result, Row, Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared import clock
from cri_shared.db.inserting import Where

JOB_BATCH = 50

Rows = Sequence[Row[Any]]


class Diary:
    """The jobs of some kinds in one table; its statements are made once."""

    def __init__(self, jobs: Table) -> None:
        kinds: BindParameter[Sequence[str]] = bindparam("kinds", expanding=True)
        ours = jobs.c.kind.in_(kinds)
        self._first = select(func.min(jobs.c.due_at)).where(ours)
        self._due = (
            select(jobs)
            .where(jobs.c.due_at <= bindparam("now"), ours)
            .order_by(jobs.c.due_at, jobs.c.id)
            .limit(JOB_BATCH)
        )

    async def due(self, where: Where, kinds: Sequence[str]) -> Rows:
        """One batch of those that are due, the first first."""
        found: Result[Any] = await where.execute(self._due, {"now": clock.now(), "kinds": kinds})
        return found.all()

    async def first(self, where: Where, kinds: Sequence[str]) -> dt.datetime | None:
        """When the first of all is due."""
        when: dt.datetime | None = (await where.execute(self._first, {"kinds": kinds})).scalar()
        return when


class Reader:
    """Reads a diary over one connection, again and again.

    Where the database tells of each commit, it asks after one, and when the next job is due.
    """

    def __init__(
        self,
        diary: Diary,
        connection: AsyncConnection,
        version_now: Callable[[], int | None],
        kinds: Sequence[str],
    ) -> None:
        self._diary = diary
        self._connection = connection
        self._kinds = kinds
        self._nothing_at: int | None = None
        self._next: dt.datetime | None = None
        self.version_now = version_now

    async def due(self) -> Rows:
        """One batch of jobs that are due."""
        version = self.version_now()
        if version is not None and version == self._nothing_at and not self._one_is_due():
            return ()
        rows = await self._diary.due(self._connection, self._kinds)
        self._nothing_at = None if rows else version
        if self._nothing_at is not None:
            self._next = await self._diary.first(self._connection, self._kinds)
        return rows

    def _one_is_due(self) -> bool:
        return self._next is not None and self._next <= clock.now()
