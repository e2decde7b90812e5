"""The views of the console's list: how many entries each holds, and a page of one of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.privacy.vault import Erased
from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.desk import open_draft
from cri_publishing.models import Entry, InView, Question, Version, ViewCount
from cri_publishing.models.views import ENTRY_VIEWS, VERSION_VIEWS, WITHHELD
from cri_publishing.queries.sieve import EVERYTHING, Sieve
from cri_publishing.rig import Rig

PAGE = 50
VIEWS = (*VERSION_VIEWS, *ENTRY_VIEWS, WITHHELD)


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    entry_id: str
    title: str
    language: str
    country: str
    topics: list[str]
    sensitivity: str
    number: int
    date: dt.date | None
    is_renewal: bool
    sent_back: bool
    slug: str
    reason: str  # why it was withdrawn


async def counts(session: AsyncSession, sieve: Sieve = EVERYTHING) -> dict[str, int]:
    """How many there are in each view."""
    rows = select(ViewCount.view, func.sum(ViewCount.items))
    wanted = rows.where(ViewCount.view.in_(VIEWS), *sieve.of(ViewCount)).group_by(ViewCount.view)
    counted = {view: int(items) for view, items in (await session.execute(wanted)).all()}
    return {view: counted.get(view, 0) for view in VIEWS}


def rows_of(view: str, sieve: Sieve = EVERYTHING) -> Select[*tuple[Any, ...]]:
    """Everything in a view, what is to be done first at its top; withheld answers newest first."""
    if view == WITHHELD:
        its, columns = Question.research_id == InView.item_id, (Question,)
        order = (InView.at.desc(), InView.item_id.desc())
        rows: Select[*tuple[Any, ...]] = select(*columns).join(InView, its)
    else:
        order = (InView.at.asc(), InView.item_id.asc())
        shown = (
            Version.state == VERSION_VIEWS[view]
            if view in VERSION_VIEWS
            else Version.number == Entry.version
        )
        rows = select(Entry, Version).join(InView, Entry.entry_id == InView.item_id)
        rows = rows.join(Version, and_(Version.entry_id == Entry.entry_id, shown))
    return rows.where(InView.view == view, *sieve.of(InView)).order_by(*order)


async def _page(
    session: AsyncSession, view: str, after: str | None, sieve: Sieve
) -> tuple[list[Any], bool]:
    """The rows of a page, and whether more follow."""
    rows = rows_of(view, sieve)
    if after is not None:
        anchor = select(InView.at, InView.item_id).where(
            InView.view == view, InView.item_id == after, *sieve.of(InView)
        )
        if (found := (await session.execute(anchor)).first()) is not None:
            place = tuple_(InView.at, InView.item_id)
            last = tuple_(*found)
            rows = rows.where(place < last if view == WITHHELD else place > last)
    shown = (await session.execute(rows.limit(PAGE + 1))).all()
    return list(shown[:PAGE]), len(shown) > PAGE


async def page_of(
    session: AsyncSession, rig: Rig, view: str, after: str | None, sieve: Sieve = EVERYTHING
) -> tuple[list[Row], str | None]:
    """One page of a view, what is to be done first at its top; and where the next page begins."""
    found, more = await _page(session, view, after, sieve)
    shown = [await _row(rig, view, entry, version) for entry, version in found]
    return shown, shown[-1].entry_id if more else None


async def withheld(
    session: AsyncSession, after: str | None, sieve: Sieve = EVERYTHING
) -> tuple[list[Question], str | None]:
    """Answers that never become public, newest first, without their text: it is not kept."""
    found, more = await _page(session, WITHHELD, after, sieve)
    shown = [question for (question,) in found]
    return shown, shown[-1].research_id if more else None


async def _row(rig: Rig, view: str, entry: Entry, version: Version) -> Row:
    try:
        title = (await open_draft(rig, version)).original.question
    except Erased:
        title = ""
    date = version.embargo_until if view == "scheduled" else entry.review_by
    if view in ("archived", "withdrawn"):
        date = clock.belgian(entry.changed_at).date()
    return Row(
        entry_id=entry.entry_id,
        title=title,
        language=version.language,
        country=version.country,
        topics=version.topics,
        sensitivity=version.sensitivity,
        number=version.number,
        date=clock.belgian(version.started_at).date() if view in ("draft", "review") else date,
        is_renewal=version.renews,
        sent_back=version.sent_back,
        slug=entry.slug or "",
        reason=entry.withdrawn_reason or "",
    )
