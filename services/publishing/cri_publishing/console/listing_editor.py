"""The editor of contacts and programmes: a new one, or a change of one that is there."""

import re
from typing import Any

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import PUBLIC_LANGUAGES
from cri_shared.privacy.gate import MAY_STAY, Suspect
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import listings as actions
from cri_publishing.console.doors import NO_STORE
from cri_publishing.console.listing_forms import ListingForm, facts_of_form, people_in, values_of
from cri_publishing.console.listings import LIST
from cri_publishing.models import DraftChanged, Facts, Listing, WrongStep
from cri_publishing.queries import listings
from cri_publishing.rig import InRig, Rig
from cri_publishing.rules.listing import KINDS, What, broken

router = APIRouter(prefix=LIST, include_in_schema=False)
_NEW = re.compile(r"[\w-]{22}")  # an id that the list made for what is not there yet


@router.get("/{listing_id}/edit")
async def edit_page(
    request: Request, listing_id: str, rig: InRig, staff: Permitted, what: What | None = None
) -> Response:
    """The form with what is known; empty for a new one, of which `what` says what it is."""
    known = await _known(rig, listing_id)
    if known is None:
        if what is None or not _NEW.fullmatch(listing_id):
            raise NotFound
        return _page(request, listing_id, what, None, {"edition": 0})
    facts = known.proposed or known.shown
    if facts is None:
        return see_other(request, f"{LIST}/{listing_id}", WrongStep.message)
    values = values_of(facts, edition=known.edition, consent=known.consent)
    return _page(request, listing_id, What(known.what), known, values)


async def _known(rig: Rig, listing_id: str) -> Listing | None:
    async with rig.service.database.reading() as session:
        try:
            return await listings.listing_of(session, listing_id)
        except NotFound:
            return None


def _page(
    request: Request,
    listing_id: str,
    what: What,
    known: Listing | None,
    v: dict[str, Any],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    kinds: dict[str, list[Suspect]] | None = None,
) -> HTMLResponse:
    return render(
        request,
        "listing_edit.html",
        status=status,
        listing_id=listing_id,
        what=what,
        known=known,
        kinds_there=KINDS[what],
        tags=sorted(PUBLIC_LANGUAGES, key=lambda tag: tag not in ("en", "fr", "nl")),
        v=v,
        errors=errors or {},
        people=kinds or {},
        gate_why=MAY_STAY,
        headers=NO_STORE,
    )


@router.post("/{listing_id}/edit")
async def edit(
    request: Request, listing_id: str, rig: InRig, staff: Permitted, what: What | None = None
) -> Response:
    """Propose what the form says to a second person; nothing typed is ever lost."""
    form = await read_form(request, ListingForm)
    known = await _known(rig, listing_id)
    sort = What(known.what) if known else what
    if sort is None or not _NEW.fullmatch(listing_id):
        raise NotFound
    public = known.shown if known else None
    facts = facts_of_form(form, sort, public.texts if public else ())
    kinds: dict[str, list[Suspect]] = {}
    if facts is not None and form.data is not None:
        for field, message in broken(facts, form.data.consent, clock.today()):
            form.refuse(field, message)
        kinds = await people_in(form, facts)
    if facts is not None and not form.errors:
        refused = await _propose(request, rig, form, listing_id, sort, facts, staff)
        if refused is None:
            said = N_("Saved. Readers see it once another editor has looked at it.")
            return see_other(request, f"{LIST}/{listing_id}", said)
    return _page(
        request, listing_id, sort, known, form.values, status=422, errors=form.errors, kinds=kinds
    )


async def _propose(
    request: Request,
    rig: Rig,
    form: Submitted[ListingForm],
    listing_id: str,
    what: What,
    facts: Facts,
    staff: Staff,
) -> str | None:
    """Keep what was written, or say beside the form what stands against it."""
    assert form.data is not None
    consent, edition = form.data.consent, form.data.edition
    known = await _known(rig, listing_id)
    if known and facts == (known.proposed or known.shown) and consent == known.consent:
        return None  # the same form again, or nothing changed
    try:
        async with rig.service.database.writing() as work:
            await actions.propose(
                work, listing_id, what, facts, consent=consent, edition=edition, by=staff
            )
    except (DraftChanged, WrongStep) as late:
        form.refuse("edition", late.message)
        form.values["edition"] = known.edition if known else edition
        return late.message
    return None
