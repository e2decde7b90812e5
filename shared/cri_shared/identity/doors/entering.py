"""Coming in: password and code, or a passkey; and out again."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cri_shared.errors import Refusal
from cri_shared.identity.doors.common import identity_of, noted, refused, signed_in
from cri_shared.identity.guard import Permitted, current_staff
from cri_shared.identity.passkeys import PasskeyWrong, Site
from cri_shared.identity.refusals import StoreAway
from cri_shared.privacy.classes import C1, K
from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import drop_cookie
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render

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


class PasskeyForm(FormModel):
    """What the browser said to the question for a passkey."""

    credential: Annotated[str, Field(max_length=16_000), K]


@router.get("/sign-in")
async def sign_in_page(request: Request) -> HTMLResponse:
    """The sign-in form, where there is somebody to read it."""
    await identity_of(request).ping()
    return _page(request)


def _page(request: Request, form: Submitted[Any] | None = None) -> HTMLResponse:
    site = Site.of(request.app.state.service.settings)
    return render(
        request,
        "sign_in.html",
        status=422 if form else 200,
        provider=request.app.state.provider,
        passkey=identity_of(request).options_to_sign_in(site) if site else None,
        v={"email": form.values.get("email", "")} if form else {},
        errors=form.errors if form else {},
        staff=None,
    )


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Sign in; every failure looks the same."""
    form = await read_form(request, SignInForm)
    if form.data is not None:
        try:
            token = await identity_of(request).sign_in(**form.data.model_dump())
            return await signed_in(request, token, "password")
        except StoreAway:
            raise
        except Refusal as refusal:
            here = await current_staff(request)
            if here is not None and here.email == form.data.email.strip().lower():
                return RedirectResponse("/console", 303)  # a second click: the first signed in
            refused(request, "sign_in.failed", await identity_of(request).id_of(form.data.email))
            form.refuse("email", refusal.message)
    return _page(request, form)


@router.post("/sign-in/passkey")
async def sign_in_by_passkey(request: Request) -> Response:
    """Sign in with a passkey."""
    site = Site.of(request.app.state.service.settings)
    if site is None:
        raise PasskeyWrong
    form = await read_form(request, PasskeyForm)
    said = form.data.credential if form.data else ""
    try:
        token = await identity_of(request).sign_in_by_passkey(site, said)
        return await signed_in(request, token, "passkey")
    except StoreAway:
        raise
    except Refusal as refusal:
        if await current_staff(request) is not None:
            return RedirectResponse("/console", 303)  # a second click: the first signed in
        refused(request, "sign_in.failed")
        form.errors.clear()
        form.refuse("email", refusal.message)
    return _page(request, form)


@router.post("/sign-out")
async def sign_out(request: Request, staff: Permitted) -> Response:
    """End this session."""
    await noted(request, staff, "staff.signed_out", staff.staff_id)
    await identity_of(request).end_session(staff.staff_id, staff.session_id)
    response = RedirectResponse("/console/sign-in", 303)
    settings: ServiceSettings = request.app.state.service.settings
    drop_cookie(response, settings, settings.session_cookie)
    return response
