"""The desk: the original beside the new text, what the machine sees in both, and the release."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, Protocol

from cri_shared.errors import NotFound
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1, C3
from cri_shared.privacy.detectors import CHECKLIST
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions import desk as actions
from cri_intake.console.queue import Officer
from cri_intake.models import Case, Draft, SecondOfficerNeeded
from cri_intake.queries import askers, desk, research
from cri_intake.queries.desk import Gate
from cri_intake.rig import InRig, Rig
from cri_intake.rules import FALSE_ALARMS, MAX_TEXT, MIN_TEXT, needs_second
from cri_intake.submission import LANGUAGES

router = APIRouter(prefix="/console", include_in_schema=False)
WAITS = N_("The text waits for another officer.")
FalseAlarm = Literal["ordinary_word", "place", "public_body", "other"]


class TextForm(FormModel):
    """The new text, and the checklist for what identifies a person indirectly."""

    text: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_TEXT), C3]
    language: Annotated[str, Field(max_length=12), C1]
    check_unique_office: Annotated[bool, C1] = False
    check_known_relative: Annotated[bool, C1] = False
    check_unique_event: Annotated[bool, C1] = False
    check_small_group_small_place: Annotated[bool, C1] = False
    check_exact_dates: Annotated[bool, C1] = False
    messages = {  # noqa: RUF012
        ("text", "missing"): N_("Write the new text"),
        ("text", "string_too_short"): N_("Write the new text in at least one full sentence"),
        "language": N_("Choose the language of the new text"),
    }


class ReleaseForm(FormModel):
    """Which text goes, and why the leak check is thought wrong, if it is."""

    draft: Annotated[str, Field(max_length=32), C1]
    false_alarm: Annotated[FalseAlarm | None, C1] = None


@dataclass(frozen=True)
class Place:
    """Where an outgoing text is written: for the question itself, or in reply to a partner."""

    question_id: str
    purpose: str = actions.QUESTION

    @property
    def url(self) -> str:
        """The address of this desk."""
        base = f"/console/questions/{self.question_id}"
        if self.purpose == actions.QUESTION:
            return f"{base}/desk"
        return f"{base}/clarifications/{self.purpose}"


class Stretch(Protocol):
    """Characters `start` to `end` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def marked(text: str, stretches: Sequence[Stretch]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the stretches (which may overlap)."""
    cuts = sorted({0, len(text), *(s.start for s in stretches), *(s.end for s in stretches)})
    pieces = []
    for start, end in pairwise(cuts):
        if start < len(text):
            inside = any(s.start <= start and end <= s.end for s in stretches)
            pieces.append((text[start:end], inside))
    return pieces


async def _page(
    request: Request,
    rig: Rig,
    staff: Staff,
    place: Place,
    *,
    template: str = "desk.html",
    form: Submitted[Any] | None = None,
    gate: Gate | None = None,
    draft: Draft | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        revealed = await desk.is_revealed(session, staff, case)
        thread = await askers.thread_of(session, rig, case) if revealed else []
        partner_asks = await _partner_asks(session, rig, case, place)
        draft = draft or await desk.draft_of(session, case, place.purpose)
    text = await desk.text_of(rig, case, draft) if draft else ""
    leaving = await askers.words_of(rig, case)
    values = form.values if form else {"text": text, "language": _language(case, draft)}
    words = leaving if revealed else None
    original = words.original if words else ""
    return render(
        request,
        template,
        status=422 if form and form.errors else 200,
        case=case,
        place=place,
        words=words,
        thread=thread,
        partner_asks=partner_asks,
        place_name=leaving.place,
        original=marked(original, await desk.findings_in(original, case.language)),
        draft=draft,
        text=text,
        mine=case.officer_id == staff.staff_id,
        wrote_it=draft is not None and draft.writer_id == staff.staff_id,
        gate=gate,
        second=gate is not None
        and needs_second(case.sensitivity, has_cues=bool(gate.cues), has_leaks=bool(gate.leaks)),
        checklist=CHECKLIST,
        alarms=FALSE_ALARMS,
        marked=marked,
        v=values,
        errors=form.errors if form else {},
        language_tags=LANGUAGES,
    )


def _language(case: Case, draft: Draft | None) -> str:
    return draft.language if draft else case.language


async def _partner_asks(
    session: AsyncSession, rig: Rig, case: Case, place: Place
) -> research.PartnersQuestion | None:
    """The partner's question that is replied to here; raises `NotFound` for another case's."""
    if place.purpose == actions.QUESTION:
        return None
    found = await research.research_question_of(session, case)
    for asked in await research.clarifications_of(session, rig, found):
        if asked.clarification_id == place.purpose:
            return asked
    raise NotFound


async def _gate(rig: Rig, place: Place, text: str, language: str) -> Gate:
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        await _partner_asks(session, rig, case, place)
        words = await askers.words_of(rig, case)
        region = words.place if place.purpose == actions.QUESTION else ""
        return await desk.check(session, rig, case, text, language, region)


async def _open(request: Request, rig: Rig, staff: Staff, place: Place) -> HTMLResponse:
    """The desk; a text that waits for a second officer is shown as it would leave."""
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        draft = await desk.draft_of(session, case, place.purpose)
    if draft is None or draft.second_asked_at is None:
        return await _page(request, rig, staff, place)
    text = await desk.text_of(rig, case, draft)
    gate = await _gate(rig, place, text, draft.language)
    return await _page(request, rig, staff, place, template="release.html", gate=gate)


async def _preview(request: Request, rig: Rig, staff: Staff, place: Place) -> HTMLResponse:
    """Keep the text, look at it, and show it as it would leave."""
    form = await read_form(request, TextForm)
    if form.data is not None and form.data.language not in LANGUAGES:
        form.refuse("language", N_("Choose the language of the new text"))
    if form.data is None or form.errors:
        return await _page(request, rig, staff, place, form=form)
    data = form.data
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, place.question_id)
        if place.purpose == actions.QUESTION:
            case.must_be_ready()
        draft = await actions.write_draft(
            work,
            rig,
            case,
            purpose=place.purpose,
            text=data.text,
            language=data.language,
            by=staff,
        )
        for item in CHECKLIST:
            if not getattr(data, f"check_{item.id}"):
                form.refuse(
                    f"check_{item.id}", N_("Look at this point, and tick it when the answer is no")
                )
        if not form.errors:
            actions.checklist_done(draft)
    gate = await _gate(rig, place, data.text, data.language)
    if gate.leaks:
        form.refuse("text", actions.TextLeaks.message)
    template = "desk.html" if form.errors else "release.html"
    return await _page(
        request, rig, staff, place, template=template, form=form, gate=gate, draft=draft
    )


async def _release(request: Request, rig: Rig, staff: Staff, place: Place) -> Response:
    """Let the text go, or let it wait for another officer."""
    form = await read_form(request, ReleaseForm)
    if form.data is None:
        raise actions.ChangedMeanwhile
    page = f"/console/questions/{place.question_id}"
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        if await _has_left(session, rig, case, place):
            return see_other(request, page, N_("This text has left."))
        draft = await _draft(session, case, place, form.data.draft)
    gate = await _gate(rig, place, await desk.text_of(rig, case, draft), draft.language)
    alarm = form.data.false_alarm if gate.leaks else None
    asks = alarm is not None and draft.second_asked_at is None and draft.checked_at is not None
    try:
        leaves = not asks and actions.may_leave(case, draft, gate, by=staff)
    except SecondOfficerNeeded:  # a second click of the officer who asked for one
        return see_other(request, page, WAITS)
    except actions.TextLeaks as leaks:
        form.refuse("text", leaks.message)
        form.values |= {
            "text": await desk.text_of(rig, case, draft),
            "language": draft.language,
        }
        return await _page(request, rig, staff, place, form=form, gate=gate, draft=draft)
    if not leaves:
        async with rig.service.database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, form.data.draft)
            await actions.ask_second(work, case, draft, alarm=alarm, by=staff)
        return see_other(request, page, WAITS)
    await _let_go(rig, staff, place, gate, form.data.draft)
    return see_other(request, page, N_("The new text was released."))


async def _has_left(session: AsyncSession, rig: Rig, case: Case, place: Place) -> bool:
    """Whether a first click, or somebody else, released it."""
    asked = await _partner_asks(session, rig, case, place)
    return (case.released_at if asked is None else asked.given_at) is not None


async def _draft(session: AsyncSession, case: Case, place: Place, draft_id: str) -> Draft:
    """The draft that was looked at; raises `ChangedMeanwhile` where it was rewritten since."""
    draft = await desk.draft_of(session, case, place.purpose)
    if draft is None or draft.draft_id != draft_id:
        raise actions.ChangedMeanwhile
    return draft


async def _let_go(rig: Rig, staff: Staff, place: Place, gate: Gate, draft_id: str) -> None:
    database = rig.service.database
    if place.purpose != actions.QUESTION:
        async with database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, draft_id)
            actions.may_leave(case, draft, gate, by=staff)
            await actions.give_clarification(work, rig, case, draft, gate, by=staff)
        return
    research_id = actions.new_research_id()
    try:
        async with rig.new_key("research", research_id) as key, database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, draft_id)
            actions.may_leave(case, draft, gate, by=staff)
            await actions.release_question(
                work, rig, case, draft, gate, research_id=research_id, key=key, by=staff
            )
    except IntegrityError:  # another click released it at the same moment
        raise actions.ChangedMeanwhile from None


async def _send_back(request: Request, rig: Rig, staff: Staff, place: Place) -> Response:
    """The second officer wants another text."""
    form = await read_form(request, ReleaseForm)
    if form.data is None:
        raise actions.ChangedMeanwhile
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, place.question_id)
        draft = await _draft(work.session, case, place, form.data.draft)
        await actions.send_draft_back(work, case, draft, by=staff)
    page = f"/console/questions/{place.question_id}"
    return see_other(request, page, N_("The text goes back to the officer who wrote it."))


@router.get("/questions/{question_id}/desk")
async def desk_page(request: Request, staff: Officer, rig: InRig, question_id: str) -> HTMLResponse:
    """Where a research question is written."""
    return await _open(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/preview")
async def preview(request: Request, staff: Officer, rig: InRig, question_id: str) -> Response:
    """Look at the text as it would leave."""
    return await _preview(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/release")
async def release(request: Request, staff: Officer, rig: InRig, question_id: str) -> Response:
    """Let the text go."""
    return await _release(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/send-back")
async def send_back(request: Request, staff: Officer, rig: InRig, question_id: str) -> Response:
    """Ask for another text."""
    return await _send_back(request, rig, staff, Place(question_id))


_REPLY = "/questions/{question_id}/clarifications/{clarification_id}"


@router.get(_REPLY)
async def reply_page(
    request: Request, staff: Officer, rig: InRig, question_id: str, clarification_id: str
) -> HTMLResponse:
    """Where the reply to a partner is written."""
    return await _open(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/preview")
async def preview_reply(
    request: Request, staff: Officer, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Look at the reply as it would leave."""
    return await _preview(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/release")
async def release_reply(
    request: Request, staff: Officer, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Let the reply go."""
    return await _release(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/send-back")
async def send_reply_back(
    request: Request, staff: Officer, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Ask for another reply."""
    return await _send_back(request, rig, staff, Place(question_id, clarification_id))
