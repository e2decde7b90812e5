"""How requests fail: each refusal once as problem+json, once as a page, never with the input."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from cri_shared.db.trouble import is_busy
from cri_shared.errors import Busy, Invalid, Kind, NotFound, Refusal, Unavailable
from cri_shared.observe import log
from cri_shared.service import Service
from cri_shared.web.forms import MAX_FIELDS, SECRETS
from cri_shared.web.limits import BeyondLimits
from cri_shared.web.pages import AddressMoved, render, words_of
from cri_shared.words import N_

RETRY_SECONDS = 10
_HEADERS = {
    Kind.UNAUTHENTICATED: {"WWW-Authenticate": "Bearer"},
    Kind.UNAVAILABLE: {"Retry-After": str(RETRY_SECONDS)},
}
_NO_JSON = "This is not JSON."


def problem(
    status: int,
    slug: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An error of the API (RFC 9457): type slug, title, status, detail, errors by JSON pointer."""
    body = problem_body(status, slug, detail)
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, media_type="application/problem+json", headers=headers)


def problem_body(status: int, slug: str, detail: str) -> dict[str, Any]:
    """What such an error says where no field is named."""
    return {
        "type": slug,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }


def install(app: FastAPI) -> None:
    """Map every failure of the app's routes."""
    app.add_exception_handler(Refusal, refused)  # type: ignore[arg-type]
    app.add_exception_handler(AddressMoved, _moved)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _malformed)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(BeyondLimits, _beyond)  # type: ignore[arg-type]
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(TimeoutError, _database)  # a database that fell silent
    app.add_exception_handler(Exception, _unexpected)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/health", "/metrics"))


async def refused(request: Request, refusal: Refusal) -> Response:
    """What a refusal looks like to whoever asked, a program or a person; some are counted."""
    if refusal.counted:
        service: Service = request.app.state.service
        service.attempts.count(refusal.counted, refusal.about)
    if _is_api(request):
        errors = [{"pointer": f"/{k}", "message": v} for k, v in refusal.fields.items()]
        extra = _HEADERS.get(refusal.kind)
        return problem(refusal.status, refusal.slug, refusal.message, errors, extra)
    if refusal.kind is Kind.UNAUTHENTICATED and request.url.path.startswith("/console"):
        return RedirectResponse("/console/sign-in", 303)
    message = words_of(request).gettext(refusal.message)
    if refusal.kind is Kind.UNAVAILABLE:
        return await _away(request, message)
    lost = refusal.message == NotFound.message  # all others say themselves what to do
    return render(request, "failure.html", status=refusal.status, message=message, lost=lost)


async def _moved(_request: Request, moved: AddressMoved) -> Response:
    return RedirectResponse(moved.url, HTTPStatus.MOVED_PERMANENTLY)


async def _away(request: Request, message: str) -> Response:
    """A page that helps to try again: what was typed is on it, to be sent once more."""
    typed = await _typed(request) if request.method == "POST" else None
    headers = _HEADERS[Kind.UNAVAILABLE]
    return render(request, "away.html", status=503, message=message, typed=typed, headers=headers)


async def _typed(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a posted form, or None where one is a password: that is typed again."""
    try:
        form = await request.form(max_fields=MAX_FIELDS, max_files=0)
    except (HTTPException, RuntimeError):  # no form, or one that was read and not kept
        return None
    typed = [(name, str(value)) for name, value in form.multi_items()]
    return None if SECRETS.intersection(form) else typed


async def _malformed(request: Request, wrong: RequestValidationError) -> Response:
    if not _is_api(request):
        return await refused(request, NotFound())
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in error["loc"][1:]), "message": _why(error)}
        for error in wrong.errors()
    ]
    return problem(422, Invalid.slug, Invalid.message, errors)


def _why(error: dict[str, Any]) -> str:
    """What is wrong, without what was sent: messages of pydantic may quote the input's values."""
    if error["type"] == "json_invalid":
        return _NO_JSON
    return str(error["msg"]).removeprefix("Value error, ")


async def _http(request: Request, failure: HTTPException) -> Response:
    status = failure.status_code
    if status == HTTPStatus.NOT_FOUND:
        return await refused(request, NotFound())
    if _is_api(request) and status == HTTPStatus.BAD_REQUEST:  # a body that is no text at all
        return problem(422, Invalid.slug, Invalid.message, [{"pointer": "/", "message": _NO_JSON}])
    if _is_api(request):
        slug = HTTPStatus(status).phrase.lower().replace(" ", "-")
        return problem(status, slug, HTTPStatus(status).description or "", headers=failure.headers)
    message = words_of(request).gettext(Refusal.message)
    return render(request, "failure.html", status=status, message=message, lost=False)


async def _beyond(request: Request, beyond: BeyondLimits) -> Response:
    if _is_api(request):
        return problem(beyond.status, beyond.slug, beyond.words, headers=beyond.headers)
    message = words_of(request).gettext(beyond.words)
    return render(
        request,
        "failure.html",
        status=beyond.status,
        headers=dict(beyond.headers or {}),
        message=message,
        lost=False,
    )


async def _database(request: Request, failure: Exception) -> Response:
    refusal = Busy() if is_busy(failure) else Unavailable()
    log.error("web.database.failed", route=_route(request), error=type(failure).__name__)
    return await refused(request, refusal)


async def _unexpected(request: Request, failure: Exception) -> Response:
    log.error("web.request.failed", route=_route(request), error=type(failure).__name__)
    if _is_api(request):
        return problem(500, "internal", "Something went wrong on our side.")
    message = words_of(request).gettext(N_("Something went wrong on our side. Try again later."))
    return render(request, "failure.html", status=500, message=message, lost=False)


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "path", "unknown")
