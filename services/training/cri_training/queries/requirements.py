"""What a workshop asks people to have attended, and who did."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cri_training.models import Attendance, Edition, SignUp, Workshop
from cri_training.rules.attendance import CAME


async def required_for(session: AsyncSession, edition: Edition) -> Workshop | None:
    """The workshop that people attend before this one, if any."""
    first = aliased(Workshop)
    found = (
        select(first)
        .join(Workshop, Workshop.requires == first.workshop_id)
        .where(Workshop.workshop_id == edition.workshop_id)
    )
    return (await session.execute(found)).scalar_one_or_none()


async def has_attended(session: AsyncSession, workshop_id: str, email_index: bytes) -> bool:
    """Whether the person of an address came to a workshop, as far as it is remembered."""
    came = (
        select(Attendance.sign_up_id)
        .join(SignUp, SignUp.sign_up_id == Attendance.sign_up_id)
        .join(Edition, Edition.edition_id == SignUp.edition_id)
        .where(
            Edition.workshop_id == workshop_id,
            SignUp.email_index == email_index,
            Attendance.presence.in_(CAME),
        )
    )
    return (await session.execute(came.limit(1))).first() is not None
