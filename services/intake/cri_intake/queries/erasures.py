"""What is still to be erased, and what the other services were told to erase."""

import datetime as dt
from collections.abc import Sequence

from cri_shared import clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import ErasureRequest, ToldErasure
from cri_intake.rules import CONFIRM_DAYS

_SHOWN = 100


async def request_of(session: AsyncSession, question_id: str) -> ErasureRequest | None:
    """What is asked for a case, or None."""
    return await session.get(ErasureRequest, question_id)


async def requests(session: AsyncSession) -> Sequence[ErasureRequest]:
    """Every case that is to be erased, the longest waiting first."""
    rows = select(ErasureRequest).order_by(ErasureRequest.asked_at)
    return (await session.execute(rows)).scalars().all()


async def told(session: AsyncSession) -> Sequence[ToldErasure]:
    """The last research questions that the others were told to erase, newest first."""
    rows = select(ToldErasure).order_by(ToldErasure.told_at.desc()).limit(_SHOWN)
    return (await session.execute(rows)).scalars().all()


def is_late(one: ToldErasure) -> bool:
    """Whether a service should have confirmed it by now."""
    missing = one.research_at is None or one.publishing_at is None
    return missing and one.told_at < clock.now() - dt.timedelta(days=CONFIRM_DAYS)
