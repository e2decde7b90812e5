"""The contracts that a service is bound by, for everybody to read: `/api/asyncapi.json`."""

from fastapi import APIRouter, Request, Response

from cri_shared.events import asyncapi
from cri_shared.service import Service
from cri_shared.web.caching import cacheable

router = APIRouter(include_in_schema=False)
FRESH_SECONDS, STALE_SECONDS = 300, 86_400


@router.get("/api/asyncapi.json")
async def events(request: Request) -> Response:
    """Which events this service publishes and hears, as an AsyncAPI 3.0 document."""
    service: Service = request.app.state.service
    body = asyncapi.as_json(service.settings.service)
    response = Response(body, media_type="application/json")
    return cacheable(request, response, seconds=FRESH_SECONDS, stale=STALE_SECONDS)
