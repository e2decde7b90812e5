"""The imports of an organisation, and how far they are."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Import

_SHOWN = 5


async def imports_of(session: AsyncSession, organisation_id: str) -> list[Import]:
    """The newest imports of an organisation, the newest first."""
    own = select(Import).where(Import.organisation_id == organisation_id)
    newest = own.order_by(Import.began_at.desc(), Import.key).limit(_SHOWN)
    return list((await session.execute(newest)).scalars())
