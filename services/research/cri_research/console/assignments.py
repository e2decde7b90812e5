"""What a coordinator does with one assignment."""

import datetime as dt
from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1, C2
from cri_shared.web.forms import N_, FormModel, read_form
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, field_validator

from cri_research.actions import assignments, review
from cri_research.console.doing import do
from cri_research.console.questions import page
from cri_research.queries.board import assignment_of
from cri_research.rig import InRig, Rig

router = APIRouter(prefix="/console/assignments", include_in_schema=False)


class ReturnForm(FormModel):
    """What the partner must add, and by when."""

    return_note: Annotated[str, Field(min_length=5, max_length=3000), C2]
    return_due_on: Annotated[dt.date, C1]
    messages = {  # noqa: RUF012
        "return_note": N_("Write what the partner must add"),
        ("return_due_on", "missing"): N_("Choose a new day"),
    }

    @field_validator("return_due_on")
    @classmethod
    def _is_ahead(cls, due_on: dt.date) -> dt.date:
        return _ahead(due_on)


class TimeForm(FormModel):
    """Another due date, or none."""

    decision: Annotated[Literal["give", "refuse"], C1] = "give"
    new_due_on: Annotated[dt.date | None, C1] = None

    @field_validator("new_due_on")
    @classmethod
    def _is_ahead(cls, due_on: dt.date | None) -> dt.date | None:
        return due_on and _ahead(due_on)


class RemindForm(FormModel):
    """What the partner reads on its page beside the question; never in the mail."""

    link_note: Annotated[str | None, Field(max_length=3000), C2] = None


def _ahead(day: dt.date) -> dt.date:
    if day <= clock.today():
        raise ValueError(N_("Choose a day that is still to come."))
    return day


async def _question_of(rig: Rig, assignment_id: str) -> str:
    async with rig.service.database.reading() as session:
        return (await assignment_of(session, assignment_id)).research_id


@router.post("/{assignment_id}/return")
async def return_answer(
    request: Request, staff: Permitted, rig: InRig, assignment_id: str
) -> Response:
    """Give an answer back to its partner."""
    form = await read_form(request, ReturnForm)
    research_id = await _question_of(rig, assignment_id)
    data = form.data
    if data is None:
        return await page(request, rig, research_id, form, assignment_id)
    return await do(
        request,
        rig,
        f"/console/questions/{research_id}",
        N_("The answer is back with the partner."),
        lambda work: review.return_answer(
            work, rig, assignment_id, data.return_note, data.return_due_on, by=staff
        ),
    )


@router.post("/{assignment_id}/time")
async def decide_time(
    request: Request, staff: Permitted, rig: InRig, assignment_id: str
) -> Response:
    """Give more time, or refuse it."""
    form = await read_form(request, TimeForm)
    research_id = await _question_of(rig, assignment_id)
    data = form.data
    if data is not None and data.decision == "give" and data.new_due_on is None:
        form.refuse("new_due_on", N_("Choose a new day"))
    if data is None or form.errors:
        return await page(request, rig, research_id, form, assignment_id)
    due_on = data.new_due_on if data.decision == "give" else None
    said = (
        N_("The partner has more time.") if due_on else N_("The day stays. The partner was told.")
    )
    return await do(
        request,
        rig,
        f"/console/questions/{research_id}",
        said,
        lambda work: assignments.decide_time(work, rig, assignment_id, due_on, by=staff),
    )


@router.post("/{assignment_id}/remind")
async def remind(request: Request, staff: Permitted, rig: InRig, assignment_id: str) -> Response:
    """Send a new link now."""
    form = await read_form(request, RemindForm)
    research_id = await _question_of(rig, assignment_id)
    data = form.data
    if data is None:
        return await page(request, rig, research_id, form, assignment_id)
    return await do(
        request,
        rig,
        f"/console/questions/{research_id}",
        N_("A new link is on its way to the partner."),
        lambda work: assignments.remind_now(work, rig, assignment_id, data.link_note, by=staff),
    )


@router.post("/{assignment_id}/cancel")
async def cancel(request: Request, staff: Permitted, rig: InRig, assignment_id: str) -> Response:
    """Take the question from the partner."""
    research_id = await _question_of(rig, assignment_id)
    return await do(
        request,
        rig,
        f"/console/questions/{research_id}",
        N_("The partner no longer has the question."),
        lambda work: assignments.cancel(work, assignment_id, by=staff),
    )
