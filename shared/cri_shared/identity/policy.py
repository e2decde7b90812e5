"""Who may do what: each action of a service, the roles that have it, and the routes that do it.

One table per service, in its `policy` module. A route that no table names is open to nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from cri_shared.identity.staff import ROLES

# People who have no account: what they may do hangs on a number, a link or a key that they hold.
ANYBODY, ASKER, ORGANISATION, PARTNER = "anybody", "asker", "organisation", "partner"
STAFF = "staff"  # whoever is signed in
KNOWN = frozenset({ANYBODY, ASKER, ORGANISATION, PARTNER, STAFF, *ROLES})


@dataclass(frozen=True)
class Action:
    """What `roles` may do at the routes `at` (method and path, such as `GET /console`).

    `own`: only with what is theirs or was given to them; anything else is not found. `proved`: only
    for who showed within ten minutes who they are.
    """

    roles: frozenset[str]
    at: tuple[str, ...]
    own: bool = False
    proved: bool = False

    def __post_init__(self) -> None:
        if unknown := self.roles - KNOWN:
            raise ValueError(f"unknown roles: {', '.join(sorted(unknown))}")

    @property
    def for_staff(self) -> bool:
        """Whether it takes an account."""
        return self.roles <= {STAFF, *ROLES}

    def opens_for(self, role: str) -> bool:
        """Whether somebody without an account may do it, who holds what makes them this role."""
        return ANYBODY in self.roles or role in self.roles

    def open_to(self, held: Iterable[str]) -> bool:
        """Whether somebody signed in, with these roles, may do it."""
        return STAFF in self.roles or not self.roles.isdisjoint(held)


def may(*roles: str, at: Iterable[str], own: bool = False, proved: bool = False) -> Action:
    """These roles may do this at these routes."""
    return Action(frozenset(roles), tuple(at), own, proved)


@dataclass(frozen=True)
class Policy:
    """The table of a service: actions by their names."""

    actions: Mapping[str, Action]
    _by_route: dict[str, str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, action in self.actions.items():
            for route in action.at:
                if route in self._by_route:
                    raise ValueError(f"{route} has two actions, one of them {name}")
                self._by_route[route] = name

    def __or__(self, other: "Policy") -> "Policy":
        if twice := self.actions.keys() & other.actions.keys():
            raise ValueError(f"twice: {', '.join(sorted(twice))}")
        return Policy({**self.actions, **other.actions})

    @property
    def routes(self) -> frozenset[str]:
        """Every route of the table."""
        return frozenset(self._by_route)

    def action_at(self, route: str) -> Action | None:
        """What is done at a route, or None where the table does not name it."""
        return self.actions.get(self._by_route.get(route, ""))

    def name_at(self, route: str) -> str:
        """The name of what is done at a route of the table."""
        return self._by_route[route]

    def lets_in(self, path: str, held: Iterable[str]) -> bool:
        """Whether somebody with these roles may see a page; menus show no other."""
        action = self.action_at(f"GET {path}")
        return action is not None and action.open_to(held)


def routes_of(app: FastAPI) -> Iterator[tuple[str, Any]]:
    """(method and path, endpoint) of every route of an app that answers by itself."""
    for context in iter_route_contexts(app.routes):
        for method in sorted((context.methods or set()) - {"HEAD"}):
            yield f"{method} {context.path}", context.endpoint


def route_of(request: Request) -> str:
    """The route behind a request, as tables name it."""
    doors: dict[tuple[str, Any], str] = request.app.state.doors
    return doors.get((request.method, request.scope["endpoint"]), "")


def doors_of(app: FastAPI) -> dict[tuple[str, Any], str]:
    """The routes of an app by method and endpoint, which is what a request knows of its route."""
    return {(route.partition(" ")[0], endpoint): route for route, endpoint in routes_of(app)}


SHARED = Policy(
    {
        "health.ask": may(ANYBODY, at=["GET /health/live", "GET /health/ready", "GET /metrics"]),
        "contracts.read": may(
            ANYBODY,
            at=["GET /", "GET /api/openapi.json", "GET /api/asyncapi.json", "GET /api/docs"],
        ),
        "console.enter": may(
            ANYBODY,
            at=[
                "GET /console/sign-in",
                "POST /console/sign-in",
                "POST /console/sign-in/passkey",
                "GET /console/sign-in/provider",
                "GET /console/sign-in/provider/done",
                "POST /console/sign-out/provider",
                "GET /console/invited/{token}",
                "POST /console/invited/{token}",
                "GET /console/arrive",
            ],
        ),
        "account.keep": may(
            STAFF,
            at=[
                "GET /console",
                "GET /console/account",
                "POST /console/account/digest",
                "POST /console/account/language",
                "POST /console/account/sessions/end",
                "POST /console/go",
                "GET /console/prove/provider",
                "POST /console/account/sessions/end-others",
                "POST /console/sign-out",
            ],
        ),
        "account.passkeys": may(
            STAFF,
            at=["POST /console/account/passkeys", "POST /console/account/passkeys/remove"],
            proved=True,
        ),
        "account.password": may(
            STAFF,
            at=["GET /console/account/password", "POST /console/account/password"],
            proved=True,
        ),
        "account.prove": may(STAFF, at=["POST /console/prove"], proved=True),
        "audit.read": may("auditor", at=["GET /console/audit"]),
        "audit.check": may("auditor", at=["POST /console/audit/check"]),
        "audit.export": may("auditor", at=["POST /console/audit/export"], proved=True),
        "keeping.see": may("operator", "auditor", at=["GET /console/keeping"]),
        "keeping.hold": may(
            "operator",
            at=["POST /console/keeping/holds", "POST /console/keeping/holds/{hold_id}/lift"],
        ),
        "staff.see": may(
            "operator", "auditor", at=["GET /console/staff", "GET /console/staff.csv"]
        ),
        "staff.keep": may(
            "operator",
            at=[
                "POST /console/staff/invite",
                "POST /console/staff/roles",
                "POST /console/staff/shut-out",
                "POST /console/staff/recover",
            ],
            proved=True,
        ),
        "events.tend": may(
            "operator",
            at=[
                "GET /console/events",
                "GET /console/events/letters/{event_id:path}",
                "POST /console/events/retry",
                "POST /console/events/retry/{event_id:path}",
                "POST /console/events/drop/{event_id:path}",
            ],
        ),
    }
)
