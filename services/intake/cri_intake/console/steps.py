"""What an officer does with a case from its page: take, look, triage, write, link, end, deliver."""

from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES, LANGUAGES, TOPICS
from cri_shared.places.topics import sensitivity_of
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, check_form_token, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_intake.actions import officers
from cri_intake.actions.delivery import deliver_with_note
from cri_intake.console.looking import must_look
from cri_intake.console.phone import chosen_topics
from cri_intake.console.question import show
from cri_intake.models import Case
from cri_intake.queries import desk
from cri_intake.rig import InRig, Rig
from cri_intake.rules import (
    MAX_TEXT,
    Status,
    urgency_of,
)

router = APIRouter(prefix="/console", include_in_schema=False)
Refused = Literal["tracing", "document_check", "wanted", "outside", "other_help"]
RevealReason = Literal["triage", "desk", "reply", "second", "delivery", "safety"]


class RevealForm(FormModel):
    """Why an officer looks at what an asker wrote."""

    why: Annotated[RevealReason, C1]
    then: Annotated[Literal["page", "desk"], C1] = "page"
    messages = {"why": N_("Choose why you need to see the words")}  # noqa: RUF012


class TriageForm(FormModel):
    """What a question is about, and how it must be handled."""

    country: Annotated[str, Field(min_length=2, max_length=2), C1]
    region: Annotated[str | None, Field(max_length=120), C3] = None
    topic: Annotated[str, C1]
    topic_2: Annotated[str | None, C1] = None
    topic_3: Annotated[str | None, C1] = None
    urgency: Annotated[Literal["normal", "soon", "urgent"] | None, C1] = None
    sensitivity: Annotated[Literal["green", "amber", "red"] | None, C1] = None
    messages = {  # noqa: RUF012
        "country": N_("Choose a country"),
        "topic": N_("Choose at least one topic"),
    }


class RefuseForm(FormModel):
    """Why we cannot look for an answer, and kind words about it."""

    reason: Annotated[Refused, C1]
    words: Annotated[str, Field(max_length=MAX_TEXT), C3]
    messages = {  # noqa: RUF012
        "reason": N_("Choose why we cannot look for an answer"),
        "words": N_("Write to the asker why, and who can help instead"),
    }


class ReferForm(FormModel):
    """Who can help instead."""

    referral: Annotated[str, Field(max_length=MAX_TEXT), C3]
    messages = {"referral": N_("Write to the asker who can help")}  # noqa: RUF012


class LinkForm(FormModel):
    """Another question that has the same answer."""

    other: Annotated[str, Field(max_length=32), C1]
    messages = {"other": N_("Choose a question")}  # noqa: RUF012


class MessageForm(FormModel):
    """Words to the asker."""

    message: Annotated[str, Field(max_length=MAX_TEXT), C3]
    wait: Annotated[bool, C1] = False
    messages = {"message": N_("Write your message")}  # noqa: RUF012


class DeliverForm(FormModel):
    """What makes an answer readable for somebody who does not read its language."""

    kind: Annotated[Literal["translation", "cover"], C1]
    note_language: Annotated[str, Field(max_length=12), C1]
    note: Annotated[str, Field(max_length=20000), C3]
    messages = {  # noqa: RUF012
        "kind": N_("Choose what you add"),
        "note": N_("Write the translation, or what the asker needs to know"),
    }


async def _case(work: Work, question_id: str) -> Case:
    return await desk.case_of(work.session, question_id)


def _page_of(question_id: str) -> str:
    return f"/console/questions/{question_id}"


