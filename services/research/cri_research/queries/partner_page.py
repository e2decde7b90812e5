"""What a partner sees behind its link: one question, and nothing else."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.identity.secrets import token_hash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import (
    Assignment,
    Draft,
    Partner,
    PartnerSession,
    Question,
    SecretLink,
)
from cri_research.queries.board import Asked, Said, asked_of, said_of
from cri_research.rig import Rig
from cri_research.rules.deadlines import SESSION


@dataclass(frozen=True)
class Behind:
    """What a session stands in front of; nothing shows while the PIN is missing."""

    assignment: Assignment
    partner: Partner
    pin_passed: bool


@dataclass(frozen=True)
class Task:
    """One assignment as its partner sees it."""

    assignment: Assignment
    partner: Partner
    question: Question
    text: str
    asked: list[Asked]
    notes: list[Said]
    draft: dict[str, Any]
    draft_at: dt.datetime | None


async def behind(session: AsyncSession, token: str) -> Behind | None:
    """The assignment of a session that is at most eight hours old, or None."""
    if not token:
        return None
    rows = (
        select(PartnerSession, SecretLink, Assignment, Partner)
        .join(SecretLink, SecretLink.link_id == PartnerSession.link_id)
        .join(Assignment, Assignment.assignment_id == PartnerSession.assignment_id)
        .join(Partner, Partner.partner_id == Assignment.partner_id)
        .where(
            PartnerSession.token_hash == token_hash(token),
            PartnerSession.opened_at > clock.now() - SESSION,
        )
    )
    row = (await session.execute(rows)).first()
    if row is None:
        return None
    open_session, link, assignment, partner = row
    if not link.opens(assignment):
        return None
    return Behind(assignment, partner, open_session.pin_passed)


async def task_of(session: AsyncSession, rig: Rig, behind: Behind) -> Task:
    """Everything that the partner may see of its question."""
    assignment = behind.assignment
    question = await session.get_one(Question, assignment.research_id)
    sealed = await rig.sealed_question(question.research_id)
    draft = await session.get(Draft, assignment.assignment_id)
    place = f"draft:{assignment.assignment_id}"
    said = await said_of(session, sealed, question.research_id, assignment.assignment_id)
    ids = (question.research_id, assignment.assignment_id)
    return Task(
        assignment=assignment,
        partner=behind.partner,
        question=question,
        text=sealed.open("text", question.text_sealed),
        asked=await asked_of(session, sealed, *ids),
        notes=[one for one in said if one.remark.kind in ("return", "note")],
        draft=json.loads(sealed.open(place, draft.form_sealed)) if draft else {},
        draft_at=draft.saved_at if draft else None,
    )


async def draft_of(session: AsyncSession, rig: Rig, assignment_id: str) -> dict[str, Any]:
    """What the partner typed before, by field; empty where nothing was kept."""
    draft = await session.get(Draft, assignment_id)
    assignment = await session.get(Assignment, assignment_id)
    if draft is None or assignment is None:
        return {}
    sealed = await rig.sealed_question(assignment.research_id)
    fields: dict[str, Any] = json.loads(sealed.open(f"draft:{assignment_id}", draft.form_sealed))
    return fields
