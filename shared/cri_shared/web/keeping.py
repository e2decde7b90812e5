"""The room on keeping, in every console: what ends when, and what is held for legal reasons."""

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_shared import clock
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.retention import holds
from cri_shared.retention.engine import COUNTED, told
from cri_shared.service import Service
from cri_shared.web.forms import FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.words import N_

ROOM = "/console/keeping"
NAV = (ROOM, N_("Keeping"))

router = APIRouter(prefix=ROOM, include_in_schema=False)


class HoldForm(FormModel):
    """What is held, why, and until which day."""

    about: Annotated[str, Field(max_length=64), C1]
    reason: Annotated[Literal["court", "authority", "complaint", "person"], C1]
    until: Annotated[dt.date, C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "about": N_("Write the number of what must be kept"),
        "reason": N_("Choose why it must be kept"),
        ("until", "missing"): N_("Choose the last day"),
    }


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


@router.get("")
async def room(request: Request, _staff: Permitted) -> HTMLResponse:
    """What would end now, rule by rule, and the holds that stand."""
    return await _room(request)


async def _room(request: Request, form: Submitted[Any] | None = None) -> HTMLResponse:
    service = _service(request)
    async with service.database.reading() as session:
        standing = await holds.standing_holds(session, service.database.outbox.tables.holds)
    return render(
        request,
        "keeping.html",
        status=422 if form else 200,
        lines=await service.retention.report(),
        told=told,
        counted=COUNTED,
        holds=standing,
        reasons=holds.REASONS,
        latest=clock.today() + dt.timedelta(days=holds.LONGEST_DAYS),
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/holds")
async def place(request: Request, staff: Permitted) -> Response:
    """Hold something until the end of a day."""
    form, service = await read_form(request, HoldForm), _service(request)
    if form.data is not None:
        await _check(service, form)
    if form.data is None or form.errors:
        return await _room(request, form)
    data = form.data
    async with service.database.writing() as work:
        await holds.place(work, data.about, reason=data.reason, until=data.until, by=staff)
    return see_other(request, ROOM, N_("It is kept until that day."))


async def _check(service: Service, form: Submitted[HoldForm]) -> None:
    assert form.data is not None
    today = clock.today()
    if not today <= form.data.until <= today + dt.timedelta(days=holds.LONGEST_DAYS):
        form.refuse("until", N_("Choose a day within the next two years"))
    async with service.database.reading() as session:
        if not await service.retention.knows(session, form.data.about):
            form.refuse("about", N_("Nothing here has this number"))


@router.post("/holds/{hold_id}/lift")
async def lift(request: Request, staff: Permitted, hold_id: str) -> Response:
    """Hold it no longer."""
    async with _service(request).database.writing() as work:
        await holds.lift(work, hold_id, by=staff)
    return see_other(request, ROOM, N_("It is no longer held."))