@router.post("/questions/{question_id}/take")
async def take(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Work on this question from now on."""
    async with rig.service.database.writing() as work:
        await officers.take_question(work, await _case(work, question_id), staff)
    return see_other(request, _page_of(question_id), N_("You work on this question now."))


@router.post("/questions/{question_id}/reveal")
async def reveal(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """See for a quarter of an hour what the asker wrote; who looked, and why, is noted."""
    form = await read_form(request, RevealForm)
    if form.data is None:
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await _case(work, question_id)
        await officers.reveal_words(work, rig, case, reason=form.data.why, by=staff)
    to_desk = "/desk" if form.data.then == "desk" else ""
    return see_other(request, _page_of(question_id) + to_desk)


@router.post("/questions/{question_id}/triage")
async def triage(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Say what the question is about."""
    form = await read_form(request, TriageForm)
    data = form.data
    if data is not None and data.country not in COUNTRIES:
        form.refuse("country", N_("Choose a country"))
    if data is not None and data.topic not in TOPICS:
        form.refuse("topic", N_("Choose at least one topic"))
    if data is None or form.errors or await must_look(rig, staff, question_id, form):
        return await show(request, rig, staff, question_id, form)
    topics = chosen_topics(data.topic, data.topic_2, data.topic_3)
    async with rig.service.database.writing() as work:
        case = await _case(work, question_id)
        await officers.triage_question(
            work,
            rig,
            case,
            country=data.country,
            place=data.region,
            topics=topics,
            urgency=data.urgency or urgency_of(case.needed_by, clock.today()),
            sensitivity=data.sensitivity or sensitivity_of(topics),
            by=staff,
        )
    return see_other(request, _page_of(question_id), N_("Saved."))


@router.post("/questions/{question_id}/refuse")
async def refuse(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Do not look for an answer, and say why."""
    form = await read_form(request, RefuseForm)
    if form.data is None or await must_look(rig, staff, question_id, form, "words"):
        return await show(request, rig, staff, question_id, form)
    return await _end(
        request, rig, staff, question_id, Status.REFUSED, form.data.reason, form.data.words
    )


@router.post("/questions/{question_id}/refer")
async def refer(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Send the asker to somebody who can help better."""
    form = await read_form(request, ReferForm)
    if form.data is None or await must_look(rig, staff, question_id, form, "referral"):
        return await show(request, rig, staff, question_id, form)
    return await _end(
        request, rig, staff, question_id, Status.CLOSED, "referred", form.data.referral
    )


async def _end(
    request: Request,
    rig: Rig,
    staff: Staff,
    question_id: str,
    status: Status,
    reason: str,
    words: str,
) -> Response:
    async with rig.service.database.writing() as work:
        case = await _case(work, question_id)
        if not case.is_open:
            return see_other(request, _page_of(question_id), N_("This question is closed."))
        await officers.end_question(
            work, rig, case, status=status, reason=reason, words=words, by=staff
        )
    return see_other(request, _page_of(question_id), N_("The asker can read why."))


@router.post("/questions/{question_id}/link")
async def link(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """One answer for two askers."""
    form = await read_form(request, LinkForm)
    if form.data is None or await must_look(rig, staff, question_id, form):
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await _case(work, question_id)
        other = await _case(work, form.data.other)
        if case.linked_to is None or case.linked_to != other.question_id:
            await officers.link_question(work, rig, case, other, staff)
    return see_other(request, _page_of(question_id), N_("Both askers get the same answer."))


@router.post("/questions/{question_id}/message")
async def message(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Write to the asker."""
    form = await read_form(request, MessageForm)
    form_id = await check_form_token(request, form)
    if (
        form.data is None
        or form_id is None
        or await must_look(rig, staff, question_id, form, "message")
    ):
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        await officers.write_to_asker(
            work,
            rig,
            await _case(work, question_id),
            form.data.message,
            by=staff,
            wait=form.data.wait,
            form_id=form_id,
        )
    return see_other(request, _page_of(question_id), N_("The asker can read your message."))


@router.post("/questions/{question_id}/deliver")
async def deliver(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Deliver an answer with a translation or a cover note."""
    form = await read_form(request, DeliverForm)
    if form.data is not None and form.data.note_language not in LANGUAGES:
        form.refuse("note_language", N_("Choose a language"))
    if form.data is None or form.errors or await must_look(rig, staff, question_id, form, "note"):
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await _case(work, question_id)
        case.must_be_with(staff)
        if case.answered_at is None:
            await deliver_with_note(
                work,
                rig,
                case,
                kind=form.data.kind,
                language=form.data.note_language,
                text=form.data.note,
                by=staff,
            )
    return see_other(request, _page_of(question_id), N_("The asker can read the answer."))
