"""What the doors share: the store, the audit trail, and how a browser goes on as somebody."""

from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity
from cri_shared.observe import metrics
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import keep_cookie


def identity_of(request: Request) -> Identity:
    """The store of this service."""
    identity: Identity = request.app.state.service.identity
    return identity


async def signed_in(request: Request, token: str, way: str, url: str = "/console") -> Response:
    """Go on as whoever a session's token is for; that they signed in, and which way, is noted."""
    staff = await identity_of(request).whoever(token)
    if staff is not None:
        await noted(request, staff, "staff.signed_in", staff.staff_id, way=way)
        metrics.sign_ins.labels(way).inc()
    settings: ServiceSettings = request.app.state.service.settings
    response = RedirectResponse(url, 303)
    keep_cookie(response, settings, settings.session_cookie, token)
    return response


def refused(
    request: Request, kind: str, about: str | None = None, *, by: Staff | None = None
) -> None:
    """Count what was refused at a door; `about` is an id of ours."""
    service: Service = request.app.state.service
    service.attempts.count(kind, about, by=by)


async def noted(request: Request, staff: Staff, action: str, about: str, **facts: Any) -> None:
    """Note in the audit trail what somebody did to an account."""
    service: Service = request.app.state.service
    async with service.database.writing() as work:
        await audit.note(work, action, about[:64], by=staff, **facts)


async def changed(request: Request, staff: Staff, action: str, *, ended_others: bool) -> None:
    """Note that somebody changed how they sign in, and whether that ended other sessions."""
    way = {"way": "others_ended"} if ended_others else {}
    await noted(request, staff, action, staff.staff_id, **way)
