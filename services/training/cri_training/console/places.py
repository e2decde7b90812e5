"""Places of an edition: kept for organisations until a day, and in which order the others go."""

import datetime as dt
from typing import Annotated, Any

from cri_shared import clock
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import reserving
from cri_training.console.forms import last_instant
from cri_training.models.refusals import CapacityTooLow, TooManyReserved
from cri_training.queries import editions
from cri_training.queries.places import organisations, places_of
from cri_training.rig import InRig, Rig
from cri_training.rules.queue import Priority
from cri_training.rules.seats import offer_until

router = APIRouter(prefix="/console/editions/{edition_id}", include_in_schema=False)
NOTHING = N_("Nothing changed.")
TOO_LATE = N_("Choose an earlier day: what is left then must be offered before the first session")


class OrderForm(FormModel):
    """Who goes first, and how many more than the room holds."""

    priority: Annotated[Priority, C1]
    overbooked: Annotated[int, Field(ge=0, le=50), C1] = 0
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "priority": N_("Choose who goes first"),
        "overbooked": N_("Write a number from 0 to 50"),
    }


class ReserveForm(FormModel):
    """Places for an organisation until the end of a day."""

    organisation: Annotated[str, Field(max_length=120), C1]
    places: Annotated[int, Field(ge=1, le=300), C1]
    until: Annotated[dt.date, C1]
    messages = {  # noqa: RUF012
        "organisation": N_("Write the name of the organisation"),
        "places": N_("Write a number of places from 1 to 300"),
        "until": N_("Write a date such as 2026-03-12"),
    }


class PlaceUnderForm(FormModel):
    """Which organisation somebody comes for."""

    organisation: Annotated[str | None, Field(max_length=32), C1] = None


@router.get("/places")
async def places(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> HTMLResponse:
    """Whom places are kept for, who goes first, and the forms that change it."""
    return await _page(request, rig, edition_id)


async def _page(
    request: Request, rig: Rig, edition_id: str, form: Submitted[Any] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        edition = await editions.edition(session, edition_id)
        kept = (await places_of(session, edition_id)).kept
        known = await organisations(session)
    filled = {"priority": edition.priority, "overbooked": edition.overbooked}
    return render(
        request,
        "console_places.html",
        status=422 if form else 200,
        edition=edition,
        kept=kept,
        known=[one.name for one in known],
        v=filled | (form.values if form else {}),
        errors=form.errors if form else {},
    )


def _back(request: Request, edition_id: str, page: str, changed: bool) -> Response:
    said = N_("Saved.") if changed else NOTHING
    return see_other(request, f"/console/editions/{edition_id}/{page}", said)


@router.post("/places/order")
async def set_order(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Who goes first, and how many more than the room holds."""
    form = await read_form(request, OrderForm)
    if form.data is not None:
        says = form.data
        try:
            async with rig.service.database.writing() as work:
                changed = await reserving.set_order(
                    work, rig, edition_id, says.priority, says.overbooked, by=staff
                )
            return _back(request, edition_id, "places", changed)
        except CapacityTooLow as refusal:
            form.refuse("overbooked", refusal.message)
    return await _page(request, rig, edition_id, form)


@router.post("/places/reserve")
async def reserve(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Keep places for an organisation, or change how many and until when."""
    form = await read_form(request, ReserveForm)
    async with rig.service.database.reading() as session:
        starts_at = (await editions.edition(session, edition_id)).starts_at
    until = _end_of_day(form, starts_at, rig)
    if form.data is not None and until is not None:
        says = form.data
        try:
            async with rig.service.database.writing() as work:
                changed = await reserving.reserve(
                    work, rig, edition_id, says.organisation, says.places, until, by=staff
                )
            return _back(request, edition_id, "places", changed)
        except TooManyReserved as refusal:
            form.refuse("places", refusal.message)
    return await _page(request, rig, edition_id, form)


def _end_of_day(
    form: Submitted[ReserveForm], starts_at: dt.datetime, rig: Rig
) -> dt.datetime | None:
    if form.data is None:
        return None
    until = last_instant(form.data.until, starts_at)
    if until is not None and until <= clock.now():
        form.refuse("until", N_("Choose a day that is not past."))
        return None
    if until is None or offer_until(until, starts_at, rig.policy) is None:
        form.refuse("until", TOO_LATE)
        return None
    return until


@router.post("/places/{organisation_id}/give-back")
async def give_back(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, organisation_id: str
) -> Response:
    """What is left of the places of an organisation is everybody's now."""
    async with rig.service.database.writing() as work:
        changed = await reserving.give_back(work, rig, edition_id, organisation_id, by=staff)
    return _back(request, edition_id, "places", changed)


@router.post("/participants/{sign_up_id}/organisation")
async def place_under(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, sign_up_id: str
) -> Response:
    """Say which organisation somebody comes for: they may take its places."""
    form = await read_form(request, PlaceUnderForm)
    whose = form.data.organisation if form.data else None
    async with rig.service.database.writing() as work:
        changed = await reserving.place_under(
            work, rig, edition_id, sign_up_id, whose or "", by=staff
        )
    return _back(request, edition_id, "participants", changed)


@router.post("/participants/{sign_up_id}/split")
async def split(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, sign_up_id: str
) -> Response:
    """The group of somebody who called may come one by one."""
    async with rig.service.database.writing() as work:
        changed = await reserving.let_split(work, rig, edition_id, sign_up_id, by=staff)
    return _back(request, edition_id, "participants", changed)
