"""Handing one's own place on to somebody who can come, from one's own page."""

from typing import Annotated, Literal

from cri_shared.errors import NotFound
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, check_form_token, read_form
from cri_shared.web.lanes import slowed
from cri_shared.web.pages import PublicLang, see_other
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from cri_training.actions import handing_on
from cri_training.actions.asking import Named
from cri_training.actions.handing_on import AskedOften, SamePerson
from cri_training.pages.forms import Email
from cri_training.pages.manage import show
from cri_training.pages.sign_up import SIGNING_UP, LinkOver
from cri_training.rig import InRig

router = APIRouter(prefix="/{lang}/sign-up/manage/{token}", include_in_schema=False)
ASKED = N_("We sent a mail to the new person. The place stays yours until it is confirmed there.")
KEPT = N_("The place stays yours. The other person cannot take it over any more.")
KEPT_BEFORE = N_("Nobody was asked to come in your place. Nothing changed.")


class SuccessorForm(FormModel):
    """Who comes instead."""

    name: Annotated[str, Field(max_length=120), C3]
    email: Email
    language: Annotated[Literal["nl", "fr", "en"], C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write the name of the new person"),
        ("email", "missing"): N_("Write the e-mail address of the new person"),
        ("language", "missing"): N_("Choose the language of our mails"),
    }

    def named(self) -> Named:
        """The same as it is taken on."""
        return Named(self.name, self.email, self.language)


@router.post("/hand-on", dependencies=[Depends(slowed(SIGNING_UP))])
async def hand_on(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Ask somebody to come instead; the place is kept meanwhile."""
    form = await read_form(request, SuccessorForm, lang)
    form_id = await check_form_token(request, form)
    if form.data is not None and form_id is not None:
        try:
            await handing_on.name_successor(rig, token, form.data.named(), form_id)
            return see_other(request, f"/{lang}/sign-up/manage/{token}", ASKED)
        except NotFound:
            raise LinkOver from None
        except (SamePerson, AskedOften) as refusal:
            form.refuse("email", refusal.message)
    return await show(request, lang, rig, token, form=form)


@router.post("/keep")
async def keep(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Keep the place after all."""
    try:
        async with rig.service.database.writing() as work:
            changed = await handing_on.keep_after_all(work, token)
    except NotFound:
        raise LinkOver from None
    said = KEPT if changed else KEPT_BEFORE
    return see_other(request, f"/{lang}/sign-up/manage/{token}", said)
