"""Hours attended: what every person of an edition was there for, in minutes."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Attendance, Sitting
from cri_training.rules.attendance import CAME


async def minutes_attended(session: AsyncSession, edition_id: str) -> dict[str, int]:
    """The minutes by sign-up, of those who came to a session."""
    found = (
        select(Attendance, Sitting)
        .join(Sitting, Sitting.session_id == Attendance.session_id)
        .where(Sitting.edition_id == edition_id, Attendance.presence.in_(CAME))
    )
    minutes: dict[str, int] = {}
    for row, sitting in (await session.execute(found)).all():
        attended = max(sitting.minutes - row.missed, 0)
        minutes[row.sign_up_id] = minutes.get(row.sign_up_id, 0) + attended
    return minutes
