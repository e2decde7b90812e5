"""Forgeries: every POST route of a service, sent as it must never be taken, changes nothing.

The routes come from the service's table of roles, what they are about from its stage.
"""

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

import httpx
from cri_shared.events import SERVICES
from cri_shared.identity.policy import STAFF, Action, Policy
from cri_shared.identity.staff import ROLES
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing

from tests.security.books import Books, books_of
from tests.security.roles.cells import (
    FIELDS,
    NONE,
    NOWHERE,
    OWN,
    PARAMETER,
    Person,
    Stage,
    browser,
    member,
)

EVIL = "https://evil.example"
REFUSED = frozenset({303, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429})
OTHER_METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
# What anybody may press without having anything: it shows a page and keeps nothing.
SHOWS = {"POST /{lang}/ask/start", "POST /{lang}/ask/check", "POST /{lang}/ask/existing"}
_NO_LINK = {"token": NOWHERE}  # who has the link may: here nobody has
_ENDS = ("/sign-out", "/close")


@dataclass(frozen=True)
class Forgery:
    """A way to send a form that is not from a page of the session it comes with."""

    name: str
    cookie: str = "own"  # own, none, forged, ended, of another service
    token: str = "right"  # right, none, wrong, somebody else's, in the address
    headers: Mapping[str, str] = field(default_factory=dict)


FORGERIES = (
    Forgery("nobody", cookie="none", token="none"),
    Forgery("nobody, with a session's token", cookie="none"),
    Forgery("a forged session", cookie="forged"),
    Forgery("an ended session", cookie="ended"),
    Forgery("a session of another service", cookie="of another service"),
    Forgery("no token", token="none"),
    Forgery("a wrong token", token="wrong"),
    Forgery("somebody else's token", token="somebody else's"),
    Forgery("the token in the address", token="in the address"),
    Forgery("another origin", headers={"Origin": EVIL}),
    Forgery("no origin, as from a file", headers={"Origin": "null"}),
    Forgery("from another site", headers={"Sec-Fetch-Site": "cross-site"}),
    Forgery("from a neighbouring site", headers={"Sec-Fetch-Site": "same-site"}),
    Forgery("from an address that was typed", headers={"Sec-Fetch-Site": "none"}),
)


