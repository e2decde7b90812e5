"""A draft on its way to its readers: to review and back, approved, published before its time."""

from collections.abc import Mapping

from cri_shared.errors import Refusal
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.pages import see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_publishing.actions import review
from cri_publishing.console import forms
from cri_publishing.console.doors import address
from cri_publishing.console.entry import show
from cri_publishing.console.marking import marks_of
from cri_publishing.console.problems import problems_on
from cri_publishing.console.steps import again, step
from cri_publishing.models import DraftChanged, WrongStep
from cri_publishing.queries import pages
from cri_publishing.queries.staff import approvers
from cri_publishing.rig import InRig, Rig

router = APIRouter(prefix="/console/entries", include_in_schema=False)
_FIELDS: Mapping[type[Refusal], str] = {  # where the page says what stands against a review
    review.ReasonMissing: "reason",
    review.ApproverMissing: "approver",
    review.NotReady: "problems",
    DraftChanged: "problems",
}


@router.post("/{entry_id}/submit")
async def submit(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Send a draft to review."""
    form = await read_form(request, forms.SubmitForm)
    if form.data is None:
        return await again(request, rig, entry_id, form)
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    proposal = await _proposal(request, rig, page, form, staff)
    if proposal is None:
        return see_other(request, address(entry_id), WrongStep.message)
    try:
        return await step(
            request,
            rig,
            entry_id,
            lambda work: review.submit(work, rig, entry_id, proposal, by=staff),
            N_("Sent to review."),
        )
    except review.MarkMissing as missing:
        for kind in proposal.marks.missing:
            form.refuse(f"keep_{kind}", missing.message)
    except tuple(_FIELDS) as refusal:
        form.refuse(_FIELDS[type(refusal)], refusal.message)
    return await again(request, rig, entry_id, form)


async def _proposal(
    request: Request,
    rig: Rig,
    page: pages.EntryPage,
    form: Submitted[forms.SubmitForm],
    staff: Staff,
) -> review.Proposal | None:
    """What an editor proposes for review, or None where no draft is under way."""
    version, said = page.version, form.data
    if version is None or page.draft is None or said is None:
        return None
    problems = await problems_on(page)
    named = {who: name for who, name in await approvers(rig, version) if who != staff.staff_id}
    chosen = (said.approver, named[said.approver]) if said.approver in named else None
    marks = marks_of(request, problems, form.values)
    return review.Proposal(said.edition, tuple(problems), said.reason, marks, chosen)


@router.post("/{entry_id}/approve")
async def approve(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Stand, as a second person, for the text that the page showed."""
    form = await read_form(request, forms.ApproveForm)
    if form.data is None:
        return await again(request, rig, entry_id, form)
    read = form.data.edition
    try:
        return await step(
            request,
            rig,
            entry_id,
            lambda work: review.approve(work, rig, entry_id, read, staff),
            N_("Approved."),
        )
    except review.NotReady as refusal:
        return await show(
            request,
            rig,
            entry_id,
            status=422,
            errors={"problems": words_of(request).gettext(refusal.message)},
        )


@router.post("/{entry_id}/return")
async def send_back(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Return a text with a comment."""
    form = await read_form(request, forms.CommentForm)
    if form.data is None:
        return await again(request, rig, entry_id, form)
    comment = form.data.comment
    return await step(
        request,
        rig,
        entry_id,
        lambda work: review.send_back(work, rig, entry_id, comment, staff),
        N_("Sent back to the editor."),
    )


@router.post("/{entry_id}/take-back")
async def take_back(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Make a text a draft again before it is published."""
    return await step(
        request,
        rig,
        entry_id,
        lambda work: review.take_back(work, entry_id, staff),
        N_("This is a draft again. It needs a new approval."),
    )


@router.post("/{entry_id}/lift")
async def lift(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """End the waiting time early."""
    form = await read_form(request, forms.LiftForm)
    if form.data is None:
        return await again(request, rig, entry_id, form)
    reason = form.data.reason
    return await step(
        request,
        rig,
        entry_id,
        lambda work: review.lift_embargo(work, rig, entry_id, reason, staff),
        N_("Published."),
    )
