"""Keeps shelves and their counts in step with the entries, in the transaction that changes one."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from cri_shared.db import Work
from cri_shared.db.inserting import insert_into
from sqlalchemy import delete, insert

from cri_search.models import ALL, Base, Entry, OnShelf, ShelfCount

_COUNTS = Base.metadata.tables[ShelfCount.__tablename__]


def shelves_of(topics: Iterable[str]) -> list[str]:
    """The codes of the shelves of an entry on such topics, each once, in their order."""
    return sorted({ALL, *topics, *(topic.split(".")[0] for topic in topics)})


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
    return [(code, entry.country) for code in shelves_of(entry.topics)]


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
    if rows:
        adding = insert_into(work.session, _COUNTS)
        more = {name: _COUNTS.c[name] + adding.excluded[name] for name in ("entries", "changes")}
        adding = adding.on_conflict_do_update(index_elements=["code", "country"], set_=more)
        await work.session.execute(adding, rows)
