"""The guard at every console door: who is it, may they, and did the form come from our own page."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request

from cri_shared.errors import Forbidden, Unauthenticated
from cri_shared.identity.staff import ROLES, Staff
from cri_shared.identity.store import Identity
from cri_shared.settings import ServiceSettings
from cri_shared.words import N_

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class FormNotOurs(Forbidden):
    """The form did not come from a page of this session."""

    slug = "form-not-ours"
    message = N_("This page is out of date. Go back, reload it and try again.")


def require(*roles: str) -> Callable[[Request], Awaitable[Staff]]:
    """A dependency that lets in whoever has one of the roles (anybody signed in, without roles).

    Raises `Unauthenticated`, `Forbidden`, or `FormNotOurs` for a POST without the session's token.
    """
    if unknown := set(roles) - ROLES.keys():
        raise ValueError(f"unknown roles: {unknown}")

    async def guard(request: Request) -> Staff:
        staff = await current_staff(request)
        if staff is None:
            raise Unauthenticated
        request.state.staff = staff
        if roles and not staff.has(*roles):
            raise Forbidden
        if request.method not in SAFE:
            await _check_origin_and_token(request, staff)
        return staff

    return guard


async def current_staff(request: Request) -> Staff | None:
    """The person whose session cookie came with a request, or None."""
    settings: ServiceSettings = request.app.state.service.settings
    identity: Identity = request.app.state.service.identity
    token = request.cookies.get(settings.cookie_name)
    return await identity.whoever(token) if token else None


async def _check_origin_and_token(request: Request, staff: Staff) -> None:
    settings: ServiceSettings = request.app.state.service.settings
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise FormNotOurs
    origin = request.headers.get("origin")
    own = urlsplit(settings.public_url)
    if origin is not None and origin != f"{own.scheme}://{own.netloc}":
        raise FormNotOurs
    form = await request.form(max_fields=2000, max_files=0)
    if not secrets.compare_digest(str(form.get("csrf", "")).encode(), staff.csrf.encode()):
        raise FormNotOurs
