"""A draft that is dropped; an entry that leaves search, or is taken back everywhere."""

from cri_shared.db import Work
from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_, Submitted, read_form
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import ending
from cri_publishing.console import forms
from cri_publishing.console.doors import form_page
from cri_publishing.console.steps import step
from cri_publishing.desk import entry_for_change
from cri_publishing.models import NothingPublished, WithdrawalReason
from cri_publishing.queries import pages
from cri_publishing.rig import InRig, Rig

router = APIRouter(prefix="/console/entries", include_in_schema=False)


@router.post("/{entry_id}/discard")
async def discard(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Drop the version under way."""
    return await step(
        request,
        rig,
        entry_id,
        lambda work: ending.discard(work, rig, entry_id, staff),
        N_("The draft is gone."),
    )


@router.post("/{entry_id}/archive")
async def archive(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Take an entry out of search."""

    async def do(work: Work) -> None:
        entry = await entry_for_change(work, entry_id)
        await ending.archive(work, rig, entry, staff)

    return await step(request, rig, entry_id, do, N_("Archived: only its address still shows it."))


@router.get("/{entry_id}/withdraw")
async def withdraw_page(
    request: Request, entry_id: str, rig: InRig, staff: Permitted
) -> HTMLResponse:
    """What will disappear, and why it should."""
    return await _withdraw_page(request, rig, entry_id)


async def _withdraw_page(
    request: Request, rig: Rig, entry_id: str, form: Submitted[forms.WithdrawForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.current is None:
        raise NothingPublished
    return form_page(request, "withdraw.html", form, page=page)


@router.post("/{entry_id}/withdraw")
async def withdraw(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Take an entry back, at once and everywhere."""
    form = await read_form(request, forms.WithdrawForm)
    if form.data is None:
        return await _withdraw_page(request, rig, entry_id, form)
    reason = WithdrawalReason(form.data.reason)
    page = "" if staff.has("editor") else "/withdraw"
    return await step(
        request,
        rig,
        entry_id,
        lambda work: ending.withdraw(work, rig, entry_id, reason, staff),
        N_("Withdrawn. Readers see that it was taken back."),
        rest=page,
        back=page,
    )
