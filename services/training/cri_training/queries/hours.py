"""Hours attended: what every person was there for, in minutes."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Attendance, Sitting
from cri_training.rules.attendance import CAME


async def minutes_attended(session: AsyncSession, edition_ids: Collection[str]) -> dict[str, int]:
    """The minutes by sign-up, of those who came to a session of these editions."""
    return await _minutes(session, Sitting.edition_id.in_(edition_ids))


async def minutes_of(session: AsyncSession, sign_up_id: str) -> dict[str, int]:
    """The same of one sign-up alone."""
    return await _minutes(session, Attendance.sign_up_id == sign_up_id)


async def _minutes(session: AsyncSession, which: ColumnElement[bool]) -> dict[str, int]:
    found = (
        select(Attendance, Sitting)
        .join(Sitting, Sitting.session_id == Attendance.session_id)
        .where(which, Attendance.presence.in_(CAME))
    )
    minutes: dict[str, int] = {}
    for row, sitting in (await session.execute(found)).all():
        attended = max(sitting.minutes - row.missed, 0)
        minutes[row.sign_up_id] = minutes.get(row.sign_up_id, 0) + attended
    return minutes
