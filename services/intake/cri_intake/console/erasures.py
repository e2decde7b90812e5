"""Erasing a case by two officers, and the list of what is erased and what still waits."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.retention import holds
from cri_shared.web.forms import FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Lines
from cri_shared.words import N_
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.actions import erasing
from cri_intake.models import ToldErasure, Wish
from cri_intake.queries import desk, erasures
from cri_intake.rig import InRig, Rig

router = APIRouter(prefix="/console", include_in_schema=False)
ROOM = "/console/erasures"
ANOTHER = N_("Another officer must confirm that this is erased.")
GONE = N_("The question is erased for good.")


class AskForm(FormModel):
    """Whose wish it is."""

    wish: Annotated[Literal["person", "mistake"], C1]
    messages = {"wish": N_("Choose why it is erased")}  # noqa: RUF012


@router.get("/erasures")
async def room(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """What waits for a second officer, and what the other services have confirmed."""
    async with rig.service.database.reading() as session:
        waiting, told = await erasures.requests(session), await erasures.told(session)
    return render(request, "erasures.html", waiting=waiting, told=told, is_late=erasures.is_late)


@dataclass(frozen=True)
class Line:
    """Days on which an erasure was told, and confirmed.

    Days and no times, and no question: beside the times of the audit trail they would tell from
    which question the text came.
    """

    research_id: Annotated[str, C1]
    told_on: Annotated[dt.date, C1]
    research_on: Annotated[dt.date | None, C1]
    publishing_on: Annotated[dt.date | None, C1]
    overdue: Annotated[bool, C1]

    @classmethod
    def of(cls, one: ToldErasure) -> "Line":
        """The line of what the other services were told to erase."""
        told_on = clock.belgian(one.told_at).date()
        research_on, publishing_on = _day(one.research_at), _day(one.publishing_at)
        return cls(one.research_id, told_on, research_on, publishing_on, erasures.is_late(one))


def _day(at: dt.datetime | None) -> dt.date | None:
    return at and clock.belgian(at).date()


LINES = Lines(Line)


@router.get("/erasures.csv")
async def erasures_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """What the other services were told to erase, newest first, and whether they did."""
    async with rig.service.database.reading() as session:
        lines = [Line.of(one) for one in await erasures.every_told(session)]
    return LINES.answer(request, sorted(lines, key=_newest))


def _newest(line: Line) -> tuple[int, str]:
    """By day; within a day by a random number, so that the order tells no times either."""
    return -line.told_on.toordinal(), line.research_id


@router.get("/questions/{question_id}/erase")
async def page(request: Request, staff: Permitted, rig: InRig, question_id: str) -> HTMLResponse:
    """What would be erased, and who stands for it already."""
    return await _page(request, rig, question_id)


async def _page(
    request: Request, rig: Rig, question_id: str, form: Submitted[AskForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        asked = await erasures.request_of(session, question_id)
        table = rig.service.database.outbox.tables.holds
        held = await holds.is_held(session, table, question_id)
    return render(
        request,
        "erase_case.html",
        status=422 if form else 200,
        case=case,
        asked=asked,
        held=held,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/questions/{question_id}/erase")
async def ask(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Ask that it be erased; another officer decides."""
    form = await read_form(request, AskForm)
    if form.data is None:
        return await _page(request, rig, question_id, form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, question_id)
        await erasing.ask(work, case, Wish(form.data.wish), by=staff)
    return see_other(request, f"/console/questions/{question_id}/erase", ANOTHER)


@router.post("/questions/{question_id}/erase/confirm")
async def confirm(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Stand for the erasure; the second officer carries it out."""
    try:
        async with rig.service.database.writing() as work:
            case = await desk.case_of(work.session, question_id)
            done = await erasing.confirm(work, rig, case, by=staff)
    except NotFound:
        done = await rig.ledger.has(erasing.CASE, question_id)
        if not done:
            raise
    if done:
        return see_other(request, ROOM, GONE)
    return see_other(request, f"/console/questions/{question_id}/erase", ANOTHER)


@router.post("/questions/{question_id}/erase/refuse")
async def refuse(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Let the case stay."""
    async with rig.service.database.writing() as work:
        await erasing.refuse(work, await desk.case_of(work.session, question_id), by=staff)
    return see_other(request, f"/console/questions/{question_id}", N_("The question stays."))
