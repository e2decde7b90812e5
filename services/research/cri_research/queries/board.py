"""The board of questions, and everything about one question on its page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from cri_shared.db.some import said
from cri_shared.db.values import values_of
from cri_shared.errors import NotFound
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit
from cri_shared.identity.audit import Noted
from cri_shared.privacy.vault import SealedText
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_research.models import (
    Assignment,
    Clarification,
    Partner,
    Question,
    Remark,
    messaging,
)
from cri_research.models.board import EVERY
from cri_research.queries import views
from cri_research.queries.answers import Reviewed, newest_answers
from cri_research.queries.filters import Filters
from cri_research.queries.partners import identities
from cri_research.rig import Rig


@dataclass(frozen=True)
class Row:
    """One question on the board."""

    question: Question
    text: str
    partners: list[str]
    due_on: dt.date | None
    overdue: bool
    escalated: bool
    wants_time: bool


@dataclass(frozen=True)
class Board:
    """One view of the board, with the counts of all."""

    rows: list[Row]
    counts: dict[str, int]
    countries: list[str]


async def board(session: AsyncSession, rig: Rig, view: str, filters: Filters) -> Board:
    """The first hundred questions of a view, in its order."""
    rows = await _rows(session, rig, await views.page_of(session, view, filters))
    return Board(rows, await views.counts(session, filters), await _countries(session))


async def _rows(session: AsyncSession, rig: Rig, found: Sequence[Question]) -> list[Row]:
    keys = await rig.keys.get_many("question", [q.research_id for q in found])
    ids = {a.partner_id for q in found for a in q.open_assignments}
    partners = (await session.execute(select(Partner).where(Partner.partner_id.in_(ids)))).scalars()
    names = await identities(rig, partners.all())
    return [_row(q, keys.get(q.research_id), {i: n.name for i, n in names.items()}) for q in found]


def _row(question: Question, key: bytes | None, names: dict[str, str]) -> Row:
    text = ""
    if key is not None:
        sealed = SealedText(key, f"question:{question.research_id}")
        text = sealed.open("text", question.text_sealed)
    held = question.open_assignments
    return Row(
        question=question,
        text=text if len(text) <= 140 else text[:137] + "…",
        partners=[names[a.partner_id] for a in held if a.partner_id in names],
        due_on=question.due_on,
        overdue=any(a.is_overdue for a in held),
        escalated=any(a.escalated_at for a in held),
        wants_time=any(a.wants_until for a in held),
    )


async def _countries(session: AsyncSession) -> list[str]:
    parts = [values_of(Question.country, said(where)) for where in EVERY]
    found = [(await session.execute(part)).scalars().all() for part in parts]
    return sorted({country for some in found for country in some})


@dataclass(frozen=True)
class Side:
    """One assignment as the question's page shows it, beside the others."""

    assignment: Assignment
    partner: Partner
    name: str
    answer: Reviewed | None


@dataclass(frozen=True)
class Asked:
    """A question of a partner to the desk, with its reply."""

    clarification: Clarification
    asked: str
    reply: str


@dataclass(frozen=True)
class Said:
    """Words beside a decision."""

    remark: Remark
    text: str


@dataclass(frozen=True)
class File:
    """Everything about one question."""

    question: Question
    text: str
    sides: list[Side]
    asked: list[Asked]
    said: list[Said]
    history: list[Noted]
    approved: AnswerApproved | None = None
    partner_names: dict[str, str] = field(default_factory=dict)


async def question_with_assignments(session: AsyncSession, research_id: str) -> Question:
    """One question to look at; raises `NotFound`."""
    wanted = (
        select(Question)
        .where(Question.research_id == research_id)
        .options(selectinload(Question.assignments))
    )
    question = (await session.execute(wanted)).scalar_one_or_none()
    if question is None:
        raise NotFound
    return question


async def file_of(session: AsyncSession, rig: Rig, research_id: str) -> File:
    """Everything about one question; raises `NotFound`, `Erased`."""
    question = await question_with_assignments(session, research_id)
    sealed = await rig.sealed_question(research_id)
    answers = await newest_answers(session, rig, question, decided=True)
    sides = await _sides(session, rig, question, answers)
    approved = None
    if question.approved_sealed:
        approved = AnswerApproved.model_validate_json(
            sealed.open("approved", question.approved_sealed)
        )
    return File(
        question=question,
        text=sealed.open("text", question.text_sealed),
        sides=sides,
        asked=await asked_of(session, sealed, research_id),
        said=await said_of(session, sealed, research_id),
        history=await audit.history(session, messaging.audit, research_id),
        approved=approved,
        partner_names={s.assignment.assignment_id: s.name for s in sides},
    )


async def _sides(
    session: AsyncSession, rig: Rig, question: Question, answers: list[Reviewed]
) -> list[Side]:
    ids = {a.partner_id for a in question.assignments}
    found = (await session.execute(select(Partner).where(Partner.partner_id.in_(ids)))).scalars()
    partners = {p.partner_id: p for p in found.all()}
    names = await identities(rig, partners.values())
    given = {r.assignment.assignment_id: r for r in answers}
    return [
        Side(
            assignment=a,
            partner=partners[a.partner_id],
            name=names[a.partner_id].name if a.partner_id in names else "",
            answer=given.get(a.assignment_id),
        )
        for a in question.assignments
    ]


async def asked_of(
    session: AsyncSession, sealed: SealedText, research_id: str, assignment_id: str | None = None
) -> list[Asked]:
    """What was asked back about a question (as one partner may see it), oldest first."""
    rows = select(Clarification).where(Clarification.research_id == research_id)
    found = (await session.execute(rows)).scalars().all()
    mine = [c for c in found if assignment_id is None or c.assignment_id in (None, assignment_id)]
    start = dt.datetime.min.replace(tzinfo=dt.UTC)
    mine.sort(key=lambda c: c.asked_at or c.replied_at or start)
    return [
        Asked(
            clarification=c,
            asked=_open(sealed, f"asked:{c.clarification_id}", c.asked_sealed),
            reply=_open(sealed, f"reply:{c.clarification_id}", c.reply_sealed),
        )
        for c in mine
    ]


async def said_of(
    session: AsyncSession, sealed: SealedText, research_id: str, assignment_id: str | None = None
) -> list[Said]:
    """Words beside decisions about a question (or one assignment of it), oldest first."""
    rows = select(Remark).where(Remark.research_id == research_id)
    if assignment_id is not None:
        rows = rows.where(Remark.assignment_id == assignment_id)
    found = (await session.execute(rows.order_by(Remark.at))).scalars().all()
    return [Said(r, sealed.open(f"remark:{r.kind}", r.text_sealed)) for r in found]


def _open(sealed: SealedText, place: str, blob: bytes | None) -> str:
    return sealed.open(place, blob) if blob else ""


async def assignment_of(session: AsyncSession, assignment_id: str) -> Assignment:
    """One assignment to look at; raises `NotFound`."""
    assignment = await session.get(Assignment, assignment_id)
    if assignment is None:
        raise NotFound
    return assignment
