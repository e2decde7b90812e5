"""Erase one's question behind its number: a page that asks whether it is meant, then the deed."""

from typing import Annotated

from cri_shared.privacy.classes import C1
from cri_shared.web.cookies import drop_cookie
from cri_shared.web.forms import FormModel, read_form
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import Field

from cri_intake.actions.erasing import CASE, erase_for_asker
from cri_intake.pages.ask import NO_STORE
from cri_intake.pages.follow import COOKIE, SessionEnded, own_case
from cri_intake.rig import InRig, Rig

router = APIRouter(include_in_schema=False)


class EraseForm(FormModel):
    """Which question is meant, as the page before said it."""

    meant: Annotated[str, Field(max_length=200), C1] = ""


def _marks(rig: Rig) -> URLSafeSerializer:
    """Signs what the page is about, so that a second click finds that it is done."""
    return URLSafeSerializer(rig.service.ring.secret("forms"), salt="erase")


@router.get("/{lang}/follow/erase")
async def erase_page(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """What goes and what stays, and the button; nothing happens yet."""
    try:
        async with rig.service.database.reading() as session:
            case = await own_case(request, rig, session)
    except SessionEnded:
        return RedirectResponse(f"/{lang}/follow", 303)
    meant = _marks(rig).dumps(case.question_id)
    return render(request, "erase.html", lang=lang, meant=meant, headers=NO_STORE)


@router.post("/{lang}/follow/erase")
async def erase(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Erase the question at once; twice is once."""
    form = await read_form(request, EraseForm, lang)
    if form.data is not None and await _is_done(rig, form.data.meant):
        return _gone(rig, lang)
    async with rig.service.database.writing() as work:
        case = await own_case(request, rig, work.session, hold=True)
        done = await erase_for_asker(work, rig, case)
    return _gone(rig, lang) if done else RedirectResponse(f"/{lang}/follow", 303)


async def _is_done(rig: Rig, meant: str) -> bool:
    try:
        question_id = str(_marks(rig).loads(meant))
    except BadSignature:
        return False
    return await rig.ledger.has(CASE, question_id)


def _gone(rig: Rig, lang: str) -> RedirectResponse:
    response = RedirectResponse(f"/{lang}/follow/erased", 303)
    drop_cookie(response, rig.settings, COOKIE)
    return response


@router.get("/{lang}/follow/erased")
async def erased_page(request: Request, lang: PublicLang) -> HTMLResponse:
    """It is done."""
    return render(request, "erased.html", lang=lang, headers=NO_STORE)
