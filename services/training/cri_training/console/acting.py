"""What a trainer does with an edition: publish, close, move, resize, call off."""

from cri_shared.errors import Kind, Refusal
from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_, read_form
from cri_shared.web.pages import see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_training.actions import editions as actions
from cri_training.console.editions import show
from cri_training.console.forms import CancelForm, CapacityForm, SessionForm, between
from cri_training.models.refusals import CapacityTooLow, EditionInPast
from cri_training.rig import InRig

router = APIRouter(prefix="/console/editions/{edition_id}", include_in_schema=False)
NOTHING = N_("Nothing changed.")


def _back(request: Request, edition_id: str, said: str) -> Response:
    return see_other(request, f"/console/editions/{edition_id}", said)


@router.post("/publish")
async def publish(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Let people sign up."""
    try:
        async with rig.service.database.writing() as work:
            await actions.publish(work, rig, edition_id, by=staff)
    except Refusal as refusal:
        if refusal.kind is not Kind.CONFLICT:
            raise
        return _back(request, edition_id, refusal.message)
    return _back(request, edition_id, N_("Published. People can sign up now."))


@router.post("/close")
async def close(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Take no new sign-ups."""
    async with rig.service.database.writing() as work:
        changed = await actions.close(work, rig, edition_id, by=staff)
    said = N_("Closed. Nobody can sign up any more; the waiting list still works.")
    return _back(request, edition_id, said if changed else NOTHING)


@router.post("/reopen")
async def reopen(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Take sign-ups again."""
    async with rig.service.database.writing() as work:
        changed = await actions.reopen(work, rig, edition_id, by=staff)
    return _back(request, edition_id, N_("People can sign up again.") if changed else NOTHING)


@router.post("/cancel")
async def cancel(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """Call it off, with a reason that everybody who signed up reads."""
    form = await read_form(request, CancelForm)
    if form.data is None:
        return await show(request, rig, edition_id, v=form.values, errors=form.errors)
    async with rig.service.database.writing() as work:
        changed = await actions.cancel(work, edition_id, form.data.reason, by=staff)
    said = N_("Cancelled. Everybody who signed up gets a mail.")
    return _back(request, edition_id, said if changed else NOTHING)


@router.post("/capacity")
async def change_capacity(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> Response:
    """Another number of places; never fewer than are taken."""
    form = await read_form(request, CapacityForm)
    if form.data is not None:
        try:
            async with rig.service.database.writing() as work:
                changed = await actions.change_capacity(
                    work, rig, edition_id, form.data.capacity, by=staff
                )
            return _back(request, edition_id, N_("Saved.") if changed else NOTHING)
        except CapacityTooLow as refusal:
            form.refuse("capacity", refusal.message)
    return await show(request, rig, edition_id, v=form.values, errors=form.errors)


@router.post("/sessions/{number}")
async def move_session(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, number: int
) -> Response:
    """Give a session another time."""
    form = await read_form(request, SessionForm)
    problem = next(iter(form.errors.values()), "")
    if form.data is not None:
        try:
            times = between(form.data.date, form.data.start, form.data.end)
            async with rig.service.database.writing() as work:
                changed = await actions.move_session(work, rig, edition_id, number, times, by=staff)
            return _back(
                request, edition_id, N_("Moved. Everybody gets a mail.") if changed else NOTHING
            )
        except ValueError:
            problem = words_of(request).gettext(N_("The end must come after the beginning"))
        except EditionInPast:
            problem = words_of(request).gettext(N_("Choose a day that is not past."))
    typed = {f"{part}_{number}": form.values.get(part, "") for part in ("date", "start", "end")}
    return await show(request, rig, edition_id, v=typed, errors={f"date_{number}": problem})
