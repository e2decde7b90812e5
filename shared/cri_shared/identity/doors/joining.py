"""Becoming staff through a one-time link."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cri_shared.identity.doors.common import identity_of, signed_in
from cri_shared.identity.guard import current_staff
from cri_shared.identity.passwords import PasswordTooWeak
from cri_shared.identity.refusals import CodeWrong, InvitationSpent
from cri_shared.identity.store import Invited
from cri_shared.privacy.classes import K
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import language_of, render
from cri_shared.web.squares import square

router = APIRouter(prefix="/console", include_in_schema=False)


class InvitedForm(FormModel):
    """The password a new member of staff chooses, and the first code of their app."""

    password: Annotated[str, Field(max_length=1000), K]
    code: Annotated[str, Field(max_length=12), K]
    messages = {  # noqa: RUF012
        "password": PasswordTooWeak.message,
        "code": N_("Write the six digits that your app shows"),
    }


@router.get("/invited/{token}")
async def invited_page(request: Request, token: str) -> HTMLResponse:
    """What an invited person must do; seeing it spends nothing."""
    invited = await identity_of(request).invitation(token)
    return _invited_page(request, invited, {})


@router.post("/invited/{token}")
async def accept(request: Request, token: str) -> Response:
    """Become staff: choose a password, show that the app works."""
    try:
        invited = await identity_of(request).invitation(token)
    except InvitationSpent:
        if await current_staff(request) is None:
            raise
        return RedirectResponse("/console", 303)  # a second click: the first one spent it
    form = await read_form(request, InvitedForm)
    if form.data is not None:
        try:
            opened = await identity_of(request).accept(
                token,
                password=form.data.password,
                code=form.data.code,
                language=language_of(request),
            )
            return await signed_in(request, opened, "invitation")
        except PasswordTooWeak as refusal:
            form.refuse("password", refusal.message, **refusal.values)
        except CodeWrong as refusal:
            form.refuse("code", refusal.message)
    return _invited_page(request, invited, form.errors)


def _invited_page(request: Request, invited: Invited, errors: dict[str, str]) -> HTMLResponse:
    return render(
        request,
        "invited.html",
        status=422 if errors else 200,
        invited=invited,
        qr=square(invited.totp_uri, scale=5),
        v={},
        errors=errors,
        staff=None,
    )
