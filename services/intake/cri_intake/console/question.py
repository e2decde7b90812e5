"""A case's page: the conversation in the order of time, the facts, and what can be done next."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

from cri_shared import clock
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import LANGUAGES, is_working_day
from cri_shared.retention.holds import is_held
from cri_shared.web.audit import called
from cri_shared.web.forms import Submitted
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions.presence import come_to
from cri_intake.actions.thread import USUAL_WORDS
from cri_intake.models import Case, Pause, messaging
from cri_intake.queries import askers, desk, queue, research
from cri_intake.queries.askers import Words
from cri_intake.queries.contacts import others_of
from cri_intake.queries.danger import Raised, alarms_of
from cri_intake.queries.erasures import extended_day, last_day, request_of
from cri_intake.queries.helpers import following
from cri_intake.queries.organisations import name_behind
from cri_intake.queries.presence import others_at
from cri_intake.queries.referrals import referrals
from cri_intake.queries.research import NoteToAsker
from cri_intake.queries.suggestions import suggestions
from cri_intake.rig import InRig, Rig
from cri_intake.rules import EXTENSIONS, REFUSALS, REVEAL_REASONS, working_days
from cri_intake.rules.danger import LINES, STEPS
from cri_intake.rules.ready import READY_TEXTS

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/questions/{question_id}")
async def question_page(
    request: Request, staff: Permitted, rig: InRig, question_id: str
) -> HTMLResponse:
    """One case; what the asker wrote stays covered until the officer says why."""
    await come_to(rig, question_id, staff)
    return await show(request, rig, staff, question_id)


async def show(
    request: Request,
    rig: Rig,
    staff: Staff,
    question_id: str,
    form: Submitted[Any] | None = None,
) -> HTMLResponse:
    """The page, with a form to be mended, or to go on with, where there is one."""
    seen = clock.now()
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        others = await others_at(session, question_id, staff)
        asked = await _asked(session, rig, staff, case)
        found = await _found(session, rig, case)
        around = await _around(session, rig, case)
        before = await _before(session, case, asked["words"])
    return render(
        request,
        "case.html",
        status=422 if form and form.errors else 200,
        case=case,
        called=called(request),
        **asked,
        **found,
        **around,
        **before,
        seen=seen.isoformat(),
        others=others,
        mine=case.officer_id == staff.staff_id,
        overdue=queue.is_overdue(case),
        kept_until=last_day(rig.settings, case),
        extended_until=extended_day(rig.settings, case),
        v=form.values if form else _known(case, asked),
        errors=form.errors if form else {},
        refusals=REFUSALS,
        usual_words=rig.words(case.language).gettext(USUAL_WORDS),
        ready_texts=READY_TEXTS,
        reasons=REVEAL_REASONS,
        extensions=EXTENSIONS,
        danger_lines=LINES,
        danger_steps=STEPS,
        language_tags=LANGUAGES,
        day=dt.date.fromisoformat,
        markdown=to_html,
    )


async def _asked(session: AsyncSession, rig: Rig, staff: Staff, case: Case) -> dict[str, Any]:
    """What the asker wrote, where this officer said why; a place is theirs until it is chosen."""
    is_open = await desk.is_revealed(session, staff, case)
    words = await askers.words_of(rig, case)
    return {
        "cover": await research.note_to(session, rig, case) if is_open else None,
        "words": words if is_open else None,
        "thread": await askers.thread_of(session, rig, case) if is_open else [],
        "alarms": await _alarms(session, rig, staff, case, is_open=is_open),
        "place": words.place if case.triaged_at else words.region if is_open else "",
    }


async def _alarms(
    session: AsyncSession, rig: Rig, staff: Staff, case: Case, *, is_open: bool
) -> list[Raised]:
    """Every alarm; which danger it is reads who works on the case, what was done who reads it."""
    every = await alarms_of(session, rig, case)
    if not await desk.is_with(session, staff, case):
        return [replace(one, danger="", done="") for one in every]
    return every if is_open else [replace(one, done="") for one in every]


async def _before(session: AsyncSession, case: Case, words: Words | None) -> dict[str, Any]:
    """The public answers that fit, where the officer reads what is asked and there is none yet."""
    if words is None or not case.is_open or case.answer_waits:
        return {"existing": []}
    found = await suggestions(session, case.country, words.original, case.language)
    return {"existing": found}


async def _found(session: AsyncSession, rig: Rig, case: Case) -> dict[str, Any]:
    """What research has of it, and what came back."""
    found = await research.research_question_of(session, case)
    return {
        "released": await research.released_text_of(rig, found) if found else None,
        "asked_back": await research.clarifications_of(session, rig, found),
        "answer": await research.answer_of(rig, found) if case.answer_waits else None,
        "delivered": await research.delivered_to(session, rig, case),
    }


async def _around(session: AsyncSession, rig: Rig, case: Case) -> dict[str, Any]:
    """Who posted it, questions like it, its days, what is to be done with it, what was done."""
    may_link = case.is_open and case.released_at is None
    pauses = await desk.pauses_of(session, case)
    group = await research.group_of(session, case)
    return {
        "organisation": await name_behind(session, case),
        "helping": [one for one in await following(session, case) if one.since],
        "similar": await desk.similar_to(session, rig, case) if may_link else [],
        "linked": [member for member in group if member.question_id != case.question_id],
        "helpers": await referrals(session),
        "returning": await others_of(session, case),
        "days": _days(case, pauses),
        "pauses": pauses,
        "partner_days": _partner_days(case),
        "paused": next((p.reason for p in pauses if case.is_open and p.ended_at is None), None),
        "waiting": await desk.waiting_draft_of(session, case),
        "erasure": await request_of(session, case.question_id),
        "held": await is_held(session, messaging.holds, case.question_id),
        "history": await audit.history(session, messaging.audit, case.question_id),
    }


def _partner_days(case: Case) -> int | None:
    """Working days of the partner's country until the day it is due; less than 0: since."""
    if case.due_on is None or not case.is_open:
        return None
    today, due = clock.today(), case.due_on
    first, last = min(today, due), max(today, due)
    days = working_days(first, last, (), partial(is_working_day, country=case.country))
    return days if due >= today else -days


def _known(case: Case, asked: dict[str, Any]) -> dict[str, Any]:
    """What the forms of triage and of the note start with."""
    cover: NoteToAsker | None = asked["cover"]
    topics = [*case.topics, "", "", ""]
    return {
        "country": case.country,
        "region": asked["place"],
        "topic": topics[0],
        "topic_2": topics[1],
        "topic_3": topics[2],
        "urgency": case.urgency,
        "sensitivity": case.sensitivity if case.triaged_at else "",
        "note_language": case.language,
        "cover_language": cover.language if cover else case.language,
        "cover": cover.text if cover else "",
    }


def _days(case: Case, pauses: list[Pause]) -> int:
    """Working days since the question came in, without those on which the clock stood still."""
    until = case.answered_at or case.ended_at or clock.now()
    stood = [
        (clock.belgian(p.began_at).date(), clock.belgian(p.ended_at or until).date())
        for p in pauses
    ]
    start, end = clock.belgian(case.received_at).date(), clock.belgian(until).date()
    return working_days(start, end, stood, is_working_day)
