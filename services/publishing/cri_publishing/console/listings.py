"""Contacts and programmes of each country: the list, a page of one, and what is done with it."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import listings as actions
from cri_publishing.console.doors import NO_STORE, form_page
from cri_publishing.console.forms import ApproveForm
from cri_publishing.console.listing_forms import CheckForm, RetireForm
from cri_publishing.models import Listing, RetirementReason, WrongStep, messaging
from cri_publishing.queries import links, listings
from cri_publishing.rig import InRig, Rig
from cri_publishing.rules.listing import period

LIST = "/console/listings"
router = APIRouter(prefix=LIST, include_in_schema=False)
SHEET = Sheet(
    *(Listing.listing_id, Listing.what, Listing.country, Listing.name, Listing.consent),
    *(Listing.version, Listing.check_by, Listing.leaves_on),
    *(Listing.retired_on, Listing.retired_because, Listing.changed_at),
)


@router.get("")
async def overview(
    request: Request,
    rig: InRig,
    staff: Permitted,
    view: str = "proposed",
    country: Annotated[str, Query(max_length=2)] = "",
) -> HTMLResponse:
    """One view with the counts of all."""
    view = view if view in listings.VIEWS else "proposed"
    country = country if country in COUNTRIES else ""
    async with rig.service.database.reading() as session:
        return render(
            request,
            "listings.html",
            view=view,
            views=listings.VIEWS,
            counts=await listings.counts(session),
            rows=await listings.of_view(session, view, country),
            chosen=country,
            new_id=new_id(),
            headers=NO_STORE,
        )


@router.get(".csv")
async def listings_along(
    request: Request,
    rig: InRig,
    staff: Permitted,
    view: str = "proposed",
    country: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """A whole view for a spreadsheet: which they are and how long they are good, and no words."""
    view = view if view in listings.VIEWS else "proposed"
    country = country if country in COUNTRIES else ""
    async with rig.service.database.reading() as session:
        return await SHEET.answer(request, session, listings.rows_of(view, country))


@router.get("/{listing_id}")
async def listing(request: Request, listing_id: str, rig: InRig, staff: Permitted) -> HTMLResponse:
    """What readers see, what waits for a second person, and what happened."""
    return await show(request, rig, listing_id)


async def show(
    request: Request, rig: Rig, listing_id: str, form: Submitted[Any] | None = None
) -> HTMLResponse:
    """The page of a listing, with what was typed into one of its forms."""
    async with rig.service.database.reading() as session:
        found = await listings.listing_of(session, listing_id)
        history = await audit.history(session, messaging.audit, listing_id)
        link = await links.of_listing(session, listing_id)
    return form_page(
        request,
        "listing.html",
        form,
        listing=found,
        history=history,
        link=link,
        called=called(request),
        today=clock.today(),
    )


async def _step(
    request: Request,
    rig: Rig,
    listing_id: str,
    do: Callable[[Work], Awaitable[Any]],
    said: str,
    rest: str = "",
) -> Response:
    """Do one thing in a transaction and show the listing again; a second click is told kindly."""
    address = f"{LIST}/{listing_id}{rest}"
    try:
        async with rig.service.database.writing() as work:
            await do(work)
    except WrongStep as late:
        return see_other(request, address, late.message)
    return see_other(request, address, said)


@router.post("/{listing_id}/approve")
async def approve(request: Request, listing_id: str, rig: InRig, staff: Permitted) -> Response:
    """Let readers see what another editor wrote, as the page showed it."""
    form = await read_form(request, ApproveForm)
    if form.data is None:
        return await show(request, rig, listing_id, form)
    read = form.data.edition
    return await _step(
        request,
        rig,
        listing_id,
        lambda work: actions.approve(work, listing_id, read, staff),
        N_("Readers see it from now on."),
    )


@router.post("/{listing_id}/drop")
async def drop(request: Request, listing_id: str, rig: InRig, staff: Permitted) -> Response:
    """Forget what waits for a second person."""
    return await _step(
        request,
        rig,
        listing_id,
        lambda work: actions.drop(work, listing_id, staff),
        N_("What was proposed is gone."),
    )


@router.post("/{listing_id}/check")
async def check(request: Request, listing_id: str, rig: InRig, staff: Permitted) -> Response:
    """Somebody called, went or looked: all is as it was."""
    form = await read_form(request, CheckForm)
    async with rig.service.database.reading() as session:
        found = await listings.listing_of(session, listing_id)
    if form.data is not None:
        _must_be_newer(form, form.data.checked_on, found.what)
    if form.data is None or form.errors:
        return await show(request, rig, listing_id, form)
    on, how = form.data.checked_on, form.data.checked_how
    return await _step(
        request,
        rig,
        listing_id,
        lambda work: actions.confirm(work, listing_id, on, how, staff),
        N_("Readers see the day of this check."),
    )


def _must_be_newer(form: Submitted[CheckForm], on: dt.date, what: str) -> None:
    if on > clock.today():
        form.refuse("checked_on", N_("This day lies in the future"))
    elif on + period(what) < clock.today():
        form.refuse("checked_on", N_("This check is too old. Check it again first."))


@router.get("/{listing_id}/retire")
async def retire_page(
    request: Request, listing_id: str, rig: InRig, staff: Permitted
) -> HTMLResponse:
    """What will disappear, and why it should."""
    return await _retire_page(request, rig, listing_id)


async def _retire_page(
    request: Request, rig: Rig, listing_id: str, form: Submitted[RetireForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        found = await listings.listing_of(session, listing_id)
    return form_page(request, "retire.html", form, listing=found)


@router.post("/{listing_id}/retire")
async def retire(request: Request, listing_id: str, rig: InRig, staff: Permitted) -> Response:
    """Take it away from readers, at once."""
    form = await read_form(request, RetireForm)
    if form.data is None:
        return await _retire_page(request, rig, listing_id, form)
    reason = RetirementReason(form.data.reason)
    return await _step(
        request,
        rig,
        listing_id,
        lambda work: actions.retire(work, listing_id, reason, staff),
        N_("Retired: readers do not see it any more."),
        "" if staff.has("editor") else "/retire",
    )
