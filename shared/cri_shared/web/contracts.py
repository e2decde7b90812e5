"""The contracts that a service is bound by, for everybody to read: its API and its events."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from markupsafe import Markup, escape

from cri_shared.events import asyncapi
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.service import Service
from cri_shared.web.caching import cacheable
from cri_shared.web.pages import preferred_language, render
from cri_shared.web.reference import operations, problem_rows

router = APIRouter(include_in_schema=False)
FRESH_SECONDS, STALE_SECONDS = 300, 86_400


@router.get("/api/openapi.json")
async def calls(request: Request) -> Response:
    """What programs may ask of this service, as an OpenAPI 3.1 document."""
    return _kept(request, JSONResponse(request.app.openapi()))


@router.get("/api/asyncapi.json")
async def events(request: Request) -> Response:
    """Which events this service publishes and hears, as an AsyncAPI 3.0 document."""
    service: Service = request.app.state.service
    body = asyncapi.as_json(service.settings.service)
    return _kept(request, Response(body, media_type="application/json"))


@router.get("/api/docs")
async def reference(request: Request, lang: Annotated[str, Query()] = "") -> Response:
    """What programs may ask of this service, to be read; made from its OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    service: Service = request.app.state.service
    page = render(
        request,
        "api.html",
        lang=lang if lang in INTERFACE_LANGUAGES else preferred_language(request),
        headers={"Vary": "Accept-Language"},
        about=document["info"].get("description", ""),
        operations=operations(document, service.settings.public_url),
        problem=problem_rows(document) if document["paths"] else [],
        prose=_prose,
    )
    return _kept(request, page)


def _kept(request: Request, response: Response) -> Response:
    return cacheable(request, response, seconds=FRESH_SECONDS, stale=STALE_SECONDS)


def _prose(text: str) -> Markup:
    """Paragraphs, with `code` as code."""
    paragraphs = (re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(p))) for p in _split(text))
    return Markup("").join(Markup(f"<p>{paragraph}</p>") for paragraph in paragraphs)


def _split(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n") if paragraph]
