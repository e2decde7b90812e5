"""A note for one asker, ready before the answer: what others who share it do not read."""

from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.places import LANGUAGES
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_intake.actions.delivery import prepare_note
from cri_intake.console.looking import must_look
from cri_intake.console.question import show
from cri_intake.queries import desk
from cri_intake.rig import InRig
from cri_intake.rules import MAX_TEXT

router = APIRouter(prefix="/console", include_in_schema=False)


class CoverForm(FormModel):
    """What only this asker reads beside the answer; empty to take it away."""

    cover_language: Annotated[str, Field(max_length=12), C1]
    cover: Annotated[str | None, Field(max_length=MAX_TEXT), C3] = None


@router.post("/questions/{question_id}/cover")
async def keep_cover(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Keep a note that is delivered with the answer, whenever it comes."""
    form = await read_form(request, CoverForm)
    if form.data is not None and form.data.cover_language not in LANGUAGES:
        form.refuse("cover_language", N_("Choose a language"))
    looks = form.data is None or form.errors
    if looks or form.data is None or await must_look(rig, staff, question_id, form, "cover"):
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await prepare_note(
            work, rig, case, language=form.data.cover_language, text=form.data.cover, by=staff
        )
    said = N_("The asker reads this note beside the answer, as soon as it is there.")
    if form.data.cover is None:
        said = N_("The note is gone.")
    return see_other(request, f"/console/questions/{question_id}", said)
