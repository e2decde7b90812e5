"""What leaves by itself: every reminder and escalation that is planned, the next first."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cri_shared.db.some import said
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from cri_research.models import Assignment, Coming, Partner
from cri_research.models.assignments import PLANNED, UNPLANNED
from cri_research.queries.partners import identities
from cri_research.rig import Rig

MOST = 200


@dataclass(frozen=True)
class Planned:
    """A message, and whose answer it is about."""

    message: Coming
    assignment: Assignment
    partner: str


def _waiting() -> list[Select[Assignment]]:
    """Those in which something happens by itself, the next first, and those that wait for a person.

    In two, so that neither has to be sorted.
    """
    every = select(Assignment).options(joinedload(Assignment.question))
    planned, others = every.where(said(PLANNED)), every.where(said(UNPLANNED))
    return [
        planned.order_by(Assignment.next_on, Assignment.assignment_id),
        others.order_by(Assignment.assignment_id),
    ]


async def every_message(session: AsyncSession) -> list[tuple[Coming, Assignment]]:
    """All that is planned, by day; nobody's name is opened for it."""
    found = [one for part in _waiting() for one in (await session.execute(part)).scalars()]
    every = [(message, one) for one in found for message in one.coming()]
    return sorted(every, key=lambda pair: pair[0].on or pair[0].usual)


async def coming(session: AsyncSession, rig: Rig) -> list[Planned]:
    """The messages of the 200 assignments in which something happens next, by day."""
    found: list[Any] = []
    for part in _waiting():
        rows = part.add_columns(Partner)
        rows = rows.join(Partner, Partner.partner_id == Assignment.partner_id)
        found += (await session.execute(rows.limit(MOST - len(found)))).all()
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
