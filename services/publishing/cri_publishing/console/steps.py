"""The steps of an entry: to review and back, approved, published, renewed, merged, taken away."""

from collections.abc import Awaitable, Callable
from typing import Any

from cri_shared.db import Work
from cri_shared.errors import Refusal
from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.pages import render, see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import editing, ending, hours, renewing, review
from cri_publishing.checking import problems_of
from cri_publishing.console import forms
from cri_publishing.console.doors import NO_STORE, address
from cri_publishing.console.entry import show
from cri_publishing.console.marking import marks_of
from cri_publishing.desk import entry_for_change
from cri_publishing.models import (
    DraftChanged,
    NothingPublished,
    WithdrawalReason,
    WorkUnderWay,
    WrongStep,
)
from cri_publishing.queries import pages
from cri_publishing.queries.staff import approvers
from cri_publishing.rig import InRig, Rig

router = APIRouter()
STILL_TRUE = N_("Checked again: this is still true.")


async def step(
    request: Request,
    rig: Rig,
    entry_id: str,
    do: Callable[[Work], Awaitable[Any]],
    said: str,
    *,
    rest: str = "",
    back: str = "",
) -> Response:
    """Do one thing in a transaction and show the entry again; a second click is told so kindly."""
    try:
        async with rig.service.database.writing() as work:
            await do(work)
    except (WrongStep, NothingPublished, WorkUnderWay) as late:
        return see_other(request, address(entry_id, back), late.message)
    return see_other(request, address(entry_id, rest), said)


@router.post("/{entry_id}/submit")
async def submit(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Send a draft to review."""
    form = await read_form(request, forms.SubmitForm)
    if form.data is None:
        return await _again(request, rig, entry_id, form)
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.version is None or page.draft is None:
        return see_other(request, address(entry_id), WrongStep.message)
    version = page.version
    problems = await problems_of(
        page.draft,
        number=version.number,
        renews=version.renews,
        last_checked=page.last_checked,
    )
    named = dict(await approvers(rig, version))
    approver = form.data.approver
    named.pop(staff.staff_id, None)
    chosen = (approver, named[approver]) if approver in named else None
    marks = marks_of(request, problems, form.values)

    async def do(work: Work) -> None:
        await review.submit(
            work,
            rig,
            entry_id,
            edition=form.data.edition if form.data else 0,
            problems=problems,
            reason=form.data.reason if form.data else None,
            marks=marks,
            approver=chosen,
            by=staff,
        )

    try:
        return await step(request, rig, entry_id, do, N_("Sent to review."))
    except (review.ReasonMissing, review.ApproverMissing) as missing:
        name = "reason" if isinstance(missing, review.ReasonMissing) else "approver"
        form.refuse(name, missing.message)
    except review.MarkMissing as missing:
        for kind in marks.missing:
            form.refuse(f"keep_{kind}", missing.message)
    except (review.NotReady, DraftChanged) as refusal:
        form.refuse("problems", refusal.message)
    return await _again(request, rig, entry_id, form)


async def _again(request: Request, rig: Rig, entry_id: str, form: Submitted[Any]) -> Response:
    return await show(request, rig, entry_id, status=422, v=form.values, errors=form.errors)


@router.post("/{entry_id}/approve")
async def approve(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Stand for a text as a second person."""
    try:
        return await step(
            request,
            rig,
            entry_id,
            lambda work: review.approve(work, rig, entry_id, staff),
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
        return await _again(request, rig, entry_id, form)
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
        return await _again(request, rig, entry_id, form)
    reason = form.data.reason
    return await step(
        request,
        rig,
        entry_id,
        lambda work: review.lift_embargo(work, rig, entry_id, reason, staff),
        N_("Published."),
    )


@router.post("/{entry_id}/revise")
async def revise(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Begin a new version."""
    return await step(
        request,
        rig,
        entry_id,
        lambda work: editing.revise(work, rig, entry_id, staff),
        N_("Readers keep seeing the present version until the new one is approved."),
        rest="/edit",
    )


@router.post("/{entry_id}/renew")
async def renew(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Still true: the date and sources of the new answer, the text as it is."""
    async with rig.service.database.reading() as session:
        language = (await pages.entry_page(session, rig, entry_id)).language
    words = request.app.state.dictionary.words
    note_language = language if language in words else "en"
    note = words[note_language].gettext(STILL_TRUE)
    return await step(
        request,
        rig,
        entry_id,
        lambda work: renewing.renew(
            work, rig, entry_id, note=note, note_language=note_language, by=staff
        ),
        N_("The text stays; the date and sources are those of the new answer."),
    )


@router.post("/{entry_id}/use")
async def use(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Begin a renewal from an answer that waited."""
    form = await read_form(request, forms.UseForm)
    research_id = form.data.research_id if form.data else ""
    return await step(
        request,
        rig,
        entry_id,
        lambda work: renewing.use_waiting_answer(work, rig, entry_id, research_id, staff),
        N_("The new answer stands beside the text."),
        rest="/edit",
    )


@router.post("/{entry_id}/merge")
async def merge(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Let a public entry cover this answer too."""
    form = await read_form(request, forms.MergeForm)
    if form.data is None:
        return await _again(request, rig, entry_id, form)
    name = pages.name_in(form.data.into)
    try:
        async with rig.service.database.writing() as work:
            into = await pages.entry_of(work.session, name)
            await renewing.merge(work, rig, entry_id, into, staff)
    except WrongStep as late:
        return see_other(request, address(entry_id), late.message)
    except Refusal as refusal:
        form.refuse("into", refusal.message)
        return await _again(request, rig, entry_id, form)
    said = N_("This entry now covers the answer. Say what changed, and send it to review.")
    return see_other(request, address(into.entry_id, "/edit"), said)


@router.post("/{entry_id}/refresh")
async def refresh(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Ask the public question again."""
    return await step(
        request,
        rig,
        entry_id,
        lambda work: hours.ask_again(work, rig, entry_id, staff),
        N_("The question goes to a partner again."),
    )


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
    return render(
        request,
        "withdraw.html",
        status=422 if form else 200,
        page=page,
        v=form.values if form else {},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


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
