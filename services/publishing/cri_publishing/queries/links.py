"""The web pages that entries cite and listings name, as editors see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.progress import Progress
from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.facts import draft_of
from cri_publishing.models import Entry, Link, LinkState, Listing, Version, ViewCount
from cri_publishing.models.views import KNOWN, link_view
from cri_publishing.rules.pace import TEND_SECONDS, VISITED_AT_ONCE

PAGE = 50
VIEWS = ("gone", "changed", "failing", KNOWN, "good", "new")


@dataclass(frozen=True)
class Cited:
    """One address, and the entry or listing that names it, at `where` in the console."""

    link: Link
    title: str
    language: str
    where: str


def _in(view: str) -> ColumnElement[bool]:
    if view == KNOWN:
        return Link.known_on.is_not(None)
    return and_(Link.state == view, Link.known_on.is_(None))


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many there are in each view."""
    views = {link_view(state): state for state in VIEWS}
    rows = select(ViewCount.view, ViewCount.items).where(ViewCount.view.in_(views))
    counted = {views[view]: items for view, items in (await session.execute(rows)).all()}
    return {view: counted.get(view, 0) for view in VIEWS}


async def visits(session: AsyncSession, found: Mapping[str, int]) -> Progress:
    """How many of the links were visited in time, of all that `found` counts by view."""
    late = select(func.count()).select_from(Link).where(Link.next_at <= clock.now())
    total, waiting = sum(found.values()), (await session.execute(late)).scalar_one()
    failed = found["gone"] + found["failing"]
    return Progress(total, total - waiting, VISITED_AT_ONCE, TEND_SECONDS, failed)


def rows_of(view: str) -> Select[Link]:
    """All links of a view, in the order of their addresses."""
    return select(Link).where(_in(view)).order_by(Link.url, Link.link_id)


async def page_of(
    session: AsyncSession, view: str, after: str | None
) -> tuple[list[Cited], str | None]:
    """One page of a view, in the order of their addresses; and where the next page begins."""
    current = and_(Version.entry_id == Entry.entry_id, Version.number == Entry.version)
    rows = (
        select(Link, Version, Listing)
        .outerjoin(Entry, Entry.entry_id == Link.entry_id)
        .outerjoin(Version, current)
        .outerjoin(Listing, Listing.listing_id == Link.listing_id)
        .where(_in(view))
    )
    anchor = await session.get(Link, after) if after else None
    if anchor is not None:
        place, last = tuple_(Link.url, Link.link_id), tuple_(anchor.url, anchor.link_id)
        rows = rows.where(place > last)
    ordered = rows.order_by(Link.url, Link.link_id).limit(PAGE + 1)
    found = (await session.execute(ordered)).all()
    shown = [_cited(*row) for row in found[:PAGE]]
    return shown, shown[-1].link.link_id if len(found) > PAGE else None


def _cited(link: Link, version: Version | None, listing: Listing | None) -> Cited:
    if version is not None:
        original = draft_of(version).original
        where = f"/console/entries/{link.entry_id}"
        return Cited(link, original.question, original.language, where)
    name = listing.name if listing else ""
    return Cited(link, name, "und", f"/console/listings/{link.listing_id}")


async def of_listing(session: AsyncSession, listing_id: str) -> Link | None:
    """How the website of a contact or programme stands, where it has one."""
    rows = select(Link).where(Link.listing_id == listing_id).order_by(Link.link_id).limit(1)
    return (await session.execute(rows)).scalar_one_or_none()


async def troubled(session: AsyncSession, entry_id: str, urls: Iterable[str]) -> dict[str, Link]:
    """Those of an entry's addresses that do not stand as they were cited."""
    rows = select(Link).where(
        Link.entry_id == entry_id,
        Link.url.in_(list(urls)),
        Link.state.in_((LinkState.GONE, LinkState.CHANGED)),
    )
    return {link.url: link for link in (await session.execute(rows)).scalars()}
