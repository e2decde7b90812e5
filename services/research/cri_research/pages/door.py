"""The door: a link's token or a typed code, posted, opens eight hours for one question."""

from typing import Annotated

from cri_shared.privacy.classes import K
from cri_shared.web.cookies import cookie, drop_cookie, keep_cookie
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.lanes import Guarded, Pace, lanes_of
from cri_shared.web.pages import PublicLang, render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from cri_research.actions import links
from cri_research.pages.task import (
    COOKIE,
    NO_STORE,
    NOTHING_OPENS,
    door_page,
    task_page,
    whose,
)
from cri_research.rig import InRig
from cri_research.rules.deadlines import SESSION

router = APIRouter(include_in_schema=False)
# At this pace a code of 49 bits, with 1,000 of them in use, is guessed once in 35,000 years.
CODES = Guarded("codes", each=Pace(10, 6.0), longest=20.0, all=Pace(30, 2.0))


class OpenForm(FormModel):
    """The token of a link, put there by the page's script, or the code that a person typed."""

    token: Annotated[str, Field(max_length=80), K] = ""
    code: Annotated[str, Field(max_length=40), K] = ""


class PinForm(FormModel):
    """The PIN that came by another way than the mail."""

    pin: Annotated[str, Field(max_length=20), K]
    messages = {"pin": N_("Type the PIN that we gave you")}  # noqa: RUF012


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Research's only public page is the partner's."""
    return RedirectResponse(f"/{lang}/partner", 303)


@router.get("/{lang}/partner")
async def partner(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """The question of the session that is open, or the door. Looking spends nothing."""
    behind = await whose(request, rig)
    if behind is None:
        return door_page(request, lang)
    if not behind.pin_passed:
        return render(request, "pin.html", lang=lang, v={}, errors={}, headers=NO_STORE)
    return await task_page(request, lang, rig, behind)


@router.post("/{lang}/partner/open")
async def open_link(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Open a question; whatever does not open (any more) gets the same words."""
    form = await read_form(request, OpenForm, lang)
    opened = links.Opened(None)
    if form.data is not None:
        async with lanes_of(request).trying(CODES, request) as attempt:
            async with rig.service.database.writing() as work:
                given = form.data.model_dump()
                opened = await links.exchange(work, rig, **given)
            attempt.succeeded = opened.session is not None
        if opened.session is None and any(given.values()):
            kind = "partner_link.spent" if opened.assignment_id else "partner_link.unknown"
            rig.service.attempts.count(kind, opened.assignment_id)
    if opened.session is None:
        return door_page(request, lang, NOTHING_OPENS, 422)
    response = RedirectResponse(f"/{lang}/partner", 303)
    life = int(SESSION.total_seconds())
    keep_cookie(response, rig.settings, COOKIE, opened.session, samesite="strict", seconds=life)
    return response


@router.post("/{lang}/partner/pin")
async def type_pin(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Type the PIN; the fifth wrong one ends the link."""
    form = await read_form(request, PinForm, lang)
    behind = await whose(request, rig)
    if behind is None:
        return door_page(request, lang, NOTHING_OPENS, 422)
    if form.data is not None:
        async with rig.service.database.writing() as work:
            token = cookie(request, COOKIE)
            right = await links.try_pin(work, rig, token, form.data.pin)
        if right:
            return RedirectResponse(f"/{lang}/partner", 303)
        rig.service.attempts.count("partner_pin.wrong", behind.assignment.assignment_id)
        if await whose(request, rig) is None:
            return door_page(request, lang, NOTHING_OPENS, 422)
        form.refuse("pin", N_("This is not the PIN. After five tries the link ends."))
    return render(
        request, "pin.html", lang=lang, status=422, v={}, errors=form.errors, headers=NO_STORE
    )


@router.post("/{lang}/partner/close")
async def close(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Close the page: whoever uses this phone next sees nothing."""
    async with rig.service.database.writing() as work:
        await links.close_session(work, cookie(request, COOKIE))
    response = see_other(request, f"/{lang}/partner", N_("The page is closed."))
    drop_cookie(response, rig.settings, COOKIE)
    return response
