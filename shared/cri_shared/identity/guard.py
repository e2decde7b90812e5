"""The guard at every console door: who is it, may they, and did the form come from our own page."""

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from cri_shared.errors import Forbidden, NotFound, Unauthenticated
from cri_shared.identity.policy import Policy, route_of
from cri_shared.identity.proving import must_be_proved
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity
from cri_shared.settings import ServiceSettings
from cri_shared.words import N_

if TYPE_CHECKING:  # a service stands on the store of identities
    from cri_shared.service import Service

Check = Callable[[Request, Staff], Awaitable[None]]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class FormNotOurs(Forbidden):
    """The form did not come from a page of this session."""

    slug = "form-not-ours"
    message = N_("This page is out of date. Go back, reload it and try again.")


async def nobodys(_request: Request, _staff: Staff) -> None:
    """For services in which nothing is one person's own work; raises `NotFound`."""
    raise NotFound


async def permitted(request: Request) -> Staff:
    """The signed-in person, where the service's table lets them do what this route does.

    Raises `Unauthenticated`, `Forbidden`, `FormNotOurs` for a POST without the session's token,
    `ProofNeeded` where it takes a fresh proof of who they are, and what the service refuses with (a
    `NotFound`) where it is only for those whose work it is.
    """
    staff = await current_staff(request)
    if staff is None:
        raise Unauthenticated
    request.state.staff = staff
    if staff.token != request.cookies[request.app.state.service.settings.cookie_name]:
        request.state.session_token = staff.token  # a second click came with the one before
    policy: Policy = request.app.state.policy
    route = route_of(request)
    action = policy.action_at(route)
    if action is None:
        raise Forbidden
    with _counted(request, staff, policy.name_at(route)):
        if not action.open_to(staff.roles):
            raise Forbidden
        if action.own:
            await request.app.state.must_be_theirs(request, staff)
        if request.method not in SAFE:
            await _check_origin_and_token(request, staff)
    if action.proved:
        await must_be_proved(request, staff)
    return staff


@contextmanager
def _counted(request: Request, staff: Staff, action: str) -> Iterator[None]:
    """Counts what is refused to a person."""
    try:
        yield
    except (Forbidden, NotFound) as refusal:
        right = "form.refused" if isinstance(refusal, FormNotOurs) else "right.refused"
        kind = "thing.refused" if isinstance(refusal, NotFound) else right
        service: Service = request.app.state.service
        service.attempts.count(kind, action, by=staff)
        raise


Permitted = Annotated[Staff, Depends(permitted)]


async def current_staff(request: Request) -> Staff | None:
    """The person whose session cookie came with a request, or None."""
    settings: ServiceSettings = request.app.state.service.settings
    identity: Identity = request.app.state.service.identity
    token = request.cookies.get(settings.cookie_name)
    return await identity.whoever(token) if token else None


async def _check_origin_and_token(request: Request, staff: Staff) -> None:
    if not _is_from_our_page(request):
        raise FormNotOurs
    form = await request.form(max_fields=2000, max_files=0)
    if not secrets.compare_digest(str(form.get("csrf", "")).encode(), staff.csrf.encode()):
        raise FormNotOurs


def _is_from_our_page(request: Request) -> bool:
    """What the browser says of where a form comes from; one that says nothing has the token still.

    A browser that tells no site where its reader was (its own setting, or a page's policy) says of
    our page's origin `null`, and that it is of the same origin.
    """
    settings: ServiceSettings = request.app.state.service.settings
    own = urlsplit(settings.public_url)
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin"):
        return False
    untold = origin == "null" and site == "same-origin"
    return untold or origin in (None, f"{own.scheme}://{own.netloc}")
