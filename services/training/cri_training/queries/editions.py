"""Editions and workshops, for the public list and for trainers."""

import datetime as dt
from collections.abc import Collection, Sequence

from cri_shared import clock
from cri_shared.errors import NotFound
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.models import Edition, Workshop
from cri_training.rules.states import GOING_AHEAD, EditionStatus

VIEWS: dict[str, frozenset[EditionStatus]] = {
    "coming": GOING_AHEAD,
    "draft": frozenset({EditionStatus.DRAFT}),
    "held": frozenset({EditionStatus.HELD}),
    "cancelled": frozenset({EditionStatus.CANCELLED}),
}


async def edition(session: AsyncSession, edition_id: str) -> Edition:
    """One edition with its sessions; raises `NotFound`."""
    found = (
        select(Edition)
        .where(Edition.edition_id == edition_id)
        .options(selectinload(Edition.sittings))
    )
    one = (await session.execute(found)).scalar_one_or_none()
    if one is None:
        raise NotFound
    return one


async def names_and_days(
    session: AsyncSession, edition_ids: Collection[str] | None = None
) -> dict[str, tuple[str, dt.date]]:
    """How these editions are called, and when they began, which tells them apart.

    Of every edition that was public, where none are named.
    """
    found = select(Edition.edition_id, Edition.title, Edition.starts_at)
    wanted = (
        Edition.published_at.is_not(None)
        if edition_ids is None
        else Edition.edition_id.in_(edition_ids)
    )
    rows = await session.execute(found.where(wanted))
    return {one: (title, clock.belgian(starts).date()) for one, title, starts in rows.all()}


async def last_counted(session: AsyncSession) -> int:
    """The highest place among the editions of which people are counted; 0 where there is none."""
    found = select(func.max(Edition.counted_no)).where(Edition.counted_no.is_not(None))
    return (await session.execute(found)).scalar_one() or 0


async def public_edition(session: AsyncSession, edition_id: str) -> Edition:
    """One edition that people may see: never a draft."""
    one = await edition(session, edition_id)
    if one.published_at is None:
        raise NotFound
    return one


async def in_view(session: AsyncSession, view: str) -> Sequence[Edition]:
    """A trainer's list: what comes first is on top, what is over the other way round."""
    found = rows_of(view).options(selectinload(Edition.sittings)).limit(200)
    return (await session.execute(found)).scalars().all()


def rows_of(view: str) -> Select[Edition]:
    """All editions of a view."""
    over = view in ("held", "cancelled")
    order = Edition.starts_at.desc() if over else Edition.starts_at
    wanted = select(Edition).where(Edition.status.in_(VIEWS[view]))
    return wanted.order_by(order, Edition.edition_id)


async def view_counts(session: AsyncSession) -> dict[str, int]:
    """How many editions each view holds."""
    found = select(Edition.status, func.count()).group_by(Edition.status)
    by_status = {status: number for status, number in (await session.execute(found)).all()}
    return {view: sum(by_status.get(s, 0) for s in held) for view, held in VIEWS.items()}


async def workshop(session: AsyncSession, workshop_id: str) -> Workshop:
    """One template; raises `NotFound`."""
    one = await session.get(Workshop, workshop_id)
    if one is None:
        raise NotFound
    return one


async def titles(session: AsyncSession) -> list[tuple[str, str]]:
    """The id and the title of every template, by title."""
    found = select(Workshop.workshop_id, Workshop.title)
    rows = await session.execute(found.order_by(Workshop.title, Workshop.workshop_id))
    return [(workshop_id, title) for workshop_id, title in rows.all()]


async def workshops(session: AsyncSession) -> Sequence[tuple[Workshop, int]]:
    """Every template with its number of editions, by title."""
    number = select(func.count()).where(Edition.workshop_id == Workshop.workshop_id)
    found = select(Workshop, number.scalar_subquery())
    ordered = found.order_by(Workshop.title, Workshop.workshop_id)
    return [(one, number) for one, number in (await session.execute(ordered)).all()]
