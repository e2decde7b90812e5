"""Every role at every route with what is theirs, what is somebody else's and what nobody has."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from cri_shared.identity.policy import ANYBODY, Action, Policy
from cri_shared.identity.staff import ROLES, Staff
from cri_shared.testing.identity import sign_in
from fastapi import FastAPI

OWN, FOREIGN, UNKNOWN, NONE = "own", "foreign", "unknown", "no id"
NOWHERE = "0123456789abcdef0123456789abcdef"
PARAMETER = re.compile(r"{(\w+)(?::path)?}")
CODES = {"lang": "en", "language": "en"}  # which are nobody's
QUERIES = {
    "GET /console/arrive": {"code": "none"},
    "GET /console/entries/{entry_id}/compare": {"before": "1", "after": "1"},
    "GET /console/entries/{entry_id}/languages": {"language": "fr"},
}
FIELDS = {"POST /console/go": {"target": "search"}}
GONE = {  # leads on where nothing is: after a second click, or to a page that says so
    "GET /console/entries/{entry_id}/languages",
    "POST /console/invited/{token}",
    "POST /console/events/retry/{event_id:path}",
    "POST /console/events/drop/{event_id:path}",
    "POST /console/keeping/holds/{hold_id}/lift",
}
WITHOUT = {"event_id", "hold_id", "token", "ticket", "code"}  # nothing of the kind is on a stage
LAST = ("/sign-out", "/close", "/take", "/{webhook_id}")  # after which nothing is what it was


@dataclass
class Person:
    """Somebody with a browser: a member of staff, or one who holds a number, a link or a key."""

    role: str
    client: httpx.AsyncClient
    staff: Staff | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """One try: who, where, with what; what was to happen and what did."""

    role: str
    route: str
    thing: str
    wanted: str
    got: str
    status: int

    @property
    def holds(self) -> bool:
        """Whether it is as the table says."""
        return self.wanted == self.got


@dataclass
class Stage:
    """One service with something in it, and who tries its doors.

    `ids` gives what stands for a parameter; `question_id@/api/` is for routes with that part.
    `secrets` are words that the named actions may show, and no other. `bodies` and `forms` are good
    ones by route, a form with the role that sends it.
    """

    app: FastAPI
    ids: Mapping[str, Mapping[str, str]]
    people: Sequence[Person] = ()
    secrets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bodies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    forms: Mapping[str, tuple[str, dict[str, object]]] = field(default_factory=dict)

    def names(self, route: str, thing: str) -> dict[str, str] | None:
        """The ids for a route's parameters, or None where there is no such thing to try."""
        names = dict(CODES)
        for parameter in set(PARAMETER.findall(route)) - names.keys():
            name = NOWHERE if thing == UNKNOWN else self._id(parameter, route, thing)
            if name is None:
                return None
            names[parameter] = name
        return names

    def _id(self, parameter: str, route: str, thing: str) -> str | None:
        known = self.ids.get(thing, {})
        for key, name in known.items():
            wanted, _, part = key.partition("@")
            if wanted == parameter and part in route:
                return name
        return None


async def member(app: FastAPI, role: str, name: str = "") -> Person:
    """A member of staff with one role, signed in."""
    client = browser(app)
    return Person(role, client, await sign_in(client, app, role, name=name or f"The {role}"))


def browser(app: FastAPI) -> httpx.AsyncClient:
    """A browser of its own."""
    url = app.state.service.settings.public_url
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=url, timeout=60)


async def play(stage: Stage) -> AsyncIterator[Cell]:
    """Try every cell of a service's table."""
    policy: Policy = stage.app.state.policy
    routes = sorted(policy.routes, key=lambda route: (route.endswith(LAST), route))
    async for person in _everybody(stage):
        for route in routes:
            for thing, names in _things(stage, route):
                yield await _try(stage, person, route, thing, names)


async def _everybody(stage: Stage) -> AsyncIterator[Person]:
    yield Person(ANYBODY, browser(stage.app))
    known = set()
    for person in stage.people:
        known.add(person.role)
        yield person
    for role in ROLES.keys() - known:
        yield await member(stage.app, role)


def _things(stage: Stage, route: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    ids = set(PARAMETER.findall(route)) - CODES.keys()
    for thing in (OWN, FOREIGN, UNKNOWN) if ids else (NONE,):
        names = stage.names(route, thing)
        if names is not None:
            yield thing, names
        elif thing == OWN and not ids & WITHOUT:
            raise LookupError(f"the stage has nothing of its own for {route}")


async def _try(
    stage: Stage, person: Person, route: str, thing: str, names: Mapping[str, str]
) -> Cell:
    policy: Policy = stage.app.state.policy
    action = policy.action_at(route)
    assert action is not None
    before = list(person.client.cookies.jar)
    answer = await _send(stage, person, route, names)
    if not route.endswith(LAST):
        person.client.cookies = httpx.Cookies()
        for cookie in before:
            person.client.cookies.jar.set_cookie(cookie)
    wanted = _wanted(action, person, thing)
    if wanted == "not found" and route in GONE and person.staff:
        wanted = "let in"
    got = _got(answer, action, wanted)
    shown = {w for w, where in stage.secrets.items() if policy.name_at(route) not in where}
    if got == "let in" and any(words in answer.text for words in shown):
        got = "showed what is not for this page"
    return Cell(person.role, route, thing, wanted, got, answer.status_code)


async def _send(
    stage: Stage, person: Person, route: str, names: Mapping[str, str]
) -> httpx.Response:
    method, _, path = route.partition(" ")
    path = PARAMETER.sub(lambda found: names[found[1]], path)
    if method == "GET":
        return await person.client.get(path, params=QUERIES.get(route), headers=person.headers)
    if path.startswith("/api/"):
        body = stage.bodies.get(route, {})
        return await person.client.request(method, path, headers=person.headers, json=body)
    form = {"csrf": person.staff.csrf} if person.staff else {}
    return await person.client.post(path, data=form | FIELDS.get(route, {}))


def _wanted(action: Action, person: Person, thing: str) -> str:
    """What the table says."""
    if person.staff is None:
        inside = action.opens_for(person.role)
        outside = "door" if action.for_staff else "closed"
    else:
        inside = ANYBODY in action.roles or action.open_to(person.staff.roles)
        outside = "refused" if action.for_staff else "closed"
    if not inside:
        return outside
    return "not found" if thing == UNKNOWN or (thing == FOREIGN and action.own) else "let in"


def _got(answer: httpx.Response, action: Action, wanted: str) -> str:
    if answer.status_code >= 500 and answer.status_code != 503:
        return "broke"
    to_the_door = answer.headers.get("location") == "/console/sign-in"
    if action.for_staff and to_the_door and "set-cookie" not in answer.headers:
        return "door"
    if wanted == "closed" and (answer.status_code >= 300 or not action.own):
        return "closed" if answer.status_code != 201 else "let in"
    match answer.status_code:
        case 401 | 403:
            return "refused"
        case 404:
            return "not found"
    return "let in"
