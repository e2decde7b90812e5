"""The staff list of an edition: who comes; and what they thought, as counts."""

from cri_shared import clock
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.web.forms import N_
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_training.actions import feedback as answers
from cri_training.actions import sign_ups, tallying
from cri_training.queries import editions
from cri_training.queries import sign_ups as found
from cri_training.queries.places import places_of
from cri_training.queries.reports import feedback_of
from cri_training.queries.requirements import before, required_for
from cri_training.rig import InRig, Rig

router = APIRouter(prefix="/console/editions/{edition_id}", include_in_schema=False)


async def _list(
    request: Request, rig: Rig, staff: Staff, edition_id: str, template: str
) -> HTMLResponse:
    """A list with names; that it was seen, and by whom, is kept."""
    async with rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        rows = await found.participants(work.session, rig, edition_id)
        places = await places_of(work.session, edition_id)
        required = await required_for(work.session, edition)
        first = await before(work.session, edition, required.workshop_id) if required else {}
        await audit.note(work, "training.participants.seen", edition_id, by=staff)
    return render(
        request,
        template,
        edition=edition,
        rows=rows,
        places=places,
        required=required,
        first=first,
    )


@router.get("/participants")
async def participants(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """Everybody with a place, an offer, a turn, or none any more; and who came."""
    return await _list(request, rig, staff, edition_id, "console_participants.html")


@router.get("/participants/print")
async def sheet(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> HTMLResponse:
    """A sheet to sign, for those with a place."""
    return await _list(request, rig, staff, edition_id, "console_sheet.html")


@router.post("/participants/{sign_up_id}/cancel")
async def cancel_for(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, sign_up_id: str
) -> Response:
    """Cancel for somebody who called."""
    async with rig.service.database.writing() as work:
        changed = await sign_ups.cancel_for(work, rig, edition_id, sign_up_id, by=staff)
    said = N_("Cancelled. The person gets a mail.") if changed else N_("Nothing changed.")
    return see_other(request, f"/console/editions/{edition_id}/participants", said)


@router.post("/complete")
async def attendance_complete(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> Response:
    """Everybody who came is noted: they are counted for reports."""
    async with rig.service.database.writing() as work:
        changed = await tallying.say_complete(work, edition_id, by=staff)
    said = N_("Attendance is complete.") if changed else N_("Nothing changed.")
    return see_other(request, f"/console/editions/{edition_id}/certificates", said)


@router.get("/feedback")
async def results(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> HTMLResponse:
    """Counts, from five answers on, once nobody can answer any more."""
    async with rig.service.database.reading() as session:
        edition = await editions.edition(session, edition_id)
        until = edition.feedback_until(rig.policy.feedback)
        counts = await feedback_of(session, rig, edition_id)
    return render(
        request,
        "console_feedback.html",
        edition=edition,
        until=until,
        is_open=until > clock.now(),
        counts=counts,
    )


@router.post("/feedback/close")
async def close_form(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Take no more answers."""
    async with rig.service.database.writing() as work:
        changed = await answers.close_form(work, rig, edition_id, by=staff)
    said = N_("The form is closed.") if changed else N_("Nothing changed.")
    return see_other(request, f"/console/editions/{edition_id}/feedback", said)
