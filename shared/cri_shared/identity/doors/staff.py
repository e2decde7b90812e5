"""The operators' room for staff: who there is, invitations, roles, shutting out, recovery."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import EmailStr, Field

from cri_shared.errors import Refusal
from cri_shared.identity.doors.common import identity_of, noted
from cri_shared.identity.guard import Permitted
from cri_shared.identity.models import Account
from cri_shared.identity.refusals import StoreAway
from cri_shared.identity.staff import MEMBER, ROLES
from cri_shared.privacy.classes import C1
from cri_shared.service import Service
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Lines

ROOM = "/console/staff"
NAV = (ROOM, N_("People"))
router = APIRouter(prefix="/console", include_in_schema=False)


class InviteForm(FormModel):
    """Who becomes staff, and what they may do."""

    email: Annotated[EmailStr, Field(max_length=254), C1]
    name: Annotated[str, Field(max_length=100), C1]
    roles: Annotated[list[str], Field(min_length=1), C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "email": N_("Write an e-mail address"),
        "name": N_("Write a name"),
        "roles": N_("Choose at least one role"),
    }


class PersonForm(FormModel):
    """Whose account it is about, and the roles they are to have."""

    staff_id: Annotated[str, Field(max_length=32), C1]
    roles: Annotated[list[str], C1] = Field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """An account as a spreadsheet reads it: who it is and what they may do, and no secret."""

    staff_id: Annotated[str, C1]
    name: Annotated[str, C1]
    email: Annotated[str, C1]
    roles: Annotated[list[str], C1]
    language: Annotated[str, C1]
    issuer: Annotated[str | None, C1]
    created_at: Annotated[dt.datetime, C1]
    disabled_at: Annotated[dt.datetime | None, C1]

    @classmethod
    def of(cls, one: Account, roles: tuple[str, ...]) -> "Line":
        """The line of an account."""
        who = (one.staff_id, one.name, one.email, list(roles), one.language)
        return cls(*who, one.issuer, one.created_at, one.disabled_at)


LINES = Lines(Line)


@router.get("/staff.csv")
async def along(request: Request, staff: Permitted) -> Response:
    """Everybody with an account, for a spreadsheet."""
    everybody = await identity_of(request).everybody()
    return LINES.answer(request, (Line.of(*one) for one in everybody))


@router.get("/staff")
async def room(request: Request, staff: Permitted) -> HTMLResponse:
    """Everybody with an account."""
    return await _page(request)


async def _page(
    request: Request, form: Submitted[Any] | None = None, *, token: str | None = None
) -> HTMLResponse:
    identity = identity_of(request)
    service: Service = request.app.state.service
    return render(
        request,
        "staff.html",
        status=422 if form and form.errors else 200,
        people=await identity.everybody(),
        recoveries=await identity.recoveries(),
        known_roles=[role for role in ROLES if role != MEMBER],  # invited for an organisation
        link=f"{service.settings.public_url}/console/invited/{token}" if token else None,
        v=form.values if form and form.errors else {},
        errors=form.errors if form else {},
    )


@router.post("/staff/invite")
async def invite(request: Request, staff: Permitted) -> Response:
    """Make a one-time link; it is shown once, to be handed over in person or by phone."""
    form = await read_form(request, InviteForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await _page(request, form)
    data = form.data
    try:
        token = await identity_of(request).invite_once(form_id, data.email, data.name, data.roles)
    except StoreAway:
        raise
    except Refusal as refusal:
        form.refuse("email", refusal.message)
        return await _page(request, form)
    await noted(request, staff, "staff.invited", data.email, roles=sorted(data.roles))
    return await _page(request, token=token)


@router.post("/staff/roles")
async def set_roles(request: Request, staff: Permitted) -> Response:
    """Give somebody exactly these roles."""
    form = await read_form(request, PersonForm)
    if form.data is None:
        return await _page(request, form)
    person, roles = form.data.staff_id, sorted(set(form.data.roles))
    before = await identity_of(request).set_roles(person, roles, staff)
    if list(before) != roles:
        await noted(request, staff, "staff.roles_changed", person, before=before, roles=roles)
    return see_other(request, ROOM, N_("Saved."))


@router.post("/staff/shut-out")
async def shut_out(request: Request, staff: Permitted) -> Response:
    """End somebody's account and sessions, at once and everywhere."""
    form = await read_form(request, PersonForm)
    if form.data is None:
        return await _page(request, form)
    if await identity_of(request).shut_out(form.data.staff_id, staff):
        await noted(request, staff, "staff.shut_out", form.data.staff_id)
    return see_other(request, ROOM, N_("This person can no longer sign in."))


@router.post("/staff/recover")
async def recover(request: Request, staff: Permitted) -> Response:
    """Ask for, or as another operator confirm, a new way in for somebody who lost theirs."""
    form = await read_form(request, PersonForm)
    if form.data is None:
        return await _page(request, form)
    token = await identity_of(request).recover(form.data.staff_id, staff)
    action = "staff.recovery_asked" if token is None else "staff.recovered"
    await noted(request, staff, action, form.data.staff_id)
    if token is None:
        return see_other(request, ROOM, N_("Another operator must confirm it within a day."))
    return await _page(request, token=token)
