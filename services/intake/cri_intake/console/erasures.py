"""Erasing a case by two officers, and the list of what is erased and what still waits."""

from typing import Annotated, Literal

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.retention import holds
from cri_shared.web.forms import FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.words import N_
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.actions import erasing
from cri_intake.models import Wish
from cri_intake.queries import desk, erasures
from cri_intake.rig import InRig, Rig

router = APIRouter(prefix="/console", include_in_schema=False)
ROOM = "/console/erasures"
ANOTHER = N_("Another officer must confirm that this is erased.")
GONE = N_("The question is erased for good.")


class AskForm(FormModel):
    """Whose wish it is."""

    wish: Annotated[Literal["person", "mistake"], C1]
    messages = {"wish": N_("Choose why it is erased")}  # noqa: RUF012


@router.get("/erasures")
async def room(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """What waits for a second officer, and what the other services have confirmed."""
    async with rig.service.database.reading() as session:
        waiting, told = await erasures.requests(session), await erasures.told(session)
    return render(request, "erasures.html", waiting=waiting, told=told, is_late=erasures.is_late)


@router.get("/questions/{question_id}/erase")
async def page(request: Request, staff: Permitted, rig: InRig, question_id: str) -> HTMLResponse:
    """What would be erased, and who stands for it already."""
    return await _page(request, rig, question_id)


async def _page(
    request: Request, rig: Rig, question_id: str, form: Submitted[AskForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        asked = await erasures.request_of(session, question_id)
        table = rig.service.database.outbox.tables.holds
        held = await holds.is_held(session, table, question_id)
    return render(
        request,
        "erase_case.html",
        status=422 if form else 200,
        case=case,
        asked=asked,
        held=held,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/questions/{question_id}/erase")
async def ask(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Ask that it be erased; another officer decides."""
    form = await read_form(request, AskForm)
    if form.data is None:
        return await _page(request, rig, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await erasing.ask(work, case, Wish(form.data.wish), by=staff)
    return see_other(request, f"/console/questions/{question_id}/erase", ANOTHER)


@router.post("/questions/{question_id}/erase/confirm")
async def confirm(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Stand for the erasure; the second officer carries it out."""
    try:
        async with rig.service.database.writing() as work:
            case = await desk.case_of(work.session, question_id)
            done = await erasing.confirm(work, rig, case, by=staff)
    except NotFound:
        done = await rig.ledger.has(erasing.CASE, question_id)
        if not done:
            raise
    if done:
        return see_other(request, ROOM, GONE)
    return see_other(request, f"/console/questions/{question_id}/erase", ANOTHER)


@router.post("/questions/{question_id}/erase/refuse")
async def refuse(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Let the case stay."""
    async with rig.service.database.writing() as work:
        await erasing.refuse(work, await desk.case_of(work.session, question_id), by=staff)
    return see_other(request, f"/console/questions/{question_id}", N_("The question stays."))
