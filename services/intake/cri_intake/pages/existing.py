"""Answers that exist already: shown while somebody types, and counted where one was enough."""

from typing import Annotated

from cri_shared.privacy.classes import C0
from cri_shared.web.forms import FormModel, check_form_token, read_form
from cri_shared.web.lanes import Lane, Pace, slowed
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cri_intake.actions.public import answer_helped
from cri_intake.pages.ask import NO_STORE, StartForm
from cri_intake.queries import suggestions
from cri_intake.rig import InRig
from cri_intake.rules import MIN_TEXT

router = APIRouter(include_in_schema=False)
TYPING = Lane("typing", each=Pace(20, 1.0), longest=2.0)


class AnsweredForm(FormModel):
    """Which public answer was the one."""

    entry_id: Annotated[str, Field(max_length=64), C0]


@router.post("/{lang}/ask/existing", dependencies=[Depends(slowed(TYPING))])
async def existing(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """What fits the words so far, as a part of the form's page; nothing of them is kept."""
    form = await read_form(request, StartForm, lang)
    found: list[suggestions.Suggestion] = []
    if form.data and form.data.country and len(form.data.question or "") >= MIN_TEXT:
        async with rig.service.database.reading() as session:
            found = await suggestions.suggestions(
                session, form.data.country, form.data.question or "", lang
            )
    return render(
        request, "_existing.html", lang=lang, found=found, markdown=to_html, headers=NO_STORE
    )


@router.post("/{lang}/ask/answered")
async def answered(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """An answer that exists was enough: one more is counted, and of whom nothing is known."""
    form = await read_form(request, AnsweredForm, lang)
    form_id = await check_form_token(request, form)
    if form.data is not None and form_id is not None:
        async with rig.service.database.writing() as work:
            await answer_helped(work, form.data.entry_id, form_id)
    return RedirectResponse(f"/{lang}/ask/answered", 303)


@router.get("/{lang}/ask/answered")
async def answered_page(request: Request, lang: PublicLang) -> HTMLResponse:
    """Nothing was sent, and nothing is kept."""
    return render(request, "answered.html", lang=lang, headers=NO_STORE)
