"""The whole public database, read in pieces: for copies, feeds and maps of it."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Database
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Entry
from cri_search.queries.entries import Whole, wholes
from cri_search.rules.asked import READER
from cri_search.rules.standing import State

BATCH = 200
_PUBLIC = (Entry.state != State.WITHDRAWN, Entry.version > 0)
_FOUND = (Entry.state == State.PUBLISHED, Entry.version > 0)


@dataclass(frozen=True)
class Tombstone:
    """What is left of an entry that was taken back."""

    entry_id: str
    slug: str
    withdrawn_on: dt.date


async def everything(database: Database) -> AsyncIterator[Whole]:
    """Every public entry, archived ones too, by id; each batch in a transaction of its own."""
    after = ""
    while True:
        async with database.reading() as session:
            rows = select(Entry).where(*_PUBLIC, Entry.entry_id > after)
            found = await session.execute(rows.order_by(Entry.entry_id).limit(BATCH))
            entries = list(found.scalars())
            batch = await wholes(session, entries, READER)
        for whole in batch:
            yield whole
        if len(entries) < BATCH:
            return
        after = entries[-1].entry_id


async def tombstones(session: AsyncSession, since: dt.date | None = None) -> list[Tombstone]:
    """The entries that were taken back, the latest first; `since` a day, or all."""
    rows = select(Entry.entry_id, Entry.slug, Entry.ended_on).where(
        Entry.state == State.WITHDRAWN, Entry.ended_on >= (since or dt.date.min)
    )
    ordered = rows.order_by(Entry.ended_on.desc(), Entry.entry_id)
    found = (await session.execute(ordered)).all()
    return [Tombstone(entry_id, slug, on) for entry_id, slug, on in found if on]


async def addresses(session: AsyncSession, *, skip: int, most: int) -> list[tuple[str, dt.date]]:
    """(slug, day of its last change) of those, by id."""
    rows = select(Entry.slug, Entry.changed_on).where(*_FOUND).order_by(Entry.entry_id)
    found = await session.execute(rows.offset(skip).limit(most))
    return [(slug, changed_on) for slug, changed_on in found.all() if changed_on]


async def fingerprint(session: AsyncSession) -> bytes:
    """Another one as soon as anything that is public changes; versions of an entry only rise.

    It changes with the day too, because on some day an answer becomes due.
    """
    told = func.count(), func.sum(Entry.version), func.sum(Entry.ended_version)
    numbers = (await session.execute(select(*told))).one()
    return repr((*numbers, clock.today())).encode()
