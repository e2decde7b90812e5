"""Answers, opened for the coordinator who decides about them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import Assignment, Partner, Question, SubmittedAnswer
from cri_research.queries.partners import Identity, identities
from cri_research.rig import Rig
from cri_research.rules.answers import Answer
from cri_research.rules.states import Step


@dataclass(frozen=True)
class Reviewed:
    """An answer that waits for a decision, and who gave it."""

    row: SubmittedAnswer
    answer: Answer
    assignment: Assignment
    partner: Partner
    identity: Identity

    def is_among(self, ids: Collection[str]) -> bool:
        """Whether this answer, or the assignment that it answers, has one of these ids."""
        return self.row.answer_id in ids or self.assignment.assignment_id in ids

    @property
    def display_name(self) -> str | None:
        """The name under which the answer may go out: only where the partner opted in twice."""
        opted_in = self.partner.visibility == "name" and self.answer.show_name
        return self.identity.name if opted_in else None


async def newest_answers(
    session: AsyncSession, rig: Rig, question: Question, *, decided: bool = False
) -> list[Reviewed]:
    """The newest answer of each assignment that waits for a decision, first come first.

    With `decided` also those that were returned or approved.
    """
    steps = {Step.ANSWERED, Step.RETURNED, Step.APPROVED} if decided else {Step.ANSWERED}
    by_id = {a.assignment_id: a for a in question.assignments if a.status in steps}
    rows = (
        select(SubmittedAnswer)
        .where(SubmittedAnswer.assignment_id.in_(by_id))
        .order_by(SubmittedAnswer.submitted_at)
    )
    newest = {r.assignment_id: r for r in (await session.execute(rows)).scalars().all()}
    if not newest:
        return []
    ids = {by_id[assignment_id].partner_id for assignment_id in newest}
    found = (await session.execute(select(Partner).where(Partner.partner_id.in_(ids)))).scalars()
    partners = {p.partner_id: p for p in found.all()}
    names = await identities(rig, partners.values())
    sealed = await rig.sealed_question(question.research_id)
    return [
        Reviewed(
            row=row,
            answer=Answer.from_json(sealed.open(f"answer:{row.answer_id}", row.body_sealed)),
            assignment=by_id[assignment_id],
            partner=partners[by_id[assignment_id].partner_id],
            identity=names.get(by_id[assignment_id].partner_id, Identity("", "")),
        )
        for assignment_id, row in newest.items()
    ]
