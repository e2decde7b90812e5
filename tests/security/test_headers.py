"""Every answer of every service carries the security headers, whatever it is an answer to.

The cases are made from the routes of the apps: a new one is looked at without a word here.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from cri_shared.events import SERVICES
from cri_shared.identity.staff import MEMBER, ROLES
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_shared.web.limits import MAX_BODY, MAX_DEPTH
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",  # the QR pictures of two pages
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SET = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=63072000",
}
NOT_THERE = ("x-powered-by", "server", "access-control-allow-origin")
HELD = {"lang": "en", "country": "AM", "code": "AM", "topic": "health"}
BY_HAND = (
    ("GET", "/"),
    ("GET", "/nowhere"),
    ("GET", "/en/nowhere"),
    ("GET", "/api/nowhere"),
    ("GET", "/static/cri_shared.web/x/../../app.py"),
    ("GET", "/static/cri_shared.web/x/nothing.css"),
    ("GET", "/static/cri_shared.web/x/cri.css"),
    ("DELETE", "/health/live"),
    ("OPTIONS", "/console"),
    ("GET", "/en/breaks"),
    ("GET", "/api/breaks"),
    ("POST", "/en/takes"),
    ("POST", "/api/takes"),
)
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|<iframe|<object|<embed|<base|\sstyle=|<[^>]*\son\w+=", re.I
)


def made(service: str, directory: Path) -> FastAPI:
    """A service with routes that break and that take anything."""
    settings = settings_for(
        import_module(f"cri_{service}.settings").Settings,
        directory,
        one_person_desk_and_research=True,
    )
    app: FastAPI = import_module(f"cri_{service}.app").create_app(settings)

    async def breaks() -> None:
        raise RuntimeError("words that nobody may read")

    async def takes(body: list[list[int]]) -> None:
        raise AssertionError(len(body))

    for place in ("/en", "/api"):
        app.add_api_route(f"{place}/breaks", breaks, methods=["GET"])
        app.add_api_route(f"{place}/takes", takes, methods=["POST"])
    return app


def cases(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, address) of every route."""
    for route in iter_route_contexts(app.routes):
        path = re.sub(r"{(\w+)(:\w+)?}", lambda m: HELD.get(m[1], "0" * 32), route.path or "")
        for method in sorted(getattr(route.original_route, "methods", None) or ()):
            yield method, path
    yield from BY_HAND


def policy_of(answer: httpx.Response) -> dict[str, str]:
    rules = answer.headers["content-security-policy"].split(";")
    named = (rule.strip().partition(" ") for rule in rules)
    return {name: value for name, _, value in named}


def check(answer: httpx.Response, form_targets: tuple[str, ...]) -> None:
    """Every header is there, once; nothing is inline; cookies and caching are strict."""
    assert policy_of(answer) == POLICY | {"form-action": " ".join(("'self'", *form_targets))}
    for name, value in SET.items():
        assert answer.headers.get_list(name) == [value], name
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in answer.headers["permissions-policy"]
    assert [name for name in NOT_THERE if name in answer.headers] == []
    assert answer.headers["cache-control"]
    if answer.status_code >= 400 and answer.status_code not in (404, 410):
        assert "no-store" in answer.headers["cache-control"]
    for cookie in answer.headers.get_list("set-cookie"):
        assert "samesite=" in cookie.lower()
        assert "httponly" in cookie.lower() or "max-age=0" in cookie.lower()
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert not INLINE.findall(answer.text)
    assert "words that nobody may read" not in answer.text


def targets(app: FastAPI, path: str) -> tuple[str, ...]:
    """Where forms may lead beside the page's own origin: from a console also to the others."""
    consoles = app.state.consoles if path.startswith("/console") else ()
    return (*app.state.form_targets, *consoles)


async def visit(app: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path in cases(app):
        answer = await client.request(method, path)
        try:
            check(answer, targets(app, path))
        except (AssertionError, KeyError) as wrong:
            raise AssertionError(f"{method} {path} ({answer.status_code}): {wrong}") from wrong


async def go_beyond(app: FastAPI, client: httpx.AsyncClient) -> None:
    beyond = {b"[" * (MAX_DEPTH + 1): 422, b"[" * 500_000: 422, b" " * (MAX_BODY + 1): 413}
    for place in ("/en/takes", "/api/takes"):
        for body, status in beyond.items():
            told = {"Content-Type": "application/json"}
            answer = await client.post(place, content=body, headers=told)
            assert answer.status_code == status
            check(answer, app.state.form_targets)
            assert "What you sent" in answer.text


@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_to_nobody_and_to_somebody_who_may_do_all(
    service: str, tmp_path: Path
) -> None:
    app = made(service, tmp_path)
    async with running(app) as client:
        assert len(list(cases(app))) > 40
        await visit(app, client)
        await go_beyond(app, client)
        await sign_in(client, app, *(ROLES.keys() - {MEMBER}))
        await visit(app, client)
