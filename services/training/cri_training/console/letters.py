"""The mails of an edition: what will be sent and when, what was, and links to material."""

from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import plan as actions
from cri_training.queries import courses, editions
from cri_training.rig import InRig, Rig
from cri_training.rules.kinds import Kind
from cri_training.rules.moments import moments
from cri_training.rules.states import GOING_AHEAD, EditionStatus

router = APIRouter(prefix="/console/editions/{edition_id}", include_in_schema=False)
NOTHING = N_("Nothing changed.")
HASTENED = frozenset({Kind.REMINDER, Kind.LAST_REMINDER, Kind.MATERIALS, Kind.FEEDBACK_AGAIN})
# These go at once: when the form opens, because the edition is over; and when they are issued.
STEERED = HASTENED | {Kind.FEEDBACK, Kind.CERTIFICATE}

_DONE = {
    "stop": N_("Stopped. This mail does not go."),
    "let_go": N_("This mail goes when it is due."),
    "now": N_("This mail goes now; at night it waits until eight."),
}


class SteerForm(FormModel):
    """What a trainer wants of one mail; `mark` tells which of its sort."""

    want: Annotated[Literal["stop", "let_go", "now"], C1]
    mark: Annotated[str | None, Field(max_length=16), C1] = None


class MaterialForm(FormModel):
    """A link to what is used in the edition."""

    title: Annotated[str, Field(max_length=160), C1]
    url: Annotated[str, Field(max_length=500, pattern="^https://"), C1]
    messages = {  # noqa: RUF012
        ("title", "missing"): N_("Write what the link leads to"),
        "url": N_("Write a link that begins with https://"),
    }


@router.get("/letters")
async def letters_page(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """The plan, what was sent, and the material."""
    return await _show(request, rig, edition_id, {}, {})


async def _show(
    request: Request, rig: Rig, edition_id: str, v: dict[str, Any], errors: dict[str, str]
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        edition = await editions.edition(session, edition_id)
        course = (await courses.courses(session, [edition]))[edition_id]
        posted = await courses.posted(session, edition_id)
        materials = await courses.materials_of(session, edition_id)
    now = clock.now()
    alive = course.status in GOING_AHEAD or course.status == EditionStatus.HELD
    coming = [
        one
        for one in moments(course, rig.policy)
        if alive and (one.until is None or now < one.until)
    ]
    return render(
        request,
        "console_letters.html",
        status=422 if errors else 200,
        edition=edition,
        plan=coming,
        certified=course.certified_at is not None,
        now=now,
        hastened=HASTENED,
        posted=posted,
        materials=materials,
        v=v,
        errors=errors,
    )


@router.post("/letters/{kind}")
async def steer(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, kind: Kind
) -> Response:
    """Stop a sort of mail, let it go after all, or send one now."""
    form = await read_form(request, SteerForm)
    if form.data is None:
        return await _show(request, rig, edition_id, form.values, form.errors)
    want, mark = form.data.want, form.data.mark or ""
    if kind not in (HASTENED if want == "now" else STEERED):
        raise NotFound
    async with rig.service.database.writing() as work:
        if want == "stop":
            changed = await actions.stop(work, edition_id, kind, by=staff)
        elif want == "let_go":
            changed = await actions.let_go(work, edition_id, kind, by=staff)
        else:
            changed = await actions.hasten(work, edition_id, kind, mark, by=staff)
    return see_other(request, _url(edition_id), _DONE[want] if changed else NOTHING)


def _url(edition_id: str) -> str:
    return f"/console/editions/{edition_id}/letters"


@router.post("/materials")
async def add_material(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Add a link; the same again is no second one."""
    form = await read_form(request, MaterialForm)
    if form.data is None:
        return await _show(request, rig, edition_id, form.values, form.errors)
    async with rig.service.database.writing() as work:
        await actions.add_material(work, edition_id, form.data.title, form.data.url, by=staff)
    said = N_("Added. Those who take part get it by mail in half an hour.")
    return see_other(request, _url(edition_id), said)


@router.post("/materials/{material_id}/remove")
async def remove_material(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, material_id: str
) -> Response:
    """Take a link back."""
    async with rig.service.database.writing() as work:
        changed = await actions.remove_material(work, edition_id, material_id, by=staff)
    return see_other(request, _url(edition_id), N_("Removed.") if changed else NOTHING)
