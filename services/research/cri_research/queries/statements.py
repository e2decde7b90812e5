"""What each partner did in a month, for whoever pays it: answers that were decided, never words."""

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import Assignment, Partner, Question
from cri_research.queries.partners import identities
from cri_research.rig import Rig
from cri_research.rules.deadlines import month_of, working_days_between
from cri_research.rules.states import Step


@dataclass(frozen=True)
class Piece:
    """One answer that was decided in the month: approved, or not used."""

    assignment_id: str
    partner_id: str
    partner: str  # empty where who it was is erased
    country: str
    topics: tuple[str, ...]
    sent_on: dt.date
    due_on: dt.date
    answered_on: dt.date
    decided_on: dt.date
    working_days: int
    approved: bool
    renewal: bool

    @property
    def in_time(self) -> bool:
        """Whether the answer came before the end of its day."""
        return self.answered_on <= self.due_on


@dataclass(frozen=True)
class Line:
    """One partner's month."""

    partner_id: str
    partner: str
    approved: int
    not_used: int
    late: int
    median_days: float


async def pieces(session: AsyncSession, rig: Rig, month: dt.date) -> list[Piece]:
    """The answers that were decided in the month (its first day), by partner and day.

    A decision is final, so that no answer stands in the statements of two months.
    """
    begin, end = month_of(month)
    rows = (
        select(Assignment, Question, Partner)
        .join(Question, Question.research_id == Assignment.research_id)
        .join(Partner, Partner.partner_id == Assignment.partner_id)
        .where(
            Assignment.answered_at.is_not(None),
            Assignment.ended_at >= begin,
            Assignment.ended_at < end,
        )
    )
    found = (await session.execute(rows)).all()
    names = await identities(rig, {row[2] for row in found})
    made = [
        _piece(a, q, names[p.partner_id].name if p.partner_id in names else "") for a, q, p in found
    ]
    return sorted(made, key=lambda one: (one.partner, one.partner_id, one.decided_on))


def _piece(assignment: Assignment, question: Question, name: str) -> Piece:
    sent, answered, ended = (
        clock.belgian(at).date()
        for at in (assignment.sent_at, assignment.answered_at, assignment.ended_at)
        if at is not None
    )
    return Piece(
        assignment_id=assignment.assignment_id,
        partner_id=assignment.partner_id,
        partner=name,
        country=question.country,
        topics=tuple(question.topics),
        sent_on=sent,
        due_on=assignment.due_on,
        answered_on=answered,
        decided_on=ended,
        working_days=working_days_between(sent, answered, assignment.calendar),
        approved=assignment.status == Step.APPROVED,
        renewal=question.entry_id is not None,
    )


def lines(found: Sequence[Piece]) -> list[Line]:
    """The pieces of a month, one line for each partner."""
    by_partner: dict[str, list[Piece]] = defaultdict(list)
    for piece in found:
        by_partner[piece.partner_id].append(piece)
    return [_line(partner_id, mine) for partner_id, mine in by_partner.items()]


def _line(partner_id: str, mine: Sequence[Piece]) -> Line:
    approved = sum(piece.approved for piece in mine)
    return Line(
        partner_id=partner_id,
        partner=mine[0].partner,
        approved=approved,
        not_used=len(mine) - approved,
        late=sum(not piece.in_time for piece in mine),
        median_days=statistics.median(piece.working_days for piece in mine),
    )
