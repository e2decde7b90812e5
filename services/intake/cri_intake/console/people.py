"""Who signs in for a partner organisation, as operators let them in and take them away."""

from typing import Annotated

from cri_shared.errors import Refusal
from cri_shared.identity.guard import Permitted
from cri_shared.identity.refusals import StoreAway
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, check_form_token, read_form
from cri_shared.web.pages import see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import EmailStr, Field

from cri_intake.actions.members import add_member, end_member
from cri_intake.console.organisations import ROOM, organisation_with
from cri_intake.queries import organisations as found
from cri_intake.rig import InRig

router = APIRouter(prefix=ROOM, include_in_schema=False)


class PersonForm(FormModel):
    """Who is to sign in for an organisation."""

    person: Annotated[str, Field(max_length=100), C1]
    address: Annotated[EmailStr, Field(max_length=254), C1]
    messages = {  # noqa: RUF012
        "person": N_("Write a name"),
        "address": N_("Write an e-mail address with an @, like name@example.org"),
    }


class EndForm(FormModel):
    """Who is to sign in for it no more."""

    member: Annotated[str, Field(max_length=254), C1]


@router.post("/{organisation_id}/people")
async def invite(request: Request, staff: Permitted, rig: InRig, organisation_id: str) -> Response:
    """Make a one-time link for somebody of the organisation; a second click shows the same."""
    form = await read_form(request, PersonForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await organisation_with(request, rig, organisation_id, form=form)
    who = (form.data.address.strip().lower(), form.data.person)
    try:
        async with rig.service.database.writing() as work:
            await found.known(work.session, organisation_id)
            token = await add_member(
                work, rig.service.identity, organisation_id, who, by=staff, form_id=form_id
            )
    except StoreAway:
        raise
    except Refusal as refusal:
        form.refuse("address", refusal.message)
        return await organisation_with(request, rig, organisation_id, form=form)
    if token is None:
        said = N_("This person has an account, and signs in with it as before.")
        return see_other(request, f"{ROOM}/{organisation_id}", said)
    link = f"{rig.settings.public_url}/console/invited/{token}"
    return await organisation_with(request, rig, organisation_id, link=link)


@router.post("/{organisation_id}/people/end")
async def end(request: Request, staff: Permitted, rig: InRig, organisation_id: str) -> Response:
    """Somebody sees nothing of the organisation any more, at once."""
    form = await read_form(request, EndForm)
    async with rig.service.database.writing() as work:
        await found.known(work.session, organisation_id)
        if form.data is not None:
            await end_member(work, organisation_id, form.data.member, by=staff)
    said = N_("This person sees nothing of it any more.")
    return see_other(request, f"{ROOM}/{organisation_id}", said)
