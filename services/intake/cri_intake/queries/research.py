"""Which askers stand behind a research question, and what came of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from cri_shared.events.research import AnswerApproved
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import (
    Assignment,
    Case,
    Clarification,
    DeliveryNote,
    Release,
    ResearchQuestion,
)
from cri_intake.rig import Rig


async def cases_behind(session: AsyncSession, research_id: str) -> list[Case]:
    """The askers of a research question who have not left it."""
    behind = (
        select(Case)
        .join(Release, Release.question_id == Case.question_id)
        .where(Release.research_id == research_id, Release.ended_at.is_(None))
        .order_by(Case.received_at)
    )
    return list((await session.execute(behind)).scalars())


async def release_of(session: AsyncSession, case: Case) -> Release | None:
    """The release of a case that has not ended, or None."""
    current = select(Release).where(
        Release.question_id == case.question_id, Release.ended_at.is_(None)
    )
    return (await session.execute(current)).scalar_one_or_none()


async def research_question_of(session: AsyncSession, case: Case) -> ResearchQuestion | None:
    """What research has of a case, or None."""
    release = await release_of(session, case)
    return await session.get(ResearchQuestion, release.research_id) if release else None


async def group_of(session: AsyncSession, case: Case) -> list[Case]:
    """A case and those linked with it, the leading one first."""
    lead = case.linked_to or case.question_id
    rows = select(Case).where(or_(Case.question_id == lead, Case.linked_to == lead))
    members = (await session.execute(rows.order_by(Case.received_at))).scalars()
    return sorted(members, key=lambda member: member.linked_to is not None)


async def assignments_of(session: AsyncSession, research_id: str) -> list[Assignment]:
    """Every partner's turn at a research question."""
    rows = select(Assignment).where(Assignment.research_id == research_id)
    return list((await session.execute(rows)).scalars())


@dataclass(frozen=True)
class PartnersQuestion:
    """What a partner wants to know, and our reply if there is one."""

    clarification_id: str
    text: str
    asked_at: dt.datetime
    reply: str | None
    given_at: dt.datetime | None


async def clarifications_of(
    session: AsyncSession, rig: Rig, found: ResearchQuestion | None
) -> list[PartnersQuestion]:
    """What partners asked back about a research question, oldest first."""
    if found is None:
        return []
    rows = select(Clarification).where(Clarification.research_id == found.research_id)
    asked = (await session.execute(rows.order_by(Clarification.asked_at))).scalars().all()
    if not asked:
        return []
    sealed = await rig.sealed(found.owner)
    return [
        PartnersQuestion(
            c.clarification_id,
            sealed.open(f"clarification:{c.clarification_id}", c.text_sealed),
            c.asked_at,
            sealed.open(f"reply:{c.clarification_id}", c.reply_sealed) if c.reply_sealed else None,
            c.given_at,
        )
        for c in asked
    ]


async def released_text_of(rig: Rig, found: ResearchQuestion) -> str:
    """The text that left intake."""
    return (await rig.sealed(found.owner)).open("text", found.text_sealed)


async def answer_of(rig: Rig, found: ResearchQuestion | None) -> AnswerApproved | None:
    """The approved answer to a research question, or None while there is none."""
    if found is None or found.answer_sealed is None:
        return None
    sealed = await rig.sealed(found.owner)
    return AnswerApproved.model_validate_json(sealed.open("answer", found.answer_sealed))


@dataclass(frozen=True)
class NoteToAsker:
    """A translation of an answer, or a cover note beside it."""

    kind: str
    language: str
    text: str


async def note_to(session: AsyncSession, rig: Rig, case: Case) -> NoteToAsker | None:
    """What an officer wrote beside the answer for one asker, or None."""
    note = await session.get(DeliveryNote, case.question_id)
    if note is None:
        return None
    text = (await rig.sealed(case.owner)).open("note", note.text_sealed)
    return NoteToAsker(note.kind, note.language, text)


@dataclass(frozen=True)
class Delivered:
    """An answer as its asker has it."""

    answer: AnswerApproved
    note: NoteToAsker | None
    entry_slug: str | None
    entry_changed_at: dt.datetime | None


async def delivered_to(session: AsyncSession, rig: Rig, case: Case) -> Delivered | None:
    """The answer that lies behind a case's receipt, or None while there is none."""
    if case.answered_at is None:
        return None
    found = await research_question_of(session, case)
    answer = await answer_of(rig, found)
    if found is None or answer is None:
        return None
    return Delivered(
        answer,
        await note_to(session, rig, case),
        found.entry_slug,
        found.entry_changed_at,
    )


async def known_research(
    session: AsyncSession, research_ids: Iterable[str]
) -> list[ResearchQuestion]:
    """Those research questions among `research_ids` that are intake's own."""
    rows = select(ResearchQuestion).where(ResearchQuestion.research_id.in_(list(research_ids)))
    return list((await session.execute(rows)).scalars())
