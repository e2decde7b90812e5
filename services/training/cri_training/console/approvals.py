"""Sign-ups that a trainer approves or refuses, with what they wrote of what they attended."""

from typing import Annotated

from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C3
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import approving
from cri_training.queries import editions
from cri_training.queries import sign_ups as found
from cri_training.queries.requirements import required_for
from cri_training.rig import InRig, Rig

router = APIRouter(prefix="/console/editions/{edition_id}/approvals", include_in_schema=False)
NOTHING = N_("Nothing changed.")


class RefusalForm(FormModel):
    """Why, in words for the person."""

    reason: Annotated[str, Field(max_length=500), C3]
    messages = {("reason", "missing"): N_("Write why, for this person")}  # noqa: RUF012


@router.get("")
async def approvals(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """Everybody who waits for a yes."""
    return await _list(request, rig, staff, edition_id)


async def _list(
    request: Request,
    rig: Rig,
    staff: Staff,
    edition_id: str,
    form: Submitted[RefusalForm] | None = None,
    about: str = "",
) -> HTMLResponse:
    """The list; `about` is whom a refused form was about. That names were seen is kept."""
    async with rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        required = await required_for(work.session, edition)
        rows = await found.to_approve(work.session, rig, edition_id)
        await audit.note(work, "training.participants.seen", edition_id, by=staff)
    return render(
        request,
        "console_approvals.html",
        status=422 if form else 200,
        edition=edition,
        required=required,
        rows=rows,
        about=about,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/{sign_up_id}/approve")
async def approve(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, sign_up_id: str
) -> Response:
    """Yes."""
    async with rig.service.database.writing() as work:
        changed = await approving.approve(work, rig, edition_id, sign_up_id, by=staff)
    said = N_("Approved. The person gets a mail.") if changed else NOTHING
    return see_other(request, f"/console/editions/{edition_id}/approvals", said)


@router.post("/{sign_up_id}/refuse")
async def refuse(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, sign_up_id: str
) -> Response:
    """No, and why."""
    form = await read_form(request, RefusalForm)
    if form.data is None:
        return await _list(request, rig, staff, edition_id, form, sign_up_id)
    async with rig.service.database.writing() as work:
        changed = await approving.refuse(
            work, rig, edition_id, sign_up_id, form.data.reason, by=staff
        )
    said = N_("Refused. The person gets a mail and reads why.") if changed else NOTHING
    return see_other(request, f"/console/editions/{edition_id}/approvals", said)
