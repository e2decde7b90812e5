"""What leaves by itself: every reminder and escalation that is planned, the next first."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from cri_research.models import Assignment, Coming, Partner
from cri_research.queries.partners import identities
from cri_research.rig import Rig
from cri_research.rules.states import OPEN

MOST = 200


@dataclass(frozen=True)
class Planned:
    """A message, and whose answer it is about."""

    message: Coming
    assignment: Assignment
    partner: str


def _waiting() -> Select[Assignment]:
    """The assignments in which something happens by itself, the next first."""
    return (
        select(Assignment)
        .where(Assignment.status.in_(OPEN), Assignment.waiting_since.is_(None))
        .options(joinedload(Assignment.question))
        .order_by(Assignment.next_on.is_(None), Assignment.next_on, Assignment.assignment_id)
    )


async def every_message(session: AsyncSession) -> list[tuple[Coming, Assignment]]:
    """All that is planned, by day; nobody's name is opened for it."""
    found = (await session.execute(_waiting())).scalars()
    every = [(message, one) for one in found for message in one.coming()]
    return sorted(every, key=lambda pair: pair[0].on or pair[0].usual)


async def coming(session: AsyncSession, rig: Rig) -> list[Planned]:
    """The messages of the 200 assignments in which something happens next, by day."""
    rows = (
        _waiting()
        .add_columns(Partner)
        .join(Partner, Partner.partner_id == Assignment.partner_id)
        .limit(MOST)
    )
    found = (await session.execute(rows)).all()
    names = await identities(rig, {row[1] for row in found})
    planned = [
        Planned(
            message, row[0], names[row[1].partner_id].name if row[1].partner_id in names else ""
        )
        for row in found
        for message in row[0].coming()
    ]
    return sorted(planned, key=_day)


def _day(planned: Planned) -> tuple[dt.date, str]:
    return planned.message.on or planned.message.usual, planned.partner
