"""Who may follow a question beside its asker, and what a code of theirs opens."""

import datetime as dt
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.identity import audit
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, Helper, HelperCode, PartnerOrganisation, messaging
from cri_intake.models.helpers import CODE_LIFE, HELP_ENDED
from cri_intake.rig import Rig
from cri_intake.rules.codes import code_hash


@dataclass(frozen=True)
class Following:
    """An organisation that follows a question: it posted it itself where there is no `since`."""

    organisation_id: str
    name: str
    may: str
    since: dt.datetime | None


async def following(session: AsyncSession, case: Case) -> list[Following]:
    """The organisations that may follow a case, the one that posted it first."""
    posted = select(PartnerOrganisation).where(
        PartnerOrganisation.organisation_id == case.organisation_id
    )
    helping = (
        select(Helper, PartnerOrganisation)
        .join(PartnerOrganisation, PartnerOrganisation.organisation_id == Helper.organisation_id)
        .where(Helper.question_id == case.question_id)
        .order_by(Helper.since)
    )
    own = (await session.execute(posted)).scalars().all()
    helpers = (await session.execute(helping)).all()
    return [Following(one.organisation_id, one.name, "write", None) for one in own] + [
        Following(one.organisation_id, about.name, one.may, one.since) for one, about in helpers
    ]


async def did_follow(session: AsyncSession, organisation_id: str, question_id: str) -> bool:
    """Whether an organisation followed a question once, and it was ended by either side."""
    told = await audit.history(session, messaging.audit, question_id)
    ended = [one.facts for one in told if one.action == HELP_ENDED]
    return any(facts["organisation_id"] == organisation_id for facts in ended)


async def waiting_code(session: AsyncSession, case: Case) -> HelperCode | None:
    """The code of a case that nobody used yet, or None."""
    waiting = select(HelperCode).where(
        HelperCode.question_id == case.question_id,
        HelperCode.used_by.is_(None),
        HelperCode.made_at > clock.now() - CODE_LIFE,
    )
    return (await session.execute(waiting)).scalars().first()


async def code_behind(session: AsyncSession, rig: Rig, code: str) -> HelperCode | None:
    """What is known of a code, held so that two do not use it at once; None for an unknown one."""
    return await session.get(HelperCode, code_hash(rig.pepper, code), with_for_update=True)
