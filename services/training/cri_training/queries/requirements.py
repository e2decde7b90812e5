"""What a workshop asks people to have attended, and who did."""

from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cri_training.models import Attendance, Edition, SignUp, Workshop
from cri_training.rules.attendance import CAME
from cri_training.rules.states import ATTENDING, EditionStatus, Status


async def required_for(session: AsyncSession, edition: Edition) -> Workshop | None:
    """The workshop that people attend before this one, if any."""
    first = aliased(Workshop)
    found = (
        select(first)
        .join(Workshop, Workshop.requires == first.workshop_id)
        .where(Workshop.workshop_id == edition.workshop_id)
    )
    return (await session.execute(found)).scalar_one_or_none()


class Before(StrEnum):
    """How far somebody is with the workshop that is attended before an edition."""

    ATTENDED = "attended"
    EXPECTED = "expected"  # has a place in an edition that ends before, and was not noted as absent
    ABSENT = "absent"  # had one, and did not come or gave it up


NEAREST = tuple(Before)
GAVE_UP = frozenset({Status.CANCELLED, Status.HANDED_ON})


async def before(session: AsyncSession, edition: Edition, workshop_id: str) -> dict[bytes, Before]:
    """By address, what is remembered of the people of an edition and the workshop before it."""
    theirs = select(SignUp.email_index).where(SignUp.edition_id == edition.edition_id)
    noted = exists().where(Attendance.sign_up_id == SignUp.sign_up_id)
    came = noted.where(Attendance.presence.in_(CAME))
    found = (
        select(
            SignUp.email_index,
            SignUp.status,
            Edition.ends_at,
            noted.label("noted"),
            came.label("came"),
        )
        .join(Edition, Edition.edition_id == SignUp.edition_id)
        .where(
            Edition.workshop_id == workshop_id,
            Edition.status != EditionStatus.CANCELLED,
            SignUp.status.in_(ATTENDING | GAVE_UP),
            SignUp.email_index.in_(theirs),
        )
    )
    known: dict[bytes, Before] = {}
    for address, status, ends_at, is_noted, was_there in (await session.execute(found)).all():
        if was_there:
            far = Before.ATTENDED
        elif not is_noted and status in ATTENDING and ends_at <= edition.starts_at:
            far = Before.EXPECTED
        else:
            far = Before.ABSENT
        known[address] = min(far, known.get(address, far), key=NEAREST.index)
    return known
