"""The keys of a partner organisation, as its own people change them."""

from typing import Any

from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.web.forms import N_, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.actions import keys
from cri_intake.actions import webhooks as hooks
from cri_intake.actions.keys import Given, TooManyKeys
from cri_intake.console.organisations import KeyForm
from cri_intake.queries import members, webhooks
from cri_intake.queries.organisations import key_of, known
from cri_intake.rig import InRig, Rig
from cri_intake.rules import LIVE_KEYS, Scope

ROOM = "/console/keys"
router = APIRouter(prefix=ROOM, include_in_schema=False)


@router.get("")
async def our_keys(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """The keys, when they were last used and when they end."""
    return await _page(request, rig, staff)


async def _page(
    request: Request,
    rig: Rig,
    staff: Staff,
    *,
    form: Submitted[Any] | None = None,
    key: str | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        own = await members.organisation_of(session, staff)
        about = await known(session, own.organisation_id)
        webhook = await webhooks.webhook_of(session, own.organisation_id)
        notices = await webhooks.notices_of(session, webhook) if webhook else []
    values: dict[str, Any] = {"scopes": list(Scope)}
    return render(
        request,
        "our_keys.html",
        status=422 if form else 201 if key else 200,
        known=about,
        may_have_more=len(about.live) < LIVE_KEYS,
        scopes=list(Scope),
        new_key=key,
        webhook=webhook,
        notices=notices,
        v=values | (form.values if form else {}),
        errors=form.errors if form else {},
    )


@router.post("")
async def make_key(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Make a key and show it, this once; a second click shows the same one."""
    form = await read_form(request, KeyForm)
    form.values.setdefault("scopes", [])  # boxes without a tick are not sent
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await _page(request, rig, staff, form=form)
    given = Given(form.data.scopes, form.data.networks.split(), by=staff)
    try:
        async with rig.service.database.writing() as work:
            own = await members.organisation_of(work.session, staff)
            key = await keys.issue_key_once(work, rig, own.organisation_id, given, form_id)
    except TooManyKeys as refused:
        form.refuse("scopes", refused.message)
        return await _page(request, rig, staff, form=form)
    if key is None:
        said = N_("This key was made before, and is shown no more. Take it back if it was lost.")
        return see_other(request, ROOM, said)
    return await _page(request, rig, staff, key=key)


@router.post("/{key_id}/revoke")
async def revoke(request: Request, staff: Permitted, rig: InRig, key_id: str) -> Response:
    """Take a key back: it opens nothing any more, at once."""
    async with rig.service.database.writing() as work:
        own = await members.organisation_of(work.session, staff)
        key = await key_of(work.session, own.organisation_id, key_id)
        await keys.revoke_key(work, rig, key, by=staff)
    return see_other(request, ROOM, N_("The key was taken back. It opens nothing any more."))


@router.post("/webhook/test")
async def try_webhook(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Send the organisation's own webhook a message that tells of no question."""
    async with rig.service.database.writing() as work:
        own = await members.organisation_of(work.session, staff)
        said = await hooks.try_out_of(work, own.organisation_id, by=staff)
    return see_other(request, f"{ROOM}#webhook", said)
