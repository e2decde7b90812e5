"""Let somebody help: a code for one organisation, and the end of what it may read."""

from typing import Annotated, Literal

from cri_shared.privacy.classes import C1
from cri_shared.privacy.receipts import format_receipt
from cri_shared.web.forms import N_, FormModel, check_form_token, read_form
from cri_shared.web.pages import PublicLang, render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_intake.actions import helpers
from cri_intake.pages.ask import NO_STORE
from cri_intake.pages.follow import form_again, own_case
from cri_intake.queries.helpers import waiting_code
from cri_intake.rig import InRig

router = APIRouter(include_in_schema=False)


class HelperForm(FormModel):
    """What an organisation may do that helps."""

    may: Annotated[Literal["read", "write"], C1]
    messages = {"may": N_("Choose what the organisation may do")}  # noqa: RUF012


class EndForm(FormModel):
    """Which organisation is to read no more; none for a code that nobody used."""

    organisation_id: Annotated[str | None, Field(max_length=32), C1] = None


@router.post("/{lang}/follow/helper")
async def make_code(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """A code to tell one organisation; sending the form again shows the same."""
    form = await read_form(request, HelperForm, lang)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await form_again(request, lang, rig, form)
    async with rig.service.database.writing() as work:
        case = await own_case(request, rig, work.session)
        code = await helpers.make_code(work, rig, case, form.data.may, form_id)
        await work.session.flush()
        waiting = await waiting_code(work.session, case)
    if code is None or waiting is None:
        return see_other(request, f"/{lang}/follow", N_("This code was used. See below by whom."))
    return render(
        request,
        "helper_code.html",
        lang=lang,
        code=format_receipt(code),
        may=waiting.may,
        ends_at=waiting.ends_at,
        headers=NO_STORE,
    )


@router.post("/{lang}/follow/helper/end")
async def end(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """An organisation reads no more, or a code that nobody used opens nothing any more."""
    form = await read_form(request, EndForm, lang)
    async with rig.service.database.writing() as work:
        case = await own_case(request, rig, work.session)
        if form.data is not None and form.data.organisation_id:
            await helpers.end_help(work, case.question_id, form.data.organisation_id)
        else:
            await helpers.take_code_back(work, case)
    return see_other(request, f"/{lang}/follow", N_("Done. Nobody reads it any more by that way."))
