"""Changing one's own password: the old one is asked for, and who one is, shown anew."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_shared.identity.doors.account import ACCOUNT
from cri_shared.identity.doors.common import changed, identity_of, refused
from cri_shared.identity.guard import Permitted
from cri_shared.identity.passwords import PasswordTooWeak
from cri_shared.identity.refusals import PasswordTheSame, PasswordWrong, WaitBeforeNextTry
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1, K
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other

router = APIRouter(prefix="/console", include_in_schema=False)
CHANGED = N_("Your password was changed.")
ENDED = N_("Your password was changed, and your other sessions were ended.")


class PasswordForm(FormModel):
    """The password that one has and the new one, twice; and whether other sessions end."""

    old_password: Annotated[str, Field(max_length=1000), K]
    password: Annotated[str, Field(max_length=1000), K]
    again: Annotated[str, Field(max_length=1000), K]
    end_others: Annotated[Literal["yes"] | None, C1] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "old_password": N_("Write the password that you have"),
        "password": PasswordTooWeak.message,
        "again": N_("Write the new password again"),
    }


@router.get("/account/password")
async def password_page(request: Request, staff: Permitted) -> HTMLResponse:
    """The form, for who has just shown who they are."""
    return _page(request, staff)


def _page(
    request: Request, staff: Staff, form: Submitted[PasswordForm] | None = None
) -> HTMLResponse:
    ticked = form is None or bool(form.values.get("end_others"))
    return render(
        request,
        "password.html",
        status=422 if form else 200,
        v={"end_others": ticked},
        errors=form.errors if form else {},
    )


@router.post("/account/password")
async def change(request: Request, staff: Permitted) -> Response:
    """Give oneself another password; what was typed is typed again where it is refused."""
    form = await read_form(request, PasswordForm)
    if form.data is None or not await _changed(request, staff, form, form.data):
        return _page(request, staff, form)
    return see_other(request, ACCOUNT, ENDED if form.data.end_others else CHANGED)


async def _changed(
    request: Request, staff: Staff, form: Submitted[Any], data: PasswordForm
) -> bool:
    """Whether it is so now; else the form says why not."""
    if data.password != data.again:
        form.refuse("again", N_("The new password is not the same both times"))
        return False
    ended = data.end_others is not None
    try:
        anew = await identity_of(request).change_password(
            staff, old=data.old_password, new=data.password, end_others=ended
        )
    except (PasswordTooWeak, PasswordTheSame) as refusal:
        values = refusal.values if isinstance(refusal, PasswordTooWeak) else {}
        form.refuse("password", refusal.message, **values)
        return False
    except (PasswordWrong, WaitBeforeNextTry) as refusal:
        refused(request, "password.wrong", staff.staff_id, by=staff)
        form.refuse("old_password", refusal.message)
        return False
    if anew:
        await changed(request, staff, "account.password_changed", ended_others=ended)
    return True
