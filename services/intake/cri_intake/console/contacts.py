"""Finding a contact that comes back, by the exact address or number; each search is noted."""

from collections.abc import Sequence
from typing import Annotated, Any

from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.blind_index import ContactNotIndexable
from cri_shared.privacy.classes import C3
from cri_shared.web.forms import FormModel, read_form
from cri_shared.web.pages import render
from cri_shared.words import N_
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from cri_intake.models import Case
from cri_intake.queries import contacts
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


class ContactForm(FormModel):
    """An address or a number, as somebody says it."""

    contact: Annotated[str, Field(max_length=254), C3]
    messages = {"contact": N_("Write an e-mail address or a phone number")}  # noqa: RUF012


@router.get("/contacts")
async def page(request: Request, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    return _page(request)


@router.post("/contacts")
async def find(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """The questions of whoever left this address or number; what was typed is kept nowhere."""
    form = await read_form(request, ContactForm)
    if form.data is None:
        return _page(request, v=form.values, errors=form.errors)
    try:
        index = contacts.index_of(rig, form.data.contact)
    except ContactNotIndexable as neither:
        form.refuse("contact", neither.message)
        return _page(request, v=form.values, errors=form.errors)
    async with rig.service.database.writing() as work:
        found = await contacts.cases_with(work.session, index)
        await audit.note(work, "contact.searched", staff.staff_id, by=staff, found=len(found))
    return _page(request, v=form.values, found=found)


def _page(
    request: Request,
    *,
    v: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    found: Sequence[Case] | None = None,
) -> HTMLResponse:
    status = 422 if errors else 200
    return render(
        request, "contacts.html", status=status, v=v or {}, errors=errors or {}, found=found
    )
