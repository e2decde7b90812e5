"""The views of the console's list: how many entries each holds, and a page of one of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.privacy.vault import Erased
from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.desk import open_draft
from cri_publishing.models import (
    Entry,
    EntryStatus,
    Question,
    QuestionState,
    Version,
    VersionState,
)
from cri_publishing.queries.sieve import EVERYTHING, Sieve
from cri_publishing.rig import Rig

PAGE = 50
VERSION_VIEWS = {
    "draft": VersionState.DRAFT,
    "review": VersionState.IN_REVIEW,
    "scheduled": VersionState.SCHEDULED,
}
ENTRY_VIEWS = {
    "published": EntryStatus.PUBLISHED,
    "due": EntryStatus.DUE,
    "archived": EntryStatus.ARCHIVED,
    "withdrawn": EntryStatus.WITHDRAWN,
}
VIEWS = (*VERSION_VIEWS, *ENTRY_VIEWS, "withheld")


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
    by_version = select(Version.state, func.count()).where(*sieve.of(Version))
    by_version = by_version.group_by(Version.state)
    by_status = select(Entry.status, func.count()).where(*sieve.of(Entry)).group_by(Entry.status)
    versions = {row[0]: row[1] for row in (await session.execute(by_version)).all()}
    entries = {row[0]: row[1] for row in (await session.execute(by_status)).all()}
    withheld = select(func.count()).where(
        Question.state == QuestionState.WITHHELD, *sieve.of(Question)
    )
    return {
        **{view: versions.get(state, 0) for view, state in VERSION_VIEWS.items()},
        **{view: entries.get(status, 0) for view, status in ENTRY_VIEWS.items()},
        "withheld": (await session.execute(withheld)).scalar_one(),
    }


def _of_versions(view: str, sieve: Sieve) -> tuple[Select[Entry, Version], Any]:
    order = Version.embargo_until if view == "scheduled" else Version.started_at
    rows = select(Entry, Version).join(Version, Version.entry_id == Entry.entry_id)
    return rows.where(Version.state == VERSION_VIEWS[view], *sieve.of(Version)), order


def _of_entries(view: str, sieve: Sieve) -> tuple[Select[Entry, Version], Any]:
    current = and_(Version.entry_id == Entry.entry_id, Version.number == Entry.version)
    rows = select(Entry, Version).join(Version, current)
    order = Entry.changed_at if view in ("archived", "withdrawn") else Entry.review_by
    return rows.where(Entry.status == ENTRY_VIEWS[view], *sieve.of(Entry)), order


def rows_of(view: str, sieve: Sieve = EVERYTHING) -> Select[*tuple[Any, ...]]:
    """Everything in a view, what is to be done first at its top."""
    if view == "withheld":
        rows = select(Question).where(Question.state == QuestionState.WITHHELD, *sieve.of(Question))
        return rows.order_by(Question.changed_at.desc(), Question.research_id.desc())
    found, order = _ordered(view, sieve)
    return found.order_by(order, Entry.entry_id)


def _ordered(view: str, sieve: Sieve) -> tuple[Select[Entry, Version], Any]:
    return (_of_versions if view in VERSION_VIEWS else _of_entries)(view, sieve)


async def page_of(
    session: AsyncSession, rig: Rig, view: str, after: str | None, sieve: Sieve = EVERYTHING
) -> tuple[list[Row], str | None]:
    """One page of a view, what is to be done first at its top; and where the next page begins."""
    rows, order = _ordered(view, sieve)
    if after is not None:
        anchor = rows.with_only_columns(order, Entry.entry_id).where(Entry.entry_id == after)
        found = (await session.execute(anchor)).first()
        if found is not None:
            rows = rows.where(tuple_(order, Entry.entry_id) > tuple_(*found))
    found_rows = (await session.execute(rows.order_by(order, Entry.entry_id).limit(PAGE + 1))).all()
    shown = [await _row(rig, view, entry, version) for entry, version in found_rows[:PAGE]]
    return shown, shown[-1].entry_id if len(found_rows) > PAGE else None


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


async def withheld(
    session: AsyncSession, after: str | None, sieve: Sieve = EVERYTHING
) -> tuple[list[Question], str | None]:
    """Answers that never become public, newest first, without their text: it is not kept."""
    rows = select(Question).where(Question.state == QuestionState.WITHHELD, *sieve.of(Question))
    if after is not None and (anchor := await session.get(Question, after)) is not None:
        place = tuple_(Question.changed_at, Question.research_id)
        rows = rows.where(place < tuple_(anchor.changed_at, anchor.research_id))
    ordered = rows.order_by(Question.changed_at.desc(), Question.research_id.desc())
    found = list((await session.execute(ordered.limit(PAGE + 1))).scalars())
    return found[:PAGE], found[PAGE - 1].research_id if len(found) > PAGE else None
