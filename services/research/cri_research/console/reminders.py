"""Reminders and escalations before they leave: seen, moved, held."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_research.actions import assignments
from cri_research.console.doing import do
from cri_research.console.questions import page
from cri_research.models import Assignment, Coming
from cri_research.queries.board import assignment_of
from cri_research.queries.reminders import coming, every_message
from cri_research.rig import InRig, Rig
from cri_research.rules.deadlines import Nudge, latest

router = APIRouter(prefix="/console", include_in_schema=False)
_SAID = {
    "move": N_("The message leaves on the day that you chose."),
    "hold": N_("The message is held back."),
    "usual": N_("The message leaves on its usual day."),
}


class PlanForm(FormModel):
    """Which message, and what becomes of it; `back` says on which page the form stood."""

    nudge: Annotated[Literal["before", "due", "after", "escalate"], C1]
    decision: Annotated[Literal["move", "hold", "usual"], C1]
    back: Annotated[Literal["", "list"], C1] = ""


@dataclass(frozen=True)
class Line:
    """A message that leaves by itself; without `leaves_on` it is held back."""

    assignment_id: Annotated[str, C1]
    research_id: Annotated[str, C1]
    message: Annotated[str, C1]
    leaves_on: Annotated[dt.date | None, C1]
    usual_on: Annotated[dt.date, C1]
    country: Annotated[str, C1]
    topics: Annotated[list[str], C1]
    due_on: Annotated[dt.date, C1]

    @classmethod
    def of(cls, message: Coming, one: Assignment) -> "Line":
        """The line of a message about an assignment."""
        days = (message.nudge.value, message.on, message.usual)
        about = (one.question.country, one.question.topics)
        return cls(one.assignment_id, one.research_id, *days, *about, one.due_on)


LINES = Lines(Line)


@router.get("/reminders")
async def overview(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Everything that leaves by itself."""
    return await _list(request, rig, None)


@router.get("/reminders.csv")
async def reminders_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """All of it for a spreadsheet, without a partner and without words."""
    async with rig.service.database.reading() as session:
        found = await every_message(session)
    return LINES.answer(request, (Line.of(*pair) for pair in found))


async def _list(request: Request, rig: Rig, form: Submitted[Any] | None) -> Response:
    async with rig.service.database.reading() as session:
        found = await coming(session, rig)
    return render(
        request,
        "reminders.html",
        status=422 if form else 200,
        coming=found,
        escalation_email=rig.settings.escalation_email,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/assignments/{assignment_id}/plan")
async def plan(request: Request, staff: Permitted, rig: InRig, assignment_id: str) -> Response:
    """Move a message, hold it, or let it leave as usual."""
    form = await read_form(request, PlanForm)
    async with rig.service.database.reading() as session:
        assignment = await assignment_of(session, assignment_id)
    data = form.data
    day = _day(form, assignment) if data is not None and data.decision == "move" else None
    listed = form.values.get("back") == "list"
    if data is None or form.errors:
        if listed:
            return await _list(request, rig, form)
        return await page(request, rig, assignment.research_id, form)
    here = f"/console/questions/{assignment.research_id}#assignment-{assignment_id}"
    nudge = Nudge(data.nudge)

    async def act(work: Work) -> None:
        if data.decision == "usual":
            await assignments.plan_as_usual(work, assignment_id, nudge, by=staff)
        else:
            await assignments.replan(work, assignment_id, nudge, day, by=staff)

    return await do(
        request, rig, "/console/reminders" if listed else here, _SAID[data.decision], act
    )


def _day(form: Submitted[PlanForm], assignment: Assignment) -> dt.date | None:
    """The day that was typed; what is wrong with it stands beside the field of this message."""
    nudge = form.values.get("nudge", "")
    name = f"day_{assignment.assignment_id}_{nudge}"
    try:
        day = dt.date.fromisoformat(str(form.values.get(name, "")).strip())
    except ValueError:
        form.refuse(name, N_("Write a date such as 2026-03-12"))
        return None
    if day <= clock.today():
        form.refuse(name, N_("Choose a day that is still to come."))
    elif day > latest(Nudge(nudge), assignment.due_on):
        form.refuse(name, N_("On this day it is too late for this message: choose one before."))
    return day
