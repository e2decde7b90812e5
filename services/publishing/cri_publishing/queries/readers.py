"""What readers say, as editors see it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from cri_shared.privacy.vault import open_sealed
from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.facts import draft_of
from cri_publishing.models import Entry, EntryStatus, Listing, MistakeReport, ReaderCount, Version
from cri_publishing.rig import Rig, place_of

MOST = 100
Title = tuple[str, str]  # the question that readers see, and its language


@dataclass(frozen=True)
class Report:
    """A mistake that nobody has dealt with yet, of an entry or a contact or programme.

    No title and no name where readers do not see it any more.
    """

    report_id: str
    entry_id: str | None
    title: Title | None
    listing_id: str | None
    name: str
    kind: str
    language: str
    reported_on: dt.date
    text: str


@dataclass(frozen=True)
class Judged:
    """How useful readers found an entry, in all weeks that are known."""

    entry_id: str
    title: Title | None
    useful: int
    not_useful: int


def to_deal_with() -> Select[MistakeReport]:
    """What readers reported and nobody has dealt with: harm first, then the oldest."""
    rows = select(MistakeReport).where(MistakeReport.done_on.is_(None))
    return rows.order_by(
        MistakeReport.kind != "harm", MistakeReport.reported_on, MistakeReport.report_id
    )


def by_week() -> Select[ReaderCount]:
    """How useful readers found entries, entry by entry and week by week."""
    return select(ReaderCount).order_by(ReaderCount.entry_id, ReaderCount.week)


async def open_reports(session: AsyncSession, rig: Rig) -> list[Report]:
    """The first of what is to be dealt with."""
    found = list((await session.execute(to_deal_with().limit(MOST))).scalars())
    titles = await _titles(session, {report.entry_id for report in found if report.entry_id})
    names = await _names(session, {report.listing_id for report in found if report.listing_id})
    return [
        Report(
            report_id=report.report_id,
            entry_id=report.entry_id,
            title=titles.get(report.entry_id or ""),
            listing_id=report.listing_id,
            name=names.get(report.listing_id or "", ""),
            kind=report.kind,
            language=report.language,
            reported_on=report.reported_on,
            text=_text(rig, report),
        )
        for report in found
    ]


async def judged(session: AsyncSession) -> list[Judged]:
    """Entries with the most readers who did not find them useful first."""
    useful, not_useful = func.sum(ReaderCount.useful), func.sum(ReaderCount.not_useful)
    rows = select(ReaderCount.entry_id, useful, not_useful).group_by(ReaderCount.entry_id)
    ordered = rows.order_by(not_useful.desc(), ReaderCount.entry_id).limit(MOST)
    found = (await session.execute(ordered)).all()
    titles = await _titles(session, {entry_id for entry_id, _, _ in found})
    return [Judged(entry_id, titles.get(entry_id), yes, no) for entry_id, yes, no in found]


def _text(rig: Rig, report: MistakeReport) -> str:
    if report.text_sealed is None:
        return ""
    return open_sealed(rig.readers_key, report.text_sealed, place_of(report.report_id)).decode()


async def _names(session: AsyncSession, listing_ids: Collection[str]) -> dict[str, str]:
    rows = select(Listing.listing_id, Listing.name).where(Listing.listing_id.in_(listing_ids))
    return {listing_id: name for listing_id, name in (await session.execute(rows)).all()}


async def _titles(session: AsyncSession, entry_ids: Collection[str]) -> dict[str, Title]:
    current = and_(Version.entry_id == Entry.entry_id, Version.number == Entry.version)
    rows = (
        select(Version)
        .join(Entry, current)
        .where(Entry.entry_id.in_(entry_ids), Entry.status != EntryStatus.WITHDRAWN)
    )
    originals = {
        version.entry_id: draft_of(version).original
        for version in (await session.execute(rows)).scalars()
    }
    return {entry_id: (one.question, one.language) for entry_id, one in originals.items()}
