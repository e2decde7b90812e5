"""A case's page: the conversation in the order of time, the facts, and what can be done next."""

import datetime as dt
from typing import Any

from cri_shared import clock
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import is_working_day
from cri_shared.retention.holds import is_held
from cri_shared.web.forms import N_, Submitted
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_intake.models import Case, PartnerOrganisation, Pause, messaging
from cri_intake.queries import askers, desk, queue, research
from cri_intake.queries.contacts import others_of
from cri_intake.queries.erasures import extended_day, last_day, request_of
from cri_intake.rig import InRig, Rig
from cri_intake.rules import EXTENSIONS, REFUSALS, REVEAL_REASONS, working_days
from cri_intake.submission import LANGUAGES

router = APIRouter(prefix="/console", include_in_schema=False)
USUAL_WORDS = N_(
    "Thank you for your question. We are sorry: we cannot look for this answer. We look for"
    " information about a country, not about a person or a paper. You can call us free of charge."
    " We help you to find somebody who can."
)


@router.get("/questions/{question_id}")
async def question_page(
    request: Request, staff: Permitted, rig: InRig, question_id: str
) -> HTMLResponse:
    """One case; what the asker wrote stays covered until the officer says why."""
    return await show(request, rig, staff, question_id)


async def show(
    request: Request,
    rig: Rig,
    staff: Staff,
    question_id: str,
    form: Submitted[Any] | None = None,
) -> HTMLResponse:
    """The page, with a form that must be mended where there is one."""
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        open_words = await desk.is_revealed(session, staff, case)
        found = await research.research_question_of(session, case)
        organisation = (
            await session.get(PartnerOrganisation, case.organisation_id)
            if case.organisation_id
            else None
        )
        pauses = await desk.pauses_of(session, case)
        group = await research.group_of(session, case)
        may_link = case.is_open and case.released_at is None
        words = await askers.words_of(rig, case)
        context: dict[str, Any] = {
            "case": case,
            "organisation": organisation.name if organisation else None,
            "thread": await askers.thread_of(session, rig, case) if open_words else [],
            "words": words if open_words else None,
            "asked_back": await research.clarifications_of(session, rig, found),
            "delivered": await research.delivered_to(session, rig, case),
            "similar": await desk.similar_to(session, rig, case) if may_link else [],
            "waiting": await desk.waiting_draft_of(session, case),
            "returning": await others_of(session, case),
            "erasure": await request_of(session, question_id),
            "held": await is_held(session, messaging.holds, question_id),
            "history": await audit.history(session, messaging.audit, question_id),
        }
    answer = await research.answer_of(rig, found) if case.answer_waits else None
    place = words.place if case.triaged_at else words.region if open_words else ""
    text = await research.released_text_of(rig, found) if found else None
    return render(
        request,
        "case.html",
        status=422 if form else 200,
        **context,
        answer=answer,
        released=text,
        linked=[member for member in group if member.question_id != question_id],
        mine=case.officer_id == staff.staff_id,
        overdue=queue.is_overdue(case),
        days=_days(case, pauses),
        paused=next((p.reason for p in pauses if case.is_open and p.ended_at is None), None),
        v=form.values if form else _known(case, place),
        errors=form.errors if form else {},
        refusals=REFUSALS,
        usual_words=rig.words(case.language).gettext(USUAL_WORDS),
        reasons=REVEAL_REASONS,
        extensions=EXTENSIONS,
        kept_until=last_day(rig.settings, case),
        extended_until=extended_day(rig.settings, case),
        language_tags=LANGUAGES,
        day=dt.date.fromisoformat,
        markdown=to_html,
    )


def _known(case: Case, place: str) -> dict[str, Any]:
    """What the triage form starts with."""
    topics = [*case.topics, "", "", ""]
    return {
        "country": case.country,
        "region": place,
        "topic": topics[0],
        "topic_2": topics[1],
        "topic_3": topics[2],
        "urgency": case.urgency,
        "sensitivity": case.sensitivity if case.triaged_at else "",
        "note_language": case.language,
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
