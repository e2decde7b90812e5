"""A public entry is written anew: a new version, a new answer beside it, another answer in it."""

from cri_shared.errors import Refusal
from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_publishing.actions import editing, hours, renewing
from cri_publishing.console import forms
from cri_publishing.console.doors import address
from cri_publishing.console.steps import again, step
from cri_publishing.models import WrongStep
from cri_publishing.queries import pages
from cri_publishing.rig import InRig

router = APIRouter(prefix="/console/entries", include_in_schema=False)
STILL_TRUE = N_("Checked again: this is still true.")


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
        return await again(request, rig, entry_id, form)
    name = pages.name_in(form.data.into)
    try:
        async with rig.service.database.writing() as work:
            into = await pages.entry_of(work.session, name)
            await renewing.merge(work, rig, entry_id, into, staff)
    except WrongStep as late:
        return see_other(request, address(entry_id), late.message)
    except Refusal as refusal:
        form.refuse("into", refusal.message)
        return await again(request, rig, entry_id, form)
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