@dataclass(frozen=True)
class Try:
    """One cell: the route, how it was forged, what came back, and what it changed."""

    route: str
    forged: str
    status: int
    changed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it was refused and nothing is different."""
        return not self.changed and self.status in REFUSED


@dataclass(frozen=True)
class Strangers:
    """Sessions and tokens that open nothing here."""

    cookies: Mapping[str, str]
    csrf: str


async def tries(stage: Stage) -> AsyncIterator[Try]:
    """Every forgery of every form, and every other method at its address."""
    strangers = await _strangers(stage)
    async with books_of(stage.app, staff=False) as books:
        async for cell in _tries(stage, books, strangers):
            yield cell


async def _tries(stage: Stage, books: Books, strangers: Strangers) -> AsyncIterator[Try]:
    come: list[Person] = []
    for route, path, action in _forms(stage, for_staff=True):
        person = await _may(stage, action, come)
        await books.changed()
        for forgery in FORGERIES:
            answer = await _forge(stage, person, strangers, path, forgery)
            yield Try(route, forgery.name, answer.status_code, await books.changed())
        for method in OTHER_METHODS:
            answer = await person.client.request(method, path)
            yield Try(route, f"as {method}", _refused(answer), await books.changed())
    for route, path, _ in _forms(stage, for_staff=False):
        for name, cookies in (("empty", {}), ("empty, forged cookies", _forged(stage))):
            client = browser(stage.app)
            client.cookies.update(cookies)
            answer = await client.post(path)
            status = _refused(answer) if route in SHOWS else answer.status_code
            yield Try(route, name, status, await books.changed())


def _refused(answer: httpx.Response) -> int:
    """The status, where a page that shows itself and changes nothing counts as a refusal."""
    return 405 if answer.is_success else answer.status_code


async def _strangers(stage: Stage) -> Strangers:
    service, role = stage.app.state.service, next(iter(ROLES))
    ended = await member(stage.app, role, name="Somebody who left")
    assert ended.staff is not None
    await service.identity.end_session(ended.staff.staff_id, ended.staff.session_id)
    other = await member(stage.app, role, name="Somebody else")
    assert other.staff is not None
    elsewhere = next(name for name in SERVICES if name != service.settings.service)
    code = await service.identity.hand_over(other.staff, elsewhere)
    store = Identity(
        service.settings.identity_database_url,
        KeyRing.open(service.settings.identity_key_dir),
        service=elsewhere,
    )
    foreign = await store.arrive(code)
    await store.close()
    assert foreign is not None
    cookie = service.settings.cookie_name
    return Strangers(
        {
            "forged": secrets.token_urlsafe(32),
            "ended": ended.client.cookies[cookie],
            "of another service": foreign,
        },
        other.staff.csrf,
    )


async def _forge(
    stage: Stage, person: Person, strangers: Strangers, path: str, forgery: Forgery
) -> httpx.Response:
    assert person.staff is not None
    cookie = stage.app.state.service.settings.cookie_name
    sessions = {**strangers.cookies, "own": person.client.cookies[cookie]}
    client = browser(stage.app)
    if forgery.cookie in sessions:
        client.cookies.set(cookie, sessions[forgery.cookie])
    tokens = {
        "right": person.staff.csrf,
        "wrong": secrets.token_urlsafe(32),
        "somebody else's": strangers.csrf,
    }
    form = {"csrf": tokens[forgery.token]} if forgery.token in tokens else {}
    query = {"csrf": person.staff.csrf} if forgery.token == "in the address" else {}
    return await client.post(path, data=form, params=query, headers=forgery.headers)


def _forged(stage: Stage) -> dict[str, str]:
    """Cookies of everybody who comes without an account, and none of them was ever given."""
    names = ("cri_asker", "cri_partner", stage.app.state.service.settings.cookie_name)
    return {name: secrets.token_urlsafe(32) for name in names}


async def honest(stage: Stage) -> AsyncIterator[Try]:
    """Every form of staff with its own session and token: none is taken for a forgery."""
    forms = sorted(_forms(stage, for_staff=True), key=lambda form: form[0].endswith(_ENDS))
    come: list[Person] = []
    for route, path, action in forms:
        person = await _may(stage, action, come)
        assert person.staff is not None
        data = {"csrf": person.staff.csrf} | dict(FIELDS.get(route, {}))
        headers = {
            "Origin": str(person.client.base_url).rstrip("/"),
            "Sec-Fetch-Site": "same-origin",
        }
        answer = await person.client.post(path, data=data, headers=headers)
        yield Try(route, "honest", answer.status_code)


def _forms(stage: Stage, *, for_staff: bool) -> Iterator[tuple[str, str, Action]]:
    """(route, its path with what is on the stage, its action) of the routes that forms post to."""
    policy: Policy = stage.app.state.policy
    for route in sorted(policy.routes):
        method, _, pattern = route.partition(" ")
        action = policy.action_at(route)
        names = {
            **(stage.names(route, OWN if PARAMETER.search(pattern) else NONE) or {}),
            **_NO_LINK,
        }
        assert action is not None
        if method == "POST" and action.for_staff is for_staff and not pattern.startswith("/api/"):
            for name in PARAMETER.findall(pattern):
                pattern = PARAMETER.sub(names.get(name, NOWHERE), pattern, count=1)
            yield route, pattern, action


async def _may(stage: Stage, action: Action, come: list[Person]) -> Person:
    """Somebody who may do it, the one whose work lies on the stage where there is one.

    Whoever comes for it joins those who have `come`.
    """
    roles = ROLES.keys() if STAFF in action.roles else action.roles
    for person in (*stage.people, *come):
        if person.staff is not None and person.role in roles:
            return person
    come.append(await member(stage.app, sorted(roles)[0]))
    return come[-1]
