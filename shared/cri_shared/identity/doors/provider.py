"""The way through the organisation's own sign-in: in, as a proof, and out from its side."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from cri_shared.errors import Unauthenticated
from cri_shared.identity.doors.common import identity_of, signed_in
from cri_shared.identity.guard import Permitted, current_staff
from cri_shared.identity.provider import PROVE, SIGN_IN, TRIP, Provider
from cri_shared.identity.refusals import NoProvider, ProviderAway, ProviderRefused
from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import cookie, drop_cookie, keep_cookie
from cri_shared.web.pages import language_of, render

router = APIRouter(prefix="/console", include_in_schema=False)


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NoProvider
    return provider


def _cookie(request: Request) -> str:
    settings: ServiceSettings = request.app.state.service.settings
    return f"{settings.session_cookie}_trip"


async def _leave(request: Request, purpose: str, session_id: str = "") -> Response:
    settings: ServiceSettings = request.app.state.service.settings
    url, trip = await _provider(request).leave(purpose, session_id)
    response = RedirectResponse(url, 303)
    keep_cookie(response, settings, _cookie(request), trip, seconds=int(TRIP.total_seconds()))
    return response


@router.get("/sign-in/provider")
async def leave(request: Request) -> Response:
    """To the organisation's own sign-in."""
    return await _leave(request, SIGN_IN)


@router.get("/prove/provider")
async def leave_to_prove(request: Request, staff: Permitted) -> Response:
    """To the organisation's sign-in, which asks again who it is."""
    return await _leave(request, PROVE, staff.session_id)


@router.get("/sign-in/provider/done")
async def come_back(request: Request) -> Response:
    """Back from there: signed in, or proved for the session from which the browser left."""
    settings: ServiceSettings = request.app.state.service.settings
    provider, trip = _provider(request), cookie(request, _cookie(request))
    purpose, session_id = provider.purpose_of(trip)
    person = await provider.come_back(trip, purpose, dict(request.query_params))
    identity = identity_of(request)
    if purpose == SIGN_IN:
        token = await identity.sign_in_by_provider(person, language_of(request))
        response = await signed_in(request, token, "provider")
    else:
        staff = await current_staff(request)
        if staff is None or staff.session_id != session_id:
            raise Unauthenticated
        request.state.staff = staff
        token = await identity.prove_by_provider(staff, person)
        response = render(request, "proved.html")
        keep_cookie(response, settings, settings.session_cookie, token)
    drop_cookie(response, settings, _cookie(request))
    return response


@router.post("/sign-out/provider")
async def end(request: Request) -> Response:
    """The provider says that somebody's sessions are over (OpenID back-channel logout)."""
    token = str((await request.form()).get("logout_token", ""))
    try:
        provider = _provider(request)
        await identity_of(request).end_by_provider(await provider.ended(token))
    except ProviderAway:
        raise
    except (NoProvider, ProviderRefused):
        return JSONResponse({"error": "invalid_request"}, 400)
    return Response(status_code=200)
