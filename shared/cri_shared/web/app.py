"""The app factory: the same doors, headers, failures and health for every service."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from cri_shared.events import SERVICES
from cri_shared.identity import doors, proving
from cri_shared.identity.cookies import NewTokens
from cri_shared.identity.guard import Check, nobodys
from cri_shared.identity.policy import SHARED, Policy, doors_of
from cri_shared.identity.provider import Provider
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.service import Service
from cri_shared.trail.words import SHARED_WORDS
from cri_shared.web import audit, contracts, events, failures, health, keeping
from cri_shared.web.forms import FormTokens
from cri_shared.web.headers import SecurityHeaders
from cri_shared.web.i18n import Dictionary
from cri_shared.web.lanes import Lanes
from cri_shared.web.limits import RequestLimits
from cri_shared.web.openapi import DescribedApp
from cri_shared.web.opening import Closed, Hook, Opening
from cri_shared.web.pages import asset_url, preferred_language

# FastAPI's own would tell any collector in the environment addresses, and what failed in words.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
_OURS: Mapping[str, Any] = {  # what FastAPI is told the same of in every service
    "openapi_url": None,  # a route of ours, that says how long the document may be kept
    "docs_url": None,
    "redoc_url": None,
    "telemetry": NO_TELEMETRY,
}


def web_app(
    service: Service,
    rig: Any,
    *,
    package: str,
    routers: Sequence[APIRouter],
    policy: Policy = SHARED,
    must_be_theirs: Check = nobodys,
    nav: Sequence[tuple[str, str]] = (),
    on_start: Sequence[Hook] = (),
    on_stop: Sequence[Hook] = (),
    form_targets: tuple[str, ...] = (),
    languages: Mapping[str, str] = INTERFACE_LANGUAGES,
    compress: bool = False,
    needs: Mapping[str, health.Check] | None = None,
    helps: Mapping[str, health.Check] | None = None,
    about_api: str = "",
    audit_words: Mapping[str, str] = SHARED_WORDS,
) -> FastAPI:
    """The web app of one service, with its parts in `app.state.service` and `app.state.rig`.

    A process in the role of a worker answers for its health only. `policy` says who may do what,
    `must_be_theirs` refuses what is not a person's own work, `nav` has the pages of the console's
    menu. `languages` are those of the pages for everybody.
    `compress` is for services whose pages hold no secret, whoever asks.
    `needs` and `helps` are checks of parts without which the service cannot work, or not as well.
    `about_api` says to the developers who use the API what holds for all of it, `audit_words` to
    auditors what actions of the service are called.
    """
    settings = service.settings
    opening = Opening([service.announce, *on_start], service.start)
    watch = health.Watch(service, opening, needs=needs or {}, helps=helps or {})
    closing = [opening.close, watch.close, service.stop, *on_stop]
    app = _HeadedApp(
        title=f"CRI {settings.service}",
        version="1",
        description=about_api,
        servers=[{"url": settings.public_url}],
        lifespan=_life(opening.begin, closing),
        **_OURS,
    )
    app.state.service, app.state.rig, app.state.form_targets = service, rig, form_targets
    app.state.consoles = tuple(settings.origin_of(name) for name in SERVICES)
    app.state.languages = languages
    app.state.policy, app.state.must_be_theirs = policy, must_be_theirs
    app.state.nav = [*nav, events.NAV, keeping.NAV, audit.NAV, doors.NAV]
    app.state.audit_words = {**SHARED_WORDS, **audit_words}
    app.state.watch = watch
    _equip(app, service, package)
    _open(app, health.router)
    if settings.runs_web:
        _open_doors(app, package, routers)
    app.state.doors = doors_of(app)
    app.add_middleware(Closed, opening=opening)
    app.add_middleware(NewTokens, settings=settings)
    app.add_middleware(_Gzip, pages=compress)
    app.add_middleware(RequestLimits)
    return app


def _life(begin: Hook, closing: Sequence[Hook]) -> Callable[[FastAPI], Any]:
    """A process's life: it opens, or waits to; however it ends, all of `closing` is done."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as at_the_end:
            for hook in reversed(closing):
                at_the_end.push_async_callback(hook)
            await begin()
            yield

    return life


@lru_cache
def _dictionary(package: str) -> Dictionary:
    """A package's words and templates: read once, however many apps a process makes of it."""
    return Dictionary(package, partial(asset_url, package))


class _HeadedApp(DescribedApp):
    """An app of which every answer has the security headers, those of what failed included."""

    def build_middleware_stack(self) -> ASGIApp:
        inner = super().build_middleware_stack()
        return SecurityHeaders(inner, self.state.form_targets, self.state.consoles)


def _equip(app: FastAPI, service: Service, package: str) -> None:
    """What every page needs, whichever service it is of: words, forms, paces, kinds of failure."""
    app.state.provider = Provider.of(service.settings, service.ring)
    app.state.sayable = {}
    app.state.lanes = Lanes(service.settings.processes)
    app.state.form_tokens = FormTokens(service.ring.secret("forms"))
    app.state.dictionary = _dictionary(package)
    failures.install(app)
    app.add_exception_handler(proving.ProofNeeded, proving.ask)  # type: ignore[arg-type]


def _open_doors(app: FastAPI, package: str, routers: Sequence[APIRouter]) -> None:
    for owner in dict.fromkeys((package, "cri_shared.web")):
        if files(owner).joinpath("static").is_dir():
            static = _HashedFiles(packages=[(owner, "static")])
            app.mount(f"/static/{owner}", static, name=f"static-{owner}")
    # Routes are tried one after the other, and programs ask most: theirs are met first.
    first = [router for router in routers if router.prefix.startswith("/api/")]
    shared = (contracts.router, *doors.routers, events.router, keeping.router, audit.router)
    for router in (*first, *shared, *(each for each in routers if each not in first)):
        _open(app, router)
    if not any(getattr(route, "path", None) == "/" for route in app.routes):
        app.add_api_route("/", _home, methods=["GET"], include_in_schema=False)


def _open(app: FastAPI, router: APIRouter) -> None:
    """Take the routes of a router as they are: included, each would be built and matched twice."""
    app.router.routes.extend(router.routes)


async def _home(request: Request) -> RedirectResponse:
    """Only the bare address looks at Accept-Language; every other one names its language."""
    headers = {"Vary": "Accept-Language"}
    return RedirectResponse(f"/{preferred_language(request)}/", 302, headers=headers)


class _Gzip:
    """Compresses static files, and pages where that gives nothing away.

    The length of a compressed page tells a secret that stands beside a reflected word, to whoever
    can make the browser of the one with the secret ask. Who sends no cookie has none.
    """

    def __init__(self, app: ASGIApp, *, pages: bool) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=600)
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._compressed if self._pages or _is_anybodys(scope) else self._plain
        await app(scope, receive, send)


def _is_anybodys(scope: Scope) -> bool:
    if scope.get("path", "").startswith("/static/"):
        return True
    told = {name for name, _ in scope.get("headers", ())}
    return scope.get("method") == "GET" and told.isdisjoint({b"cookie", b"authorization"})


class _HashedFiles(StaticFiles):
    """Static files under a hash of their content: a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Any) -> Response:
        _, _, name = path.partition("/")
        response = await super().get_response(name, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
