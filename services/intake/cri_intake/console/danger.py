"""The way to go where an asker may be in danger: raise an alarm, call, write what was done."""

from typing import Annotated, Literal

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_intake.actions import danger as actions
from cri_intake.console.question import show
from cri_intake.queries import desk
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)
Danger = Literal["suicide", "trafficking", "child", "violence"]


class AlarmForm(FormModel):
    """Which danger an officer sees."""

    danger: Annotated[Danger, C1]
    messages = {"danger": N_("Choose what the danger is")}  # noqa: RUF012


class DoneForm(FormModel):
    """What was done about an alarm."""

    alarm: Annotated[str, Field(max_length=32), C1]
    done: Annotated[str, Field(max_length=2000), C3]
    messages = {"done": N_("Write what was done")}  # noqa: RUF012


@router.post("/questions/{question_id}/danger")
async def raise_alarm(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Let every officer and the lead know that somebody may be in danger."""
    form = await read_form(request, AlarmForm)
    if form.data is None:
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await actions.raise_alarm(work, rig, case, form.data.danger, by=staff)
    said = N_("The alarm is raised. Follow the steps, one by one.")
    return see_other(request, f"/console/questions/{question_id}", said)


@router.post("/questions/{question_id}/danger/done")
async def end_alarm(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Say what was done; the alarm ends."""
    form = await read_form(request, DoneForm)
    if form.data is None:
        return await show(request, rig, staff, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await actions.end_alarm(work, rig, case, form.data.alarm, form.data.done, by=staff)
    return see_other(request, f"/console/questions/{question_id}", N_("The alarm is over."))
