"""One's own account: language, passkeys, sessions, and the way to the other consoles."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cri_shared.errors import NotFound
from cri_shared.events import SERVICES
from cri_shared.identity.doors.common import changed, identity_of, refused, signed_in
from cri_shared.identity.guard import Permitted
from cri_shared.identity.passkeys import PasskeyWrong, Site
from cri_shared.identity.staff import Staff
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.classes import C1, K
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other

router = APIRouter(prefix="/console", include_in_schema=False)
ACCOUNT = "/console/account"


class NewPasskeyForm(FormModel):
    """A passkey that the browser made, and what its owner calls it."""

    name: Annotated[str, Field(max_length=60), C1]
    credential: Annotated[str, Field(max_length=16_000), K]
    end_others: Annotated[Literal["yes"] | None, C1] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write a name for the passkey"),
        "credential": PasskeyWrong.message,
    }


@router.get("")
async def start(request: Request, staff: Permitted) -> Response:
    """The first page of this console that a person may see."""
    for path, _label in request.app.state.nav:
        if request.app.state.policy.lets_in(path, staff.roles):
            return RedirectResponse(path, 303)
    return RedirectResponse("/console/account", 303)


@router.get("/account")
async def account(request: Request, staff: Permitted) -> HTMLResponse:
    """One's own account."""
    return await _page(request, staff)


async def _page(request: Request, staff: Staff, form: Submitted[Any] | None = None) -> HTMLResponse:
    identity = identity_of(request)
    site = Site.of(request.app.state.service.settings)
    return render(
        request,
        "account.html",
        status=422 if form else 200,
        sessions=await identity.sessions_of(staff.staff_id),
        passkey=await identity.options_to_add(staff, site) if site else None,
        passkeys=await identity.passkeys_of(staff.staff_id),
        v=form.values if form else {"end_others": True},
        errors=form.errors if form else {},
    )


@router.post("/account/passkeys")
async def add_passkey(request: Request, staff: Permitted) -> Response:
    """Keep a passkey that the browser made."""
    site = Site.of(request.app.state.service.settings)
    if site is None:
        raise PasskeyWrong
    form = await read_form(request, NewPasskeyForm)
    if form.data is None or not await _added(request, staff, site, form, form.data):
        return await _page(request, staff, form)
    return see_other(request, ACCOUNT, N_("You can sign in with this passkey now."))


async def _added(
    request: Request, staff: Staff, site: Site, form: Submitted[Any], data: NewPasskeyForm
) -> bool:
    """Whether the passkey is kept now; else the form says why not."""
    ended = data.end_others is not None
    try:
        identity = identity_of(request)
        anew = await identity.add_passkey(staff, site, data.credential, data.name, end_others=ended)
    except PasskeyWrong as wrong:
        form.refuse("name", wrong.message)
        return False
    if anew:
        await changed(request, staff, "account.passkey_added", ended_others=ended)
    return True


@router.post("/account/passkeys/remove")
async def drop_passkey(request: Request, staff: Permitted) -> Response:
    """Take away one of one's own passkeys."""
    form = await request.form()
    passkey_id, ended = str(form.get("passkey_id", "")), form.get("end_others") == "yes"
    if await identity_of(request).drop_passkey(staff, passkey_id, end_others=ended):
        await changed(request, staff, "account.passkey_removed", ended_others=ended)
    return see_other(request, ACCOUNT, N_("This passkey opens nothing any more."))


@router.post("/account/language")
async def speak(request: Request, staff: Permitted) -> Response:
    """Choose the language of the consoles."""
    language = str((await request.form()).get("language", ""))
    if language in INTERFACE_LANGUAGES:
        await identity_of(request).speak(staff.staff_id, language)
    return see_other(request, ACCOUNT, N_("Saved."))


@router.post("/account/digest")
async def hear_of_news(request: Request, staff: Permitted) -> Response:
    """Choose whether a mail says in the morning that there is news."""
    wanted = (await request.form()).get("digest") == "yes"
    await identity_of(request).hear_of_news(staff.staff_id, wanted)
    return see_other(request, ACCOUNT, N_("Saved."))


@router.post("/account/sessions/end")
async def end_session(request: Request, staff: Permitted) -> Response:
    """End one of one's own sessions."""
    session_id = str((await request.form()).get("session_id", ""))
    await identity_of(request).end_session(staff.staff_id, session_id)
    return see_other(request, ACCOUNT, N_("The session was ended."))


@router.post("/account/sessions/end-others")
async def end_other_sessions(request: Request, staff: Permitted) -> Response:
    """End every session of one's own but this one, at every console."""
    await identity_of(request).end_others(staff)
    return see_other(request, ACCOUNT, N_("The other sessions were ended."))


@router.post("/prove")
async def prove(request: Request, staff: Permitted) -> Response:
    """Go on to a page that is only for who has just shown who they are."""
    then = str((await request.form()).get("then", ""))
    return RedirectResponse(then if then.startswith("/console/") else "/console", 303)


@router.post("/go")
async def go(request: Request, staff: Permitted) -> Response:
    """Go to another console without signing in again."""
    target = str((await request.form()).get("target", ""))
    if target not in SERVICES:
        raise NotFound
    code = await identity_of(request).hand_over(staff, target)
    url = request.app.state.service.settings.url_of(target)
    return RedirectResponse(f"{url}/console/arrive?code={code}", 303)


@router.get("/arrive")
async def arrive(request: Request, code: str) -> Response:
    """Arrive from another console; the code is good once, for a minute, for this service."""
    token = await identity_of(request).arrive(code)
    if token is None:
        refused(request, "handover.unknown")
        return RedirectResponse("/console/sign-in", 303)
    return await signed_in(request, token, "console")
