"""What is known of an asker's danger."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Alarm, Case
from cri_intake.rig import Rig


@dataclass(frozen=True)
class Raised:
    """An alarm, with which danger it is and what was done; C3, like what the asker wrote."""

    alarm: Alarm
    danger: str
    done: str


async def alarms_of(session: AsyncSession, rig: Rig, case: Case) -> list[Raised]:
    """Every alarm about the asker of a case, oldest first."""
    rows = select(Alarm).where(Alarm.question_id == case.question_id).order_by(Alarm.raised_at)
    found = (await session.execute(rows)).scalars().all()
    if not found:
        return []
    sealed = await rig.sealed(case.owner)
    return [
        Raised(
            one,
            sealed.open(f"danger:{one.alarm_id}", one.danger_sealed),
            sealed.open(f"done:{one.alarm_id}", one.done_sealed) if one.done_sealed else "",
        )
        for one in found
    ]
