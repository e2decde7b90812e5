"""The doors of every console: invitation, sign-in, account, and the way to the other consoles."""

import base64
import io
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cri_shared.errors import NotFound, Refusal
from cri_shared.events import SERVICES
from cri_shared.identity.cookies import keep
from cri_shared.identity.guard import Permitted, current_staff
from cri_shared.identity.refusals import CodeWrong, InvitationSpent, StoreAway
from cri_shared.identity.secrets import PasswordTooWeak
from cri_shared.identity.staff import ROLES
from cri_shared.identity.store import Identity, Invited
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.classes import C1, K
from cri_shared.settings import ServiceSettings
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import language_of, render, see_other

router = APIRouter(prefix="/console", include_in_schema=False)


class SignInForm(FormModel):
    """E-mail address, password, and the code of the moment."""

    email: Annotated[str, Field(max_length=254), C1]
    password: Annotated[str, Field(max_length=128), K]
    code: Annotated[str, Field(max_length=12), K]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "email": N_("Write your e-mail address"),
        "password": N_("Write your password"),
        "code": N_("Write the six digits that your app shows"),
    }


class InvitedForm(FormModel):
    """The password a new member of staff chooses, and the first code of their app."""

    password: Annotated[str, Field(max_length=1000), K]
    code: Annotated[str, Field(max_length=12), K]
    messages = {  # noqa: RUF012
        "password": PasswordTooWeak.message,
        "code": N_("Write the six digits that your app shows"),
    }


def _identity(request: Request) -> Identity:
    identity: Identity = request.app.state.service.identity
    return identity


def _signed_in(request: Request, token: str, url: str = "/console") -> Response:
    settings: ServiceSettings = request.app.state.service.settings
    response = RedirectResponse(url, 303)
    keep(response, settings, token)
    return response


@router.get("")
async def start(request: Request, staff: Permitted) -> Response:
    """The first page of this console that a person may see."""
    for path, _label in request.app.state.nav:
        if request.app.state.policy.lets_in(path, staff.roles):
            return RedirectResponse(path, 303)
    return RedirectResponse("/console/account", 303)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> HTMLResponse:
    """The sign-in form, where there is somebody to read it."""
    await _identity(request).ping()
    return render(request, "sign_in.html", v={}, errors={}, staff=None)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Sign in; every failure looks the same."""
    form = await read_form(request, SignInForm)
    if form.data is not None:
        try:
            return _signed_in(request, await _identity(request).sign_in(**form.data.model_dump()))
        except StoreAway:
            raise
        except Refusal as refusal:
            here = await current_staff(request)
            if here is not None and here.email == form.data.email.strip().lower():
                return RedirectResponse("/console", 303)  # a second click: the first signed in
            form.refuse("email", refusal.message)
    shown = {"email": form.values.get("email", "")}
    return render(request, "sign_in.html", status=422, v=shown, errors=form.errors, staff=None)


@router.post("/sign-out")
async def sign_out(request: Request, staff: Permitted) -> Response:
    """End this session."""
    await _identity(request).end_session(staff.staff_id, staff.session_id)
    response = RedirectResponse("/console/sign-in", 303)
    response.delete_cookie(request.app.state.service.settings.cookie_name, path="/")
    return response


@router.get("/invited/{token}")
async def invited_page(request: Request, token: str) -> HTMLResponse:
    """What an invited person must do; seeing it spends nothing."""
    invited = await _identity(request).invitation(token)
    return _invited_page(request, invited, {})


@router.post("/invited/{token}")
async def accept(request: Request, token: str) -> Response:
    """Become staff: choose a password, show that the app works."""
    try:
        invited = await _identity(request).invitation(token)
    except InvitationSpent:
        if await current_staff(request) is None:
            raise
        return RedirectResponse("/console", 303)  # a second click: the first one spent it
    form = await read_form(request, InvitedForm)
    if form.data is not None:
        try:
            opened = await _identity(request).accept(
                token,
                password=form.data.password,
                code=form.data.code,
                language=language_of(request),
            )
            return _signed_in(request, opened)
        except PasswordTooWeak as refusal:
            form.refuse("password", refusal.message)
        except CodeWrong as refusal:
            form.refuse("code", refusal.message)
    return _invited_page(request, invited, form.errors)


def _invited_page(request: Request, invited: Invited, errors: dict[str, str]) -> HTMLResponse:
    import segno  # drawn for a person's first sign-in: no idle process holds it

    picture = io.BytesIO()
    segno.make(invited.totp_uri, error="m").save(picture, kind="png", scale=5)
    return render(
        request,
        "invited.html",
        status=422 if errors else 200,
        invited=invited,
        qr=base64.b64encode(picture.getvalue()).decode(),
        v={},
        errors=errors,
        staff=None,
    )


@router.get("/account")
async def account(request: Request, staff: Permitted) -> HTMLResponse:
    """One's own account: language, roles, and the sessions that are open."""
    sessions = await _identity(request).sessions_of(staff.staff_id)
    return render(request, "account.html", sessions=sessions, roles=ROLES)


@router.post("/account/language")
async def speak(request: Request, staff: Permitted) -> Response:
    """Choose the language of the consoles."""
    language = str((await request.form()).get("language", ""))
    if language in INTERFACE_LANGUAGES:
        await _identity(request).speak(staff.staff_id, language)
    return see_other(request, "/console/account", N_("Saved."))


@router.post("/account/sessions/end")
async def end_session(request: Request, staff: Permitted) -> Response:
    """End one of one's own sessions."""
    session_id = str((await request.form()).get("session_id", ""))
    await _identity(request).end_session(staff.staff_id, session_id)
    return see_other(request, "/console/account", N_("The session was ended."))


@router.post("/account/sessions/end-others")
async def end_other_sessions(request: Request, staff: Permitted) -> Response:
    """End every session of one's own but this one, at every console."""
    await _identity(request).end_others(staff)
    return see_other(request, "/console/account", N_("The other sessions were ended."))


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
    code = await _identity(request).hand_over(staff, target)
    url = request.app.state.service.settings.url_of(target)
    return RedirectResponse(f"{url}/console/arrive?code={code}", 303)


@router.get("/arrive")
async def arrive(request: Request, code: str) -> Response:
    """Arrive from another console; the code is good once, for a minute, for this service."""
    token = await _identity(request).arrive(code)
    if token is None:
        return RedirectResponse("/console/sign-in", 303)
    return _signed_in(request, token)
