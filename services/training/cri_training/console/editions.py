"""Editions for trainers: the list, one edition, and the form that makes or changes it."""

from typing import Any

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_training.actions import editions as actions
from cri_training.actions import seats
from cri_training.actions.seats import edition_url
from cri_training.console.forms import (
    LANGUAGES,
    EditionForm,
    about,
    filled_in,
    session_times,
    without_days,
)
from cri_training.models import Edition, messaging
from cri_training.queries import editions
from cri_training.rig import InRig, Rig
from cri_training.rules.states import MAX_SESSIONS, EditionStatus

router = APIRouter(prefix="/console/editions", include_in_schema=False)
SHEET = Sheet(
    *(Edition.edition_id, Edition.title, Edition.language, Edition.status, Edition.format),
    *(Edition.town, Edition.starts_at, Edition.ends_at, Edition.sign_up_until),
    *(Edition.capacity, Edition.taken, Edition.waiting),
)
PAST = N_("Choose a day that is not past.")


@router.get("")
async def editions_list(
    request: Request, rig: InRig, staff: Permitted, view: str = "coming"
) -> HTMLResponse:
    """The editions of one view."""
    if view not in editions.VIEWS:
        raise NotFound
    async with rig.service.database.reading() as session:
        rows = await editions.in_view(session, view)
        numbers = await editions.view_counts(session)
    return render(request, "console_editions.html", rows=rows, view=view, numbers=numbers)


@router.get(".csv")
async def editions_along(
    request: Request, rig: InRig, staff: Permitted, view: str = "coming"
) -> Response:
    """All editions of a view for a spreadsheet, with how many come and nobody's name."""
    if view not in editions.VIEWS:
        raise NotFound
    async with rig.service.database.reading() as session:
        return await SHEET.answer(request, session, editions.rows_of(view))


@router.get("/new")
async def new_edition(
    request: Request, rig: InRig, staff: Permitted, workshop: str = "", copy: str = ""
) -> HTMLResponse:
    """The empty form, or one filled in as another edition is, without its days."""
    v: dict[str, Any] = {
        "workshop": workshop,
        "language": staff.language,
        "trainers": staff.name,
    }
    if copy:
        async with rig.service.database.reading() as session:
            v = without_days(filled_in(await editions.edition(session, copy)))
    return await _form(request, rig, v, {})


async def _form(
    request: Request, rig: Rig, v: Any, errors: dict[str, str], edition: Edition | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        workshops = await editions.titles(session)
    draft = edition is None or edition.status == EditionStatus.DRAFT
    return render(
        request,
        "console_edition_form.html",
        status=422 if errors else 200,
        v=v,
        errors=errors,
        edition=edition,
        draft=draft,
        workshops=workshops,
        choices=LANGUAGES,
        rows=range(1, MAX_SESSIONS + 1),
    )


def _times(form: Submitted[EditionForm]) -> actions.Times:
    times = session_times(form)
    if times and times[0][0] <= clock.now():
        form.refuse("date_1", PAST)
    if not str(form.values.get("capacity", "")).strip():
        form.refuse("capacity", N_("Write a number of places from 1 to 300"))
    return times


@router.post("/new")
async def make_edition(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Make a draft; the same form twice makes one."""
    form = await read_form(request, EditionForm)
    form_id = await check_form_token(request, form)
    times = _times(form)

    async def make(work: Work) -> Edition | None:
        workshop = None
        try:
            workshop = await editions.workshop(work.session, str(form.values.get("workshop", "")))
        except NotFound:
            form.refuse("workshop", N_("Choose a workshop"))
        said = about(form, times[0][0] if times else None, workshop.title if workshop else "")
        if workshop and said and form_id and form.data and form.data.capacity and not form.errors:
            places = form.data.capacity
            return await actions.make_edition(
                work, workshop, said, times, capacity=places, form_id=form_id, by=staff
            )
        return None

    made = await actions.make_once(rig, make)
    if made is None:
        return await _form(request, rig, form.values, form.errors)
    return see_other(request, f"/console/editions/{made.edition_id}", N_("Saved."))


@router.get("/{edition_id}")
async def edition_page(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """One edition: facts, seats, what can be done, what was done."""
    return await show(request, rig, edition_id)


async def show(
    request: Request,
    rig: Rig,
    edition_id: str,
    *,
    v: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page of an edition, with what is wrong with one of its small forms."""
    async with rig.service.database.reading() as session:
        edition = await editions.edition(session, edition_id)
        workshop = await editions.workshop(session, edition.workshop_id)
        history = await audit.history(session, messaging.audit, edition_id)
    filled = dict(filled_in(edition))
    return render(
        request,
        "console_edition.html",
        status=422 if errors else 200,
        edition=edition,
        workshop=workshop,
        history=history,
        called=called(request),
        public_url=edition_url(rig, edition),
        v=filled | (v or {}),
        errors=errors or {},
    )


@router.get("/{edition_id}/edit")
async def edit_page(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """The form, filled in."""
    async with rig.service.database.reading() as session:
        edition = await editions.edition(session, edition_id)
    edition.check_changeable()
    return await _form(request, rig, filled_in(edition), {}, edition)


@router.post("/{edition_id}/edit")
async def change_edition(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> Response:
    """Change a draft wholly, or the words and the place of what is public."""
    form = await read_form(request, EditionForm)
    async with rig.service.database.writing() as work:
        edition = await seats.lock(work, edition_id)
        edition.check_changeable()
        draft = edition.status == EditionStatus.DRAFT
        times = _times(form) if draft else []
        first = times[0][0] if times else edition.starts_at
        said = about(form, first, edition.title)
        if said and not form.errors:
            if draft and form.data and form.data.capacity:
                await actions.change_draft(
                    work, edition, said, times, capacity=form.data.capacity, by=staff
                )
            else:
                await actions.change_edition(work, rig, edition, said, by=staff)
    if form.errors:
        return await _form(request, rig, form.values, form.errors, edition)
    return see_other(request, f"/console/editions/{edition_id}", N_("Saved."))
