"""Attendance on a phone: one list per session, one press per person, with a connection or not."""

import datetime as dt
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.errors import Kind, Refusal
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import AwareDatetime, Field

from cri_training.actions import attendance as actions
from cri_training.actions import walk_ins
from cri_training.actions.asking import Details
from cri_training.actions.attendance import Marked, Outcome, Said
from cri_training.pages.forms import Email
from cri_training.queries import attendance as found
from cri_training.queries import editions
from cri_training.rig import InRig, Rig
from cri_training.rules.attendance import Presence, is_correction

router = APIRouter(prefix="/console/editions/{edition_id}/attendance", include_in_schema=False)
WALK_IN = "walk-in"
SAID = {
    Outcome.KEPT: N_("Saved."),
    Outcome.BEFORE: N_("Nothing changed."),
    Outcome.CONFLICT: N_("Somebody else made another mark meanwhile. Look at both."),
}
Nonce = Annotated[str, Field(pattern=r"^[\w-]{16,40}$"), C1]


class MarkForm(FormModel):
    """One press on the list."""

    nonce: Nonce
    presence: Annotated[Presence, C1]
    seen: Annotated[int, Field(ge=0), C1]
    minutes: Annotated[int | None, Field(ge=0, le=1440), C1] = None
    reason: Annotated[str | None, Field(max_length=300), C3] = None
    made_at: Annotated[AwareDatetime | None, C1] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "presence": N_("Choose how this person was there"),
        "minutes": N_("Write the minutes as a number"),
    }

    def said(self) -> Said:
        """The same as the action wants it."""
        at = self.made_at.astimezone(dt.UTC) if self.made_at else None
        return Said(self.nonce, self.presence, self.seen, self.minutes, self.reason, at)


class WalkInForm(FormModel):
    """Somebody who came without a sign-up."""

    nonce: Nonce
    name: Annotated[str, Field(max_length=120), C3]
    organisation: Annotated[str, Field(max_length=120), C3]
    email: Annotated[Email | None, C3] = None
    messages = {  # noqa: RUF012
        ("name", "missing"): N_("Write a name"),
        ("organisation", "missing"): N_("Write an organisation"),
    }


class RestForm(FormModel):
    """Everybody else was there."""

    nonce: Nonce
    do: Annotated[Literal["rest"], C1] = "rest"


async def page(
    request: Request,
    rig: Rig,
    staff: Staff,
    edition_id: str,
    number: int,
    *,
    only: str | None = None,
    wrong: tuple[str, Submitted[Any]] | None = None,
) -> HTMLResponse:
    """The list of a session, or one person of it; that it was seen, and by whom, is kept.

    `wrong` is the form that comes back filled in, with whose it is.
    """
    async with rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        sitting = edition.sitting(number)
        people = await found.expected(work.session, rig, sitting, only)
        await audit.note(work, "training.participants.seen", edition_id, by=staff)
    whose, form = wrong or ("", None)
    return render(
        request,
        "console_attendance.html",
        status=422 if form else 200,
        edition=edition,
        sitting=sitting,
        people=people,
        only=only,
        counts=found.counts(people),
        settles=edition.settles_at(rig.policy.feedback),
        correcting=is_correction(sitting.starts_at, clock.now()),
        nonce=new_id,
        whose=whose,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.get("/{number}")
async def attendance_list(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, number: int
) -> HTMLResponse:
    """Everybody who is expected at a session, and how they were there."""
    return await page(request, rig, staff, edition_id, number)


@router.post("/{number}")
async def mark_the_rest(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, number: int
) -> Response:
    """Everybody without a mark was there."""
    form = await read_form(request, RestForm)
    url = f"/console/editions/{edition_id}/attendance/{number}"
    if form.data is None:
        return see_other(request, url, N_("Nothing changed."))
    async with rig.service.database.writing() as work:
        changed = await actions.mark_the_rest(
            work, rig, edition_id, number, form.data.nonce, by=staff
        )
    return see_other(request, url, N_("Saved.") if changed else N_("Nothing changed."))


@router.post("/{number}/people/{sign_up_id}")
async def mark_one(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, number: int, sign_up_id: str
) -> Response:
    """Keep one mark; the page's script hears what came of it as JSON."""
    form = await read_form(request, MarkForm)
    to_script = request.headers.get("accept") == "application/json"
    if form.data is not None:
        try:
            async with rig.service.database.writing() as work:
                marked = await actions.mark(
                    work, rig, edition_id, number, sign_up_id, form.data.said(), by=staff
                )
        except Refusal as refusal:
            if refusal.kind is not Kind.INVALID and not to_script:
                raise
            form.refuse("minutes" if "minutes" in refusal.slug else "reason", refusal.message)
        else:
            url = f"/console/editions/{edition_id}/attendance/{number}#p-{sign_up_id}"
            return (
                _told(request, marked)
                if to_script
                else see_other(request, url, SAID[marked.outcome])
            )
    if to_script:
        return JSONResponse({"problem": next(iter(form.errors.values()))}, 422)
    return await page(request, rig, staff, edition_id, number, wrong=(sign_up_id, form))


def _told(request: Request, marked: Marked) -> Response:
    said = words_of(request).gettext(SAID[marked.outcome])
    return JSONResponse(
        {
            "outcome": marked.outcome,
            "presence": marked.presence,
            "missed": marked.missed,
            "version": marked.version,
            "said": said,
        }
    )


@router.post("/{number}/walk-in")
async def walk_in(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, number: int
) -> Response:
    """Somebody came without a sign-up: they get one, and are noted as present."""
    form = await read_form(request, WalkInForm)
    if form.data is None:
        return await page(request, rig, staff, edition_id, number, wrong=(WALK_IN, form))
    details = Details(form.data.name, form.data.organisation, form.data.email or "")
    made = await walk_ins.walk_in(rig, edition_id, number, details, form.data.nonce, by=staff)
    url = f"/console/editions/{edition_id}/attendance/{number}#p-{made}"
    return see_other(request, url, N_("Added, and noted as present."))
