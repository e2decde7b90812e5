"""The index follows the database: written by jobs after commit, rebuilt, compared by command."""

import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

from cri_shared.clockwork import Job
from cri_shared.db import Work
from cri_shared.index.comparison import Comparison
from cri_shared.index.documents import EntryDocument, document_id
from cri_shared.index.port import Changes
from cri_shared.progress import Progress
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.content import draft_of_json
from cri_publishing.facts import Standing, documents_of
from cri_publishing.models import Entry, EntryStatus, Version
from cri_publishing.models.entry import PUBLIC
from cri_publishing.rig import Rig

WRITE, PREPARE = "index-entry", "index-prepare"
_AT_ONCE = 200
# Columns, not objects: of 45 attributes an index needs these. A text is read from JSON once.
_STANDING = (Entry.entry_id, Entry.slug, Entry.status, Entry.review_by)
_CONTENT = cast(Version.content, Text)
Told = Callable[[Progress], None]


def _nobody(_how_far: Progress) -> None:
    """Hears nothing."""


async def leave(work: Work, rig: Rig, entry_id: str) -> None:
    """Let the index follow an entry as soon as this transaction is durable."""
    await rig.service.clockwork.leave(work, WRITE, entry_id)


def install(rig: Rig) -> None:
    """Let the clockwork do this room's jobs."""

    async def write(job: Job) -> None:
        await write_entry(rig, job.key)

    async def prepare(_job: Job) -> None:
        await _prepare(rig)

    rig.service.clockwork.handles(WRITE, write, keyed_by_aggregate=True)
    rig.service.clockwork.handles(PREPARE, prepare)


async def prepare_at_start(rig: Rig) -> None:
    """Let the index be created before anything is published; it need not answer yet."""
    async with rig.service.database.writing() as work:
        await rig.service.clockwork.leave(work, PREPARE, "entries")


async def _prepare(rig: Rig) -> None:
    if not rig.index_is_ready:
        await rig.index.ensure()
        rig.index_is_ready = True


async def write_entry(rig: Rig, entry_id: str) -> None:
    """Bring the index in line with an entry as it is now; raises where it does not answer."""
    async with rig.service.database.reading() as session:
        changes = await _changes(session, [entry_id])
    await _prepare(rig)
    if changes.put:
        await rig.index.put(changes.put)
        await rig.index.delete(changes.delete)
    else:
        await rig.index.delete_entry(entry_id)


async def rebuild(rig: Rig, told: Told = _nobody) -> int:
    """Index every public entry anew beside the old index, then swap; gives how many documents.

    `told` hears how many entries are read, some at a time.
    """
    return await rig.index.rebuild(_all_documents(rig, told), partial(_changed_since, rig))


async def compare(rig: Rig, told: Told = _nobody) -> Comparison:
    """What the index holds beside every public entry; changes nothing."""
    return await rig.index.compare(_all_documents(rig, told), partial(_changed_since, rig))


async def _changed_since(rig: Rig, instant: dt.datetime) -> Changes:
    async with rig.service.database.reading() as session:
        rows = select(Entry.entry_id).where(Entry.changed_at >= instant, Entry.version > 0)
        return await _changes(session, list((await session.execute(rows)).scalars()))


async def _all_documents(rig: Rig, told: Told) -> AsyncIterator[EntryDocument]:
    public = select(func.count()).select_from(Entry).where(Entry.status.in_(PUBLIC))
    async with rig.service.database.reading() as session:
        total = (await session.execute(public)).scalar_one()
    last, done, began = "", 0, time.monotonic()
    shown = (
        select(*_STANDING, _CONTENT)
        .join(Version, Version.entry_id == Entry.entry_id)
        .where(Version.number == Entry.version, Version.content.is_not(None))
        # Said so, SQLite goes along the ids; by status it would sort all entries for each page.
        .where(Entry.status.not_in([one for one in EntryStatus if one not in PUBLIC]))
        .order_by(Entry.entry_id)
        .limit(_AT_ONCE)
    )
    while True:
        async with rig.service.database.reading() as session:
            rows = (await session.execute(shown.where(Entry.entry_id > last))).all()
        if not rows:
            return
        for entry_id, slug, status, review_by, content in rows:
            entry = Standing(entry_id, slug, status, review_by)
            for document in documents_of(entry, draft_of_json(content)):
                yield document
        last, done = rows[-1].entry_id, done + len(rows)
        told(Progress(max(total, done), done, done, time.monotonic() - began))


async def _changes(session: AsyncSession, entry_ids: list[str]) -> Changes:
    """Documents of these entries as they are now, and ids that once were and are not any more."""
    rows = (
        select(*_STANDING, Entry.version, Version.number, _CONTENT)
        .join(Version, Version.entry_id == Entry.entry_id)
        .where(Entry.entry_id.in_(entry_ids), Version.content.is_not(None))
        .order_by(Entry.entry_id, Version.number)
    )
    put: dict[str, EntryDocument] = {}
    ever: dict[str, None] = {}
    for entry_id, slug, status, review_by, published, number, content in (
        await session.execute(rows)
    ).all():
        entry, draft = Standing(entry_id, slug, status, review_by), draft_of_json(content)
        ever |= dict.fromkeys(document_id(entry_id, t.language) for t in draft.texts)
        if entry.status in PUBLIC and number == published:
            put |= {document["id"]: document for document in documents_of(entry, draft)}
    return Changes(put=list(put.values()), delete=[one for one in ever if one not in put])
