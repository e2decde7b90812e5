"""Organisations for trainers: whom places are kept for, and the link of each one's desk."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import desks, editions
from cri_training.actions.organisations import named
from cri_training.models import Desk, messaging
from cri_training.pages.forms import Email
from cri_training.queries import desks as found
from cri_training.rig import InRig, Rig

router = APIRouter(prefix="/console/organisations", include_in_schema=False)


class OrganisationForm(FormModel):
    """An organisation whose people come."""

    name: Annotated[str, Field(max_length=120), C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write the name of the organisation")
    }


class DeskForm(FormModel):
    """To whom the link goes; that is not kept."""

    email: Annotated[Email, C3]
    language: Annotated[Literal["nl", "fr", "en"], C1]
    messages = {  # noqa: RUF012
        ("email", "missing"): N_("Write the e-mail address of the contact"),
        ("language", "missing"): N_("Choose the language of our mails"),
    }


@dataclass(frozen=True)
class Line:
    """An organisation; without `link_until` nobody has a link to its desk."""

    organisation_id: Annotated[str, C1]
    name: Annotated[str, C1]
    link_until: Annotated[dt.datetime | None, C1]


LINES = Lines(Line)


@router.get(".csv")
async def organisations_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Every organisation for a spreadsheet, and none of its people."""
    async with rig.service.database.reading() as session:
        rows = await found.organisations(session)

    def until(desk: Desk | None) -> dt.datetime | None:
        return desk.until if desk and desk.is_open else None

    lines = (Line(one.organisation_id, one.name, until(desk)) for one, desk in rows)
    return LINES.answer(request, lines)


@router.get("")
async def organisations(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """Every organisation."""
    return await _list(request, rig)


async def _list(
    request: Request, rig: Rig, form: Submitted[OrganisationForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        rows = await found.organisations(session)
    return render(
        request,
        "console_organisations.html",
        status=422 if form else 200,
        rows=rows,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("")
async def add(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Add one; a name that is there already leads to it."""
    form = await read_form(request, OrganisationForm)
    if form.data is None:
        return await _list(request, rig, form)
    name = form.data.name
    one = await editions.make_once(rig, lambda work: named(work, name))
    return see_other(request, f"/console/organisations/{one.organisation_id}")


@router.get("/{organisation_id}")
async def organisation_page(
    request: Request, rig: InRig, staff: Permitted, organisation_id: str
) -> HTMLResponse:
    """One organisation and its link."""
    return await _page(request, rig, organisation_id, {"language": staff.language})


async def _page(
    request: Request,
    rig: Rig,
    organisation_id: str,
    v: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        organisation, desk = await found.organisation(session, organisation_id)
        history = await audit.history(session, messaging.audit, organisation_id)
    return render(
        request,
        "console_organisation.html",
        status=422 if errors else 200,
        organisation=organisation,
        desk=desk,
        history=history,
        called=called(request),
        v=v,
        errors=errors or {},
    )


@router.post("/{organisation_id}/desk")
async def send_link(
    request: Request, rig: InRig, staff: Permitted, organisation_id: str
) -> Response:
    """Send a link to the contact; the one before it ends."""
    form = await read_form(request, DeskForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await _page(request, rig, organisation_id, form.values, form.errors)
    email, language = form.data.email, form.data.language
    async with rig.service.database.writing() as work:
        organisation, _ = await found.organisation(work.session, organisation_id)
        await desks.send_link(
            work, rig, organisation, email=email, language=language, form_id=form_id, by=staff
        )
    said = N_("We sent the link. A link that was sent before is not good any more.")
    return see_other(request, f"/console/organisations/{organisation_id}", said)


@router.post("/{organisation_id}/desk/withdraw")
async def withdraw_link(
    request: Request, rig: InRig, staff: Permitted, organisation_id: str
) -> Response:
    """End the link."""
    async with rig.service.database.writing() as work:
        await found.organisation(work.session, organisation_id)
        changed = await desks.withdraw_link(work, organisation_id, by=staff)
    said = N_("The link is not good any more.") if changed else N_("Nothing changed.")
    return see_other(request, f"/console/organisations/{organisation_id}", said)
