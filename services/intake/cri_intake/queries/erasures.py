"""What is to be erased, by which day, and what the other services were told to erase."""

import datetime as dt
from collections.abc import Sequence

from cri_shared import clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, ErasureRequest, ToldErasure
from cri_intake.rules import CONFIRM_DAYS
from cri_intake.settings import Settings

_SHOWN = 100


def last_day(settings: Settings, case: Case) -> dt.date | None:
    """The day on which an answered case is erased by itself; None where there is no answer."""
    if case.answered_at is None:
        return None
    if case.kept_longer:
        days = settings.keep_longer_days
    elif case.extension is not None:
        days = settings.keep_extended_days
    else:
        days = settings.keep_answered_days
    return _after(case.answered_at, days)


def extended_day(settings: Settings, case: Case) -> dt.date | None:
    """The same, were an officer to extend it."""
    return case.answered_at and _after(case.answered_at, settings.keep_extended_days)


def _after(moment: dt.datetime, days: int) -> dt.date:
    return clock.belgian(moment + dt.timedelta(days=days)).date()


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


async def every_told(session: AsyncSession) -> Sequence[ToldErasure]:
    """All research questions that the others were told to erase and that are still known."""
    return (await session.execute(select(ToldErasure))).scalars().all()


def is_late(one: ToldErasure) -> bool:
    """Whether a service should have confirmed it by now."""
    missing = one.research_at is None or one.publishing_at is None
    return missing and one.told_at < clock.now() - dt.timedelta(days=CONFIRM_DAYS)
