"""What a question may be about, for those who fill in their own forms."""

from typing import Any

from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from fastapi import APIRouter

from cri_intake.api.shapes import CountryOut, TopicOut

router = APIRouter(prefix="/api/v1")


@router.get("/countries", response_model=list[CountryOut])
async def countries() -> list[dict[str, Any]]:
    """The countries a question may be about."""
    return [
        {"code": c.code, "names": c.names, "languages": c.languages} for c in COUNTRIES.values()
    ]


@router.get("/topics", response_model=list[TopicOut])
async def topics() -> list[dict[str, Any]]:
    """The topics, with the group each belongs to."""
    return [
        {"code": t.code, "group": t.parent, "names": t.names}
        for t in (*GROUPS.values(), *TOPICS.values())
    ]
