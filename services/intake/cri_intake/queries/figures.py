"""The desk's figures, and the words behind one case that the detectors missed."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, DeskCount, HelpedCount, Miss
from cri_intake.rig import Rig
from cri_intake.rules.figures import FEWEST, Month
from cri_intake.rules.figures import months as by_month

SHOWN_MONTHS = 12


async def misses_of(session: AsyncSession, rig: Rig, case: Case) -> list[tuple[str, str]]:
    """(kind, words) of what officers marked in a case."""
    rows = select(Miss).where(Miss.question_id == case.question_id).order_by(Miss.miss_id)
    found = (await session.execute(rows)).scalars().all()
    if not found:
        return []
    sealed = await rig.sealed(case.owner)
    return [(one.kind, sealed.open(f"miss:{one.miss_id}", one.words_sealed)) for one in found]


async def months(session: AsyncSession) -> list[Month]:
    """The last twelve months in which a text left, newest first."""
    rows = select(
        DeskCount.month, DeskCount.kind, DeskCount.language, DeskCount.verdict, DeskCount.number
    )
    found = [(r[0], r[1], r[2], r[3], r[4]) for r in (await session.execute(rows)).all()]
    return by_month(found)[:SHOWN_MONTHS]


async def helped(session: AsyncSession) -> list[tuple[str, int | None]]:
    """(month, for how many an existing answer was enough), newest first; None below five."""
    number = func.sum(HelpedCount.number)
    rows = select(HelpedCount.month, number).group_by(HelpedCount.month)
    newest = rows.order_by(HelpedCount.month.desc()).limit(SHOWN_MONTHS)
    found = (await session.execute(newest)).all()
    return [(month, int(count) if count >= FEWEST else None) for month, count in found]
