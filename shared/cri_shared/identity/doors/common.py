"""What the doors share: the store, and how a browser goes on as somebody signed in."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from cri_shared.identity.store import Identity
from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import keep_cookie


def identity_of(request: Request) -> Identity:
    """The store of this service."""
    identity: Identity = request.app.state.service.identity
    return identity


def signed_in(request: Request, token: str, url: str = "/console") -> Response:
    """Go on as whoever a session's token is for."""
    settings: ServiceSettings = request.app.state.service.settings
    response = RedirectResponse(url, 303)
    keep_cookie(response, settings, settings.session_cookie, token)
    return response
