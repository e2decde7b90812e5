"""Officers save filters of the queue under a name of their own."""

from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_intake.actions.views import remove_view, save_view
from cri_intake.console.queue import HERE, Listed, show
from cri_intake.models import TooManyViews, ViewNameTaken
from cri_intake.rig import InRig

router = APIRouter(prefix=f"{HERE}/views", include_in_schema=False)


class NameForm(FormModel):
    """What a view is called."""

    name: Annotated[str, Field(max_length=40), C1]
    messages = {  # noqa: RUF012
        ("name", "missing"): N_("Write a name for this view"),
        ("name", "string_too_long"): N_("Write a name of 40 letters at most"),
    }


@router.post("")
async def save(request: Request, staff: Permitted, rig: InRig, listing: Listed) -> Response:
    """Call this address so; a view that is saved already gets another name."""
    form = await read_form(request, NameForm)
    if form.data is not None:
        try:
            async with rig.service.database.writing() as work:
                await save_view(work, listing.saved, form.data.name, by=staff)
        except (ViewNameTaken, TooManyViews) as refused:
            form.refuse("name", refused.message)
    if form.errors:
        return await show(request, rig, staff, listing, form)
    return see_other(request, listing.address(), N_("Saved. It stands among your own views."))


@router.post("/remove")
async def remove(request: Request, staff: Permitted, rig: InRig, listing: Listed) -> Response:
    """Save it no longer; the page stays where it was."""
    async with rig.service.database.writing() as work:
        await remove_view(work, listing.saved, by=staff)
    return see_other(request, listing.address(), N_("Removed. The filters are still chosen."))
