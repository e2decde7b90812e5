"""The views that an officer saved."""

from cri_shared.identity.staff import Staff
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import SavedView


async def views_of(session: AsyncSession, staff: Staff) -> list[SavedView]:
    """An officer's own views, by name."""
    wanted = select(SavedView).where(SavedView.staff_id == staff.staff_id)
    found = (await session.execute(wanted)).scalars()
    return sorted(found, key=lambda one: (one.name.casefold(), one.name))
