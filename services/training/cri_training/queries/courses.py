"""Editions as the mail plan sees them, and what was posted for them."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.models import (
    Ballot,
    Certificate,
    Edition,
    Material,
    PlanChange,
    PostedLetter,
    SignUp,
)
from cri_training.rules.certificates import Standing
from cri_training.rules.kinds import Kind
from cri_training.rules.moments import Course, Materials, Session
from cri_training.rules.states import EditionStatus


async def editions_of(session: AsyncSession, ids: Collection[str]) -> dict[str, Edition]:
    """These editions with their sessions."""
    found = (
        select(Edition).where(Edition.edition_id.in_(ids)).options(selectinload(Edition.sittings))
    )
    return {one.edition_id: one for one in (await session.execute(found)).scalars()}


async def courses(session: AsyncSession, editions: Collection[Edition]) -> dict[str, Course]:
    """What the plan knows of each edition."""
    ids = [edition.edition_id for edition in editions]
    newest = (
        select(Material.edition_id, func.max(Material.number), func.max(Material.added_at))
        .where(Material.edition_id.in_(ids))
        .group_by(Material.edition_id)
    )
    materials = {e: Materials(number, at) for e, number, at in await session.execute(newest)}
    asked = select(Ballot.edition_id).where(Ballot.edition_id.in_(ids)).distinct()
    missing = set((await session.execute(asked)).scalars())
    valid = (Certificate.edition_id.in_(ids)) & (Certificate.standing == Standing.VALID)
    issued = select(Certificate.edition_id, func.max(Certificate.issued_at)).where(valid)
    newest_one = issued.group_by(Certificate.edition_id)
    certified = {edition_id: at for edition_id, at in await session.execute(newest_one)}
    decided = select(PlanChange).where(PlanChange.edition_id.in_(ids))
    changes = (await session.execute(decided)).scalars().all()
    return {
        edition.edition_id: Course(
            status=EditionStatus(edition.status),
            sessions=_sessions(edition),
            schedule=edition.schedule,
            scheduled_at=edition.scheduled_at,
            materials=materials.get(edition.edition_id),
            answers_missing=edition.edition_id in missing,
            feedback_closed_at=edition.feedback_closed_at,
            certified_at=certified.get(edition.edition_id),
            stopped=frozenset(
                Kind(one.kind)
                for one in changes
                if one.edition_id == edition.edition_id and one.mark is None
            ),
            hastened={
                (one.kind, one.mark): one.decided_at
                for one in changes
                if one.edition_id == edition.edition_id and one.mark is not None
            },
        )
        for edition in editions
    }


def _sessions(edition: Edition) -> tuple[Session, ...]:
    return tuple(
        Session(s.number, s.sequence, s.starts_at, s.ends_at)
        for s in sorted(edition.sittings, key=lambda s: s.starts_at)
    )


async def materials_of(session: AsyncSession, edition_id: str) -> Sequence[Material]:
    """The links of an edition, oldest first."""
    found = select(Material).where(Material.edition_id == edition_id).order_by(Material.number)
    return (await session.execute(found)).scalars().all()


async def posted(session: AsyncSession, edition_id: str) -> Sequence[tuple[Kind, int, dt.datetime]]:
    """How many mails of each sort were posted for an edition, and when the last one was."""
    found = (
        select(PostedLetter.kind, func.count(), func.max(PostedLetter.posted_at))
        .join(SignUp, SignUp.sign_up_id == PostedLetter.sign_up_id)
        .where(SignUp.edition_id == edition_id)
        .group_by(PostedLetter.kind)
        .order_by(func.max(PostedLetter.posted_at))
    )
    return [(Kind(kind), number, at) for kind, number, at in await session.execute(found)]
