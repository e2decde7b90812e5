"""Erasure: what a service said about one thing is taken back, and its numbers still count.

The row of the outbox becomes a tombstone, the relay sends it, and the copies from before are
deleted from the stream. Decision 10 tells what remains where, and for how long.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from cri_shared import clock
from cri_shared.bus.dead_letters import give_up_about
from cri_shared.bus.envelope import tombstone_of
from cri_shared.bus.outbox import once_more
from cri_shared.bus.removal import leave_removal
from cri_shared.clockwork import Clockwork, Job, leave_job
from cri_shared.db.database import Database, Work
from cri_shared.db.inserting import dialect_of
from cri_shared.observe import log

SCRUB = "database.scrub"
QUIET_HOUR = 2  # UTC; PostgreSQL locks a table while it writes it anew


@dataclass(frozen=True)
class Erased:
    """What an erasure did: events that became tombstones, copies of them that lay in the stream
    at a known place, and own dead letters that were dropped."""

    events: int
    copies: int
    letters: int

    @property
    def nothing(self) -> bool:
        """Whether there was nothing about it, or nothing any more."""
        return not self.events and not self.letters


async def erase(work: Work, about: str) -> Erased:
    """Turn every event of this service about one thing into a tombstone, with this transaction.

    A tombstone keeps the event's id and number, and nothing that leads to what it was about.
    Dead letters about the thing are dropped here; each hearer drops its own as it takes the
    tombstone. Doing it again does nothing. Raises `ValueError` for an empty id.
    """
    if not about:
        raise ValueError("what is to be erased has an id")
    outbox = work.tables.outbox
    these = select(outbox).where(outbox.c.about == about, outbox.c.erased_at.is_(None))
    # The relay may be publishing one of them: whoever commits later sees what the other did.
    rows = (await work.session.execute(these.order_by(outbox.c.id).with_for_update())).all()
    if rows:
        await _bury(work, rows)
        await work.wake_relay()
    known = [row for row in rows if row.stream_sequence is not None]
    for row in known:
        await leave_removal(work, row.stream_sequence, row.event_id)
    erased = Erased(len(rows), len(known), await give_up_about(work, about))
    if not erased.nothing:
        await leave_scrub(work)
        log.info("bus.erased", events=erased.events, letters=erased.letters)
    return erased


async def _bury(work: Work, rows: Sequence[Row[Any]]) -> None:
    outbox = work.tables.outbox
    tombstone = update(outbox).values(
        about=bindparam("itself"),
        headers=bindparam("kept"),
        body=b"",
        erased_at=clock.now(),
        stream_sequence=None,
        **once_more(outbox),
    )
    await work.session.execute(
        tombstone.where(outbox.c.id == bindparam("row_id")),
        [
            {"row_id": row.id, "itself": row.event_id, "kept": tombstone_of(row.headers)}
            for row in rows
        ],
    )


async def leave_scrub(work: Work) -> None:
    """Let the database's files forget too: at once where that is cheap, else in the night."""
    due = clock.now()
    if dialect_of(work.session) != "sqlite":
        due = due.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
        if due <= clock.now():
            due += dt.timedelta(days=1)
    await leave_job(work.session, work.tables.jobs, SCRUB, "messaging", due_at=due)


def scrub_after_erasures(clockwork: Clockwork, database: Database) -> None:
    """Let the clockwork do what erasures leave to be done to the files of their database."""

    async def scrub(_job: Job) -> None:
        tables = database.outbox.tables
        await database.scrub(tables.outbox, tables.dead_letters)

    clockwork.handles(SCRUB, scrub)
