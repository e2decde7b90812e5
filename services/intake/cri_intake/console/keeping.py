"""Keeping an answered case for longer, once, for a reason that the asker can read."""

from typing import Annotated, Literal

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_intake.actions.officers import extend_keeping
from cri_intake.console.question import show
from cri_intake.queries import desk
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


class ExtendForm(FormModel):
    """Why a case is kept for longer."""

    extension: Annotated[Literal["checking", "follow_up", "procedure", "asked"], C1]
    messages = {"extension": N_("Choose why it is kept for longer")}  # noqa: RUF012


@router.post("/questions/{question_id}/extend")
async def extend(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Keep it for longer; the same reason again is the one that stands."""
    form = await read_form(request, ExtendForm)
    if form.data is None:
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await extend_keeping(work, case, reason=form.data.extension, by=staff)
    said = N_("It is kept for longer. The asker can read why, and until which day.")
    return see_other(request, f"/console/questions/{question_id}", said)
