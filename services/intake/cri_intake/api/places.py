"""What a question may be about, for those who fill in their own forms."""

from typing import Any

from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.web.caching import cacheable
from cri_shared.web.openapi import api_router
from fastapi import Request
from fastapi.responses import JSONResponse, Response

from cri_intake.api.shapes import CountryOut, TopicOut

router = api_router()
FRESH_SECONDS, STALE_SECONDS = 300, 86_400  # they change with a release


@router.get("/countries", response_model=list[CountryOut])
async def countries(request: Request) -> Response:
    """The countries a question may be about."""
    return _kept(
        request,
        [{"code": c.code, "names": c.names, "languages": c.languages} for c in COUNTRIES.values()],
    )


@router.get("/topics", response_model=list[TopicOut])
async def topics(request: Request) -> Response:
    """The topics, with the group each belongs to."""
    return _kept(
        request,
        [
            {"code": t.code, "group": t.parent, "names": t.names}
            for t in (*GROUPS.values(), *TOPICS.values())
        ],
    )


def _kept(request: Request, told: list[dict[str, Any]]) -> Response:
    return cacheable(request, JSONResponse(told), seconds=FRESH_SECONDS, stale=STALE_SECONDS)
