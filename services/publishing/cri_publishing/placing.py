"""Keeps the views and their counts in step with what stands in them, transaction by transaction.

Last of all: so what was undone meanwhile counts for nothing, and no transaction that holds a count
waits for a row that another one holds.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from cri_shared import clock
from cri_shared.db.inserting import add_up
from cri_shared.places import ALL_TOPICS, codes_over
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import (
    Base,
    Entry,
    EntryStatus,
    InView,
    Link,
    PaceCount,
    Question,
    QuestionState,
    Version,
    ViewCount,
)
from cri_publishing.models.entry import PUBLIC
from cri_publishing.models.views import (
    ENTRY_VIEWS,
    KNOWN,
    SOON,
    VERSION_VIEWS,
    WITHHELD,
    link_view,
    midnight,
    take_moved,
)
from cri_publishing.rules.life import by_month, soon_from

_IN_VIEW, _COUNTS, _PACES, _VERSIONS = (
    Base.metadata.tables[kind.__tablename__] for kind in (InView, ViewCount, PaceCount, Version)
)
_VERSIONS_IN: dict[str, str] = {state: view for view, state in VERSION_VIEWS.items()}
_KEY = ("item_id", "view", "code")
_LEAVE = delete(_IN_VIEW).where(*(_IN_VIEW.c[name] == bindparam(f"its_{name}") for name in _KEY))
_PACED = (
    update(_VERSIONS)
    .where(_VERSIONS.c.entry_id == bindparam("its_entry"))
    .where(_VERSIONS.c.number == bindparam("its_number"))
    .values(paced=True)
)
_NO_ORDER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # links are listed by their addresses


@dataclass(frozen=True)
class Place:
    """Where a thing stands: a row of `in_view`."""

    view: str
    code: str
    country: str
    item_id: str
    at: dt.datetime
    information_date: dt.date | None = None


async def place(session: AsyncSession) -> None:
    """Put everything that this transaction changed where it belongs, and count it there."""
    await session.flush()
    item_ids = take_moved(session.sync_session)
    if not item_ids:
        return
    there, due = await standing(session, item_ids), await belonging(session, item_ids)
    left, come = there - due, due - there
    if left:
        keys = [{f"its_{name}": getattr(one, name) for name in _KEY} for one in left]
        await (await session.connection()).execute(_LEAVE, keys)
    if come:
        await session.execute(insert(_IN_VIEW), [asdict(one) for one in come])
    counts = Counter((one.view, one.code, one.country) for one in come)
    counts.subtract((one.view, one.code, one.country) for one in left)
    rows = [
        {"view": view, "code": code, "country": country, "items": more}
        for (view, code, country), more in sorted(counts.items())
        if more
    ]
    await add_up(session, _COUNTS, rows)
    await _count_paces(session, item_ids)


async def standing(session: AsyncSession, item_ids: Sequence[str]) -> set[Place]:
    """Where these things stand now."""
    columns = (InView.view, InView.code, InView.country, InView.item_id, InView.at)
    rows = select(*columns, InView.information_date).where(InView.item_id.in_(item_ids))
    return {Place(*row) for row in (await session.execute(rows)).all()}


async def belonging(session: AsyncSession, item_ids: Sequence[str]) -> set[Place]:
    """Where they belong, by their own rows."""
    found: set[Place] = set()
    for kind in (_entries, _versions, _withheld, _links):
        found.update(await kind(session, item_ids))
    return found


async def _entries(session: AsyncSession, item_ids: Sequence[str]) -> list[Place]:
    columns = (Entry.entry_id, Entry.status, Entry.country, Entry.topics, Entry.changed_at)
    rows = select(*columns, Entry.review_by, Entry.information_date)
    wanted = rows.where(Entry.entry_id.in_(item_ids), Entry.status.in_(ENTRY_VIEWS.values()))
    found: list[Place] = []
    for row in (await session.execute(wanted)).all():
        entry_id, status, country, topics, changed_at, review_by, known_on = row
        if status not in PUBLIC or review_by is None:
            found += _everywhere(Place(status, "", country, entry_id, changed_at), topics)
            continue
        place = Place(status, "", country, entry_id, midnight(review_by), known_on)
        found += _everywhere(place, topics)
        if status == EntryStatus.PUBLISHED and clock.today() >= soon_from(review_by):
            found += _everywhere(replace(place, view=SOON, information_date=None), topics)
    return found


async def _versions(session: AsyncSession, item_ids: Sequence[str]) -> list[Place]:
    columns = (Version.entry_id, Version.country, Version.topics, Version.started_at)
    rows = select(Version.state, Version.embargo_until, *columns)
    wanted = rows.where(Version.entry_id.in_(item_ids), Version.state.in_(_VERSIONS_IN))
    found: list[Place] = []
    for row in (await session.execute(wanted)).all():
        state, until, entry_id, country, topics, started_at = row
        at = midnight(until) if until else started_at
        found += _everywhere(Place(_VERSIONS_IN[state], "", country, entry_id, at), topics)
    return found


async def _withheld(session: AsyncSession, item_ids: Sequence[str]) -> list[Place]:
    columns = (Question.research_id, Question.country, Question.topics, Question.changed_at)
    wanted = select(*columns).where(
        Question.research_id.in_(item_ids), Question.state == QuestionState.WITHHELD
    )
    found: list[Place] = []
    for research_id, country, topics, changed_at in (await session.execute(wanted)).all():
        found += _everywhere(Place(WITHHELD, "", country or "", research_id, changed_at), topics)
    return found


async def _links(session: AsyncSession, item_ids: Sequence[str]) -> list[Place]:
    rows = select(Link.link_id, Link.state, Link.known_on).where(Link.link_id.in_(item_ids))
    return [
        Place(link_view(KNOWN if known_on else state), ALL_TOPICS, "", link_id, _NO_ORDER)
        for link_id, state, known_on in (await session.execute(rows)).all()
    ]


def _everywhere(place: Place, topics: Sequence[str]) -> list[Place]:
    """It stands under each of its topics, their groups and all of them together."""
    return [replace(place, code=code) for code in codes_over(topics)]


async def _count_paces(session: AsyncSession, entry_ids: Sequence[str]) -> None:
    """Count once how long each text took that these entries have published."""
    rows = (
        select(Version.entry_id, Version.number, Version.published_at, Question.approved_on)
        .outerjoin(Question, Question.research_id == Version.answer_id)
        .where(
            Version.entry_id.in_(entry_ids),
            Version.published_at.is_not(None),
            Version.paced.is_(False),
        )
    )
    counts: Counter[tuple[dt.date, bool, int]] = Counter()
    uncounted = (await session.execute(rows)).all()
    for _, number, published_at, approved_on in uncounted:
        if published_at is not None and approved_on is not None:
            day = clock.belgian(published_at).date()
            counts[by_month(day), number > 1, max((day - approved_on).days, 0)] += 1
    texts = [
        {"month": month, "renewed": renewed, "days": days, "texts": texts}
        for (month, renewed, days), texts in sorted(counts.items())
    ]
    await add_up(session, _PACES, texts)
    if uncounted:
        told = [{"its_entry": one.entry_id, "its_number": one.number} for one in uncounted]
        await (await session.connection()).execute(_PACED, told)
