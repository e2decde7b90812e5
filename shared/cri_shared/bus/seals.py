"""Seals: each producer tells every day what it gave out, and each hearer compares what it has.

A gap shows only when a later number arrives, and a forged event has no gap at all; a seal shows
both. It covers the numbers since the seal before it, so nothing lies between two of them.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, select, update

from cri_shared import clock
from cri_shared.db.database import Work
from cri_shared.db.inserting import insert_into
from cri_shared.events import REGISTRY
from cri_shared.events.upkeep import DAY_SEALED, DaySealed, Range
from cri_shared.observe import log
from cri_shared.trail.heads import head_now, is_news, keep_head

EQUAL, MISSING, OTHER, BEFORE = "equal", "missing", "other", "before"


def digest_of(events: Iterable[tuple[int, str]]) -> str:
    """SHA-256, in hex, over one line `number:event_id` for each event, in their order."""
    lines = "".join(f"{number}:{event_id}\n" for number, event_id in events)
    return hashlib.sha256(lines.encode()).hexdigest()


async def seal(work: Work, service: str) -> DaySealed | None:
    """Seal what a service gave out until last midnight (UTC); None where there is nothing to seal,
    or where something of that time has not left yet.

    A day without events is sealed too where the audit trail has grown: others keep its head.
    """
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    day = (midnight - dt.timedelta(days=1)).date()
    outbox, sealed = work.tables.outbox, await _last_sealed_day(work, service)
    after = None
    if sealed is not None:
        after = dt.datetime.combine(sealed + dt.timedelta(days=1), dt.time(), dt.UTC)
    if await _waits(work, after, midnight):
        return None
    before = _between(outbox.c.created_at, after, midnight)
    # By an expression, or SQLite goes along all there is in the order of subjects.
    subject_of = outbox.c.subject.concat("")
    last = select(subject_of, func.max(outbox.c.number)).where(before)
    ranges = []
    for subject, highest in (await work.session.execute(last.group_by(subject_of))).all():
        first = await _sealed_up_to(work, subject) + 1
        if highest is not None and highest >= first:
            ranges.append(await _range(work, subject, first, highest))
    head = await head_now(work)
    if not ranges and not await is_news(work, service, day, head):
        return None
    event = DAY_SEALED[service](day=day, ranges=tuple(ranges), audit=head)
    await work.emit(event)
    await keep(work, event, verdict=EQUAL)
    log.info("bus.day.sealed", day=day.isoformat(), subjects=len(ranges))
    return event


async def _waits(work: Work, after: dt.datetime | None, before: dt.datetime) -> bool:
    """Whether something of that time has not left yet, which is sought among all that waits."""
    outbox = work.tables.outbox
    # By an expression, or SQLite goes along all that was made then.
    made = func.coalesce(outbox.c.created_at, outbox.c.created_at)
    waiting = outbox.c.published_at.is_(None) & outbox.c.refused.is_(None)
    one = select(outbox.c.id).where(waiting, _between(made, after, before)).limit(1)
    return (await work.session.execute(one)).first() is not None


def _between(
    made: ColumnElement[dt.datetime], after: dt.datetime | None, before: dt.datetime
) -> ColumnElement[bool]:
    return made < before if after is None else and_(made >= after, made < before)


async def _last_sealed_day(work: Work, service: str) -> dt.date | None:
    seals = work.tables.seals
    own = seals.c.subject.in_([s for s, event in REGISTRY.items() if event.producer == service])
    last = await work.session.execute(select(func.max(seals.c.day)).where(own))
    day: dt.date | None = last.scalar()
    return day


async def _sealed_up_to(work: Work, subject: str) -> int:
    seals = work.tables.seals
    last = select(func.max(seals.c.last)).where(seals.c.subject == subject)
    return (await work.session.execute(last)).scalar() or 0


async def _range(work: Work, subject: str, first: int, last: int) -> Range:
    outbox = work.tables.outbox
    these = (outbox.c.subject == subject) & outbox.c.number.between(first, last)
    rows = select(outbox.c.number, outbox.c.event_id).where(these).order_by(outbox.c.number)
    events = [(row.number, row.event_id) for row in await work.session.execute(rows)]
    # A purged outbox begins later than the seal before it ended.
    return Range(subject=subject, first=events[0][0], last=last, digest=digest_of(events))


async def keep(work: Work, event: DaySealed, *, verdict: str | None = None) -> None:
    """Keep a seal, and the head of its producer's audit trail; again, it changes nothing."""
    await keep_head(work, event)
    seals = work.tables.seals
    for one in event.ranges:
        row = insert_into(work.session, seals).values(
            day=event.day, verdict=verdict, **one.model_dump()
        )
        await work.session.execute(row.on_conflict_do_nothing())


@dataclass(frozen=True)
class Comparison:
    """One subject of one day: what the producer gave out, and what of it is here."""

    subject: str
    day: dt.date
    first: int
    last: int
    missing: tuple[int, ...]
    verdict: str


async def compare(work: Work, subjects: Sequence[str], *, again: bool = False) -> list[Comparison]:
    """Compare the seals of these subjects with what was heard, and remember what came of it.

    What was found equal is not looked at again, except where `again` asks for it.
    """
    seals = work.tables.seals
    wanted = select(seals).where(seals.c.subject.in_(subjects))
    if not again:
        wanted = wanted.where(seals.c.verdict.is_(None) | (seals.c.verdict == MISSING))
    rows = await work.session.execute(wanted.order_by(seals.c.day, seals.c.subject))
    return [await _compare_one(work, row) for row in rows.all()]


async def _compare_one(work: Work, row: Row[Any]) -> Comparison:
    heard = await _ids(work, work.tables.inbox, row)
    buried = await _ids(work, work.tables.dead_letters, row)
    numbers = range(row.first, row.last + 1)
    missing = tuple(n for n in numbers if n not in heard and n not in buried)
    verdict = EQUAL
    if missing:
        verdict = BEFORE if await _is_before_its_time(work, row) else MISSING
    elif digest_of((n, heard.get(n) or buried[n]) for n in numbers) != row.digest:
        verdict = OTHER
    if verdict != row.verdict:
        if verdict in (MISSING, OTHER):
            level = {"subject": row.subject, "day": row.day.isoformat(), "verdict": verdict}
            log.error("bus.seal.differs", **level)
        seals = work.tables.seals
        this = update(seals).where(seals.c.subject == row.subject, seals.c.day == row.day)
        await work.session.execute(this.values(verdict=verdict, compared_at=clock.now()))
    return Comparison(row.subject, row.day, row.first, row.last, missing, verdict)


async def _ids(work: Work, table: Table, row: Row[Any]) -> dict[int, str]:
    these = (table.c.subject == row.subject) & table.c.number.between(row.first, row.last)
    found = await work.session.execute(select(table.c.number, table.c.event_id).where(these))
    return {number: event_id for number, event_id in found}


async def _is_before_its_time(work: Work, row: Row[Any]) -> bool:
    """Whether the seal ends before the service began to hear the subject."""
    hearings = work.tables.hearings
    began = select(hearings.c.first).where(hearings.c.subject == row.subject)
    first = (await work.session.execute(began)).scalar()
    return first is not None and row.last < first
