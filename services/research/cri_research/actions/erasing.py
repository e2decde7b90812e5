"""Questions and partners end: the key is destroyed, and the rows that it opened go."""

from collections.abc import Mapping, Sequence

from cri_shared import clock
from cri_shared.bus.erasure import erase
from cri_shared.db import Work
from cri_shared.events.upkeep import ERASURE_CONFIRMED
from cri_shared.identity import audit
from cri_shared.retention.ledger import Again, Owners
from sqlalchemy import delete, select, update

from cri_research.actions import questions
from cri_research.models import (
    Assignment,
    Clarification,
    Draft,
    EarlyWithdrawal,
    Partner,
    PartnerSession,
    Question,
    Remark,
    SecretLink,
    SubmittedAnswer,
)
from cri_research.rig import Rig

QUESTION, PARTNER = "question", "partner"  # whose keys are destroyed


async def question_erased(work: Work, rig: Rig, research_id: str) -> None:
    """The last asker erased it: nothing of it stays here, and what we said of it is taken back.

    What comes of it later is not worked on. What is public is publishing's, and stays there.
    """
    question = await questions.find_question(work, research_id)
    if question is not None:
        question.withdraw()
        await questions.release(work, question.assignments)
        await work.session.flush()
        await forget_question(work, research_id)
        await audit.note(work, "research.question.erased", research_id)
    await rig.ledger.erase(work, QUESTION, research_id)
    await work.session.merge(EarlyWithdrawal(research_id=research_id, withdrawn_at=clock.now()))
    await erase(work, research_id)
    await work.emit(ERASURE_CONFIRMED["research"](research_id=research_id))


async def end_questions(work: Work, rig: Rig, research_ids: Sequence[str]) -> None:
    """End questions that were closed long ago."""
    for research_id in research_ids:
        await forget_question(work, research_id)
        await rig.ledger.erase(work, QUESTION, research_id)


async def forget_question(work: Work, research_id: str) -> None:
    """Delete the rows of a question; a second time does nothing."""
    assignments = select(Assignment.assignment_id).where(Assignment.research_id == research_id)
    for child in (Draft, SubmittedAnswer, PartnerSession, SecretLink):
        await work.session.execute(delete(child).where(child.assignment_id.in_(assignments)))
    for table in (Remark, Clarification, Assignment, Question):
        await work.session.execute(delete(table).where(table.research_id == research_id))


async def end_partners(work: Work, rig: Rig, partner_ids: Sequence[str]) -> None:
    """Forget who partners were whose agreement ended; their ids and what they did stay."""
    for partner_id in partner_ids:
        await forget_partner(work, partner_id)
        await rig.ledger.erase(work, PARTNER, partner_id)
        await audit.note(work, "research.partner.erased", partner_id)


async def forget_partner(work: Work, partner_id: str) -> None:
    """Empty what says who a partner was; a second time does nothing."""
    this = update(Partner).where(Partner.partner_id == partner_id, Partner.erased_at.is_(None))
    await work.session.execute(
        this.values(
            name_sealed=b"",
            email_sealed=b"",
            reach_sealed=None,
            notes_sealed=None,
            pin_hash=None,
            form_id=None,
            erased_at=clock.now(),
        )
    )


def again() -> Mapping[str, Again]:
    """By kind of key, what deletes the rows of an owner that a backup brought back."""

    async def question(work: Work, research_id: str) -> None:
        await erase(work, research_id)
        await forget_question(work, research_id)

    return {QUESTION: question, PARTNER: forget_partner}


def owners() -> Mapping[str, Owners]:
    """By kind of key, who has one."""
    return {QUESTION: select(Question.research_id), PARTNER: select(Partner.partner_id)}
