"""Keeps shelves and their counts in step with the entries, in the transaction that changes one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cri_shared.db import Work
from cri_shared.db.inserting import add_up
from cri_shared.places import codes_over
from sqlalchemy import delete, insert

from cri_search.models import Base, Entry, OnShelf, ShelfCount

_COUNTS = Base.metadata.tables[ShelfCount.__tablename__]


@asynccontextmanager
async def shelving(work: Work, entry: Entry) -> AsyncIterator[None]:
    """Bring the shelves of an entry up to date after what happens to it in the block."""
    heard, before = entry.heard, _places(entry)
    yield
    if entry.heard == heard:
        return
    after = _places(entry)
    await work.session.flush()
    await work.session.execute(delete(OnShelf).where(OnShelf.entry_id == entry.entry_id))
    if after:
        rows = [
            {
                "entry_id": entry.entry_id,
                "code": code,
                "country": country,
                "information_date": entry.information_date,
                "changed_on": entry.changed_on,
            }
            for code, country in after
        ]
        await work.session.execute(insert(OnShelf), rows)
    await _count(work, before, after)


def _places(entry: Entry) -> list[tuple[str, str]]:
    """(shelf, country) of each place where it stands; none where searching does not find it."""
    if not entry.is_found or entry.country is None:
        return []
    return [(code, entry.country) for code in codes_over(entry.topics)]


async def _count(work: Work, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    rows = [
        {
            "code": code,
            "country": country,
            "entries": ((code, country) in after) - ((code, country) in before),
            "changes": 1,
        }
        for code, country in sorted({*before, *after})
    ]
    await add_up(work.session, _COUNTS, rows)
