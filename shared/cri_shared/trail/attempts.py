"""Attempts: what was refused at the doors, counted by the hour and then noted in the trail.

Who tries doors can make counts grow, and never the number of rows beyond one for each kind, hour
and thing that we know. Nothing of the one who tries is kept: no address, no word, no key.
"""

import asyncio
import contextlib
import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.clockwork import Clockwork
from cri_shared.db.database import Database, Work
from cri_shared.db.inserting import insert_into
from cri_shared.db.tables.spans import NOTE_ATTEMPTS
from cri_shared.identity.audit import BY_ITSELF
from cri_shared.identity.staff import Staff
from cri_shared.observe import log, metrics

WRITE_SECONDS = 60.0
AT_ONCE = 1000  # keys that one process counts apart, and rows that are shown
NOTHING = "unknown"  # what an attempt is about that names nothing that we know


class Attempt(NamedTuple):
    """What was refused in one hour: a static dotted kind, a known id or code, and who, if known."""

    hour: dt.datetime
    kind: str
    about: str
    actor_id: str
    actor: str


@dataclass(frozen=True)
class Counted:
    """An attempt and how often there was one."""

    attempt: Attempt
    count: int


class Attempts:
    """Counts in memory, writes once a minute; the hours that are over go to the audit trail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[Attempt] = Counter()
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def work_by(self, clockwork: Clockwork) -> None:
        """Let the clockwork note what was counted in the hours that are over."""
        clockwork.every(WRITE_SECONDS, NOTE_ATTEMPTS, self.note_hours)

    def count(self, kind: str, about: str | None = None, *, by: Staff | None = None) -> None:
        """Count one; `about` must be an id or a code of ours, never what somebody sent."""
        about = about or NOTHING
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        actor = (by.staff_id, by.name) if by else ("", BY_ITSELF)
        attempt = Attempt(hour, kind, about, *actor)
        if attempt not in self._counts and len(self._counts) >= AT_ONCE:
            attempt = Attempt(hour, kind, NOTHING, "", BY_ITSELF)
        self._counts[attempt] += 1
        metrics.doors_refused.labels(kind).inc()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon(), name="attempts")

    async def _write_soon(self) -> None:
        while self._counts and not self._closing.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._closing.wait(), WRITE_SECONDS)
            await self.write()

    async def close(self) -> None:
        """Write what is counted and stop."""
        self._closing.set()
        if self._writing is not None:
            await self._writing
        await self.write()

    async def write(self) -> None:
        """Add what was counted to the rows of its hours; what cannot be written waits."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            async with self._database.writing() as work:
                await _add(work.session, work.tables.attempts, counts)
        except Exception as trouble:  # the edge of a task: counts must not be lost, nor a page fail
            self._counts.update(counts)
            log.error("doors.refused.not_written", error=type(trouble).__name__)
            return
        kinds: Counter[str] = Counter()
        for attempt, number in counts.items():
            kinds[attempt.kind] += number
        for kind, number in sorted(kinds.items()):
            log.warning("doors.refused", kind=kind, count=number)

    async def note_hours(self, work: Work) -> None:
        """Note what was counted in the hours that are over in the audit trail, a row for each."""
        table = work.tables.attempts
        this_hour = clock.now().replace(minute=0, second=0, microsecond=0)
        # At once, so that nothing is lost that another process adds meanwhile.
        over = delete(table).where(table.c.hour < this_hour).returning(*table.c)
        rows = sorted((await work.session.execute(over)).all())
        if rows:
            await work.session.execute(insert(work.tables.audit), [_note_of(row) for row in rows])

    async def lately(self, session: AsyncSession) -> list[Counted]:
        """What was counted and is not in the trail yet, most often first."""
        table = self._database.outbox.tables.attempts
        often = select(table).order_by(table.c.tries.desc()).limit(AT_ONCE)
        found = Counter(self._counts)
        for row in (await session.execute(often)).all():
            found[Attempt(row.hour, row.kind, row.about, row.actor_id, row.actor)] += row.tries
        return [Counted(attempt, number) for attempt, number in found.most_common()]


async def _add(session: AsyncSession, table: Table, counts: Counter[Attempt]) -> None:
    rows = [{**attempt._asdict(), "tries": number} for attempt, number in sorted(counts.items())]
    adding = insert_into(session, table)
    more = {"tries": table.c.tries + adding.excluded.tries}
    keys = list(table.primary_key.columns)
    await session.execute(adding.on_conflict_do_update(index_elements=keys, set_=more), rows)


def _note_of(row: Any) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "actor_id": row.actor_id or None,
        "actor": row.actor,
        "action": row.kind,
        "about": row.about,
        "facts": {"count": row.tries, "hour": row.hour.isoformat()},
    }
