"""Shelves: how many entries stand on each, and which of them were checked or changed last."""

from collections.abc import Collection, Iterable
from operator import itemgetter

from cri_shared.places import ALL_TOPICS, GROUPS, TOPICS
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cri_search.models import Entry, OnShelf, ShelfCount
from cri_search.queries.entries import Card, cards

OTHERS = 3


async def counts_by_group(session: AsyncSession, country: str | None = None) -> dict[str, int]:
    """Group of topics -> number of entries that are found; groups without any count 0."""
    return await _counted(session, GROUPS, country)


async def counts_by_topic(session: AsyncSession, country: str | None = None) -> dict[str, int]:
    """Topic -> number of entries that are found; topics without any count 0."""
    return await _counted(session, TOPICS, country)


async def _counted(
    session: AsyncSession, codes: Collection[str], country: str | None
) -> dict[str, int]:
    rows = select(ShelfCount.code, func.sum(ShelfCount.entries))
    rows = rows.where(ShelfCount.code.in_(list(codes)), *_there(ShelfCount.country, country))
    found = await session.execute(rows.group_by(ShelfCount.code))
    counted = {code: int(count) for code, count in found.all()}
    return {code: counted.get(code, 0) for code in codes}


async def counts_by_country(session: AsyncSession, code: str = ALL_TOPICS) -> dict[str, int]:
    """Country -> number of entries on a shelf that are found; those without any are left out."""
    rows = select(ShelfCount.country, ShelfCount.entries)
    found = await session.execute(rows.where(ShelfCount.code == code, ShelfCount.entries > 0))
    return {country: count for country, count in found.all()}


async def count(session: AsyncSession) -> int:
    """How many entries searching may find."""
    return sum((await counts_by_country(session)).values())


async def changes(session: AsyncSession, country: str) -> int:
    """A number that rises whenever an entry about a country that is found changes or ends."""
    known = await session.get(ShelfCount, (ALL_TOPICS, country))
    return known.changes if known else 0


async def checked_last(
    session: AsyncSession, reader: str, code: str, country: str | None = None, *, limit: int
) -> list[Card]:
    """The entries of a shelf whose information is the most recent."""
    rows = await _newest(session, OnShelf.information_date, code, country, limit)
    return await cards(session, reader, [entry_id for entry_id, _ in rows])


async def changed_last(
    session: AsyncSession,
    reader: str,
    code: str = ALL_TOPICS,
    country: str | None = None,
    *,
    limit: int,
) -> list[Card]:
    """The entries of a shelf that are new or changed most recently."""
    rows = await _newest(session, OnShelf.changed_on, code, country, limit)
    return await cards(session, reader, [entry_id for entry_id, _ in rows])


async def others(session: AsyncSession, reader: str, entry: Entry) -> list[Card]:
    """A few other entries on the same shelves, those about the same country first."""
    near: list[str] = []
    for country in (entry.country, None):
        if len(near) < OTHERS:
            near += await _beside(session, entry, country, {*near, entry.entry_id})
    return await cards(session, reader, near[:OTHERS])


async def _beside(
    session: AsyncSession, entry: Entry, country: str | None, but: set[str]
) -> list[str]:
    """Of the groups of an entry, those checked last that are not known yet, the newest first."""
    groups = sorted({code.split(".")[0] for code in entry.topics})
    found = {
        row
        for group in groups
        for row in await _newest(
            session, OnShelf.information_date, group, country, OTHERS + len(but)
        )
    }
    newest = sorted(found, key=itemgetter(1, 0), reverse=True)
    return [entry_id for entry_id, _ in newest if entry_id not in but]


async def _newest(
    session: AsyncSession,
    by: InstrumentedAttribute[object],
    code: str,
    country: str | None,
    limit: int,
) -> list[tuple[str, object]]:
    """(entry, its day) of a shelf, the newest first: read backwards along an index."""
    rows = select(OnShelf.entry_id, by).where(
        OnShelf.code == code, *_there(OnShelf.country, country)
    )
    ordered = rows.order_by(by.desc(), OnShelf.entry_id.desc()).limit(limit)
    return [(entry_id, day) for entry_id, day in (await session.execute(ordered)).all()]


def _there(
    column: InstrumentedAttribute[str], country: str | None
) -> Iterable[ColumnElement[bool]]:
    return () if country is None else (column == country,)
