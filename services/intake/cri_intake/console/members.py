"""The room of a partner organisation: its questions, what it was handed, what became of them."""

from typing import Annotated, Any

from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import K
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.lanes import lanes_of
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_intake.actions import helpers
from cri_intake.actions.helpers import CODES
from cri_intake.console.steps import MessageForm
from cri_intake.queries import askers, members, research
from cri_intake.queries.imports import imports_of
from cri_intake.queries.organisations import case_of_organisation
from cri_intake.rig import InRig, Rig
from cri_intake.rules.codes import CodeUnknown, parse_code

ROOM = "/console/ours"
router = APIRouter(prefix=ROOM, include_in_schema=False)


class HandedForm(FormModel):
    """The code that somebody told who asks for help."""

    code: Annotated[str, Field(max_length=40), K]
    messages = {"code": N_("Type the code of twelve digits")}  # noqa: RUF012


@router.get("")
async def ours(
    request: Request, staff: Permitted, rig: InRig, after: Annotated[str | None, Query()] = None
) -> HTMLResponse:
    """The questions of one's organisation, newest first, a page at a time."""
    return await _list(request, rig, staff, after=after)


async def _list(
    request: Request,
    rig: Rig,
    staff: Staff,
    form: Submitted[HandedForm] | None = None,
    *,
    after: str | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        organisation = await members.organisation_of(session, staff)
        lines, following = await members.lines(session, rig, organisation.organisation_id, after)
        imports = await imports_of(session, organisation.organisation_id)
    return render(
        request,
        "ours.html",
        status=422 if form else 200,
        organisation=organisation,
        lines=lines,
        following=following,
        imports=imports,
        later=after is not None,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/code")
async def take_code(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Follow a question by the code that its asker told; a second click leads there too."""
    form = await read_form(request, HandedForm)
    if form.data is None:
        return await _list(request, rig, staff, form)
    try:
        code = parse_code(form.data.code)
        async with lanes_of(request).trying(CODES, request) as attempt:
            async with rig.service.database.writing() as work:
                own = await members.organisation_of(work.session, staff)
                case = await helpers.use_code(work, rig, code, own.organisation_id, by=staff)
            attempt.succeeded = True
    except CodeUnknown as unknown:
        form.refuse("code", unknown.message)
        return await _list(request, rig, staff, form)
    return see_other(request, f"{ROOM}/{case.question_id}", N_("You follow this question now."))


@router.get("/{question_id}")
async def one(request: Request, staff: Permitted, rig: InRig, question_id: str) -> HTMLResponse:
    """Where a question is, and the answer to it."""
    return await _page(request, rig, staff, question_id)


async def _page(
    request: Request,
    rig: Rig,
    staff: Staff,
    question_id: str,
    form: Submitted[Any] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        own = await members.organisation_of(session, staff)
        followed = await case_of_organisation(session, own.organisation_id, question_id)
        case = followed.case
        thread = await askers.thread_of(session, rig, case) if followed.may != "read" else []
        delivered = await research.delivered_to(session, rig, case)
        reference = await members.reference_of(rig, case, own.organisation_id)
    return render(
        request,
        "our_question.html",
        status=422 if form else 200,
        case=case,
        may=followed.may,
        reference=reference,
        late=askers.lateness(case),
        thread=thread,
        delivered=delivered,
        markdown=to_html,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/{question_id}/message")
async def write(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Write to the helpdesk about a question; a second click writes nothing twice."""
    form = await read_form(request, MessageForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await _page(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        own = await members.organisation_of(work.session, staff)
        followed = await case_of_organisation(work.session, own.organisation_id, question_id)
        await helpers.write_for_organisation(
            work, rig, followed, own.organisation_id, form.data.message, form_id=form_id
        )
    return see_other(request, f"{ROOM}/{question_id}", N_("We have your message."))


@router.post("/{question_id}/give-back")
async def give_back(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Follow a question no more that an asker handed over; the asker sees it.

    A second click, or one after its asker ended it, finds that it is done.
    """
    async with rig.service.database.writing() as work:
        own = await members.organisation_of(work.session, staff)
        await helpers.end_help(work, question_id, own.organisation_id, by=staff)
    return see_other(request, ROOM, N_("You follow this question no more."))
