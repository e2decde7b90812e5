"""The public API of contacts and programmes: those that fit some words, a country, a topic."""

from typing import Annotated, Any

from cri_shared.privacy.classes import C0
from cri_shared.web.openapi import api_router
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cri_search.api import Country, Topic, one_line
from cri_search.pages.keeping import keep
from cri_search.queries.fitting import MOST, fitting
from cri_search.rig import InRig
from cri_search.rules.asked import MAX_WORDS, READER, Asked
from cri_search.shapes import ListingOut, listed_out

router = api_router("public")
Several: Any = Field(default=[], max_length=20)


class ListingParameters(BaseModel):
    """What is looked for; country and topic may be repeated (any of them)."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        str,
        Field(min_length=1, max_length=MAX_WORDS, description="words, or the name of a place"),
        AfterValidator(one_line),
        C0,
    ]
    country: Annotated[
        list[Country], Field(description="ISO 3166-1, two letters; may be repeated"), C0
    ] = Several
    topic: Annotated[
        list[Topic], Field(description="a topic or a group of them; may be repeated"), C0
    ] = Several


class FittingOut(BaseModel):
    """The contacts and programmes that fit, best first; a short list, without pages."""

    query: Annotated[dict[str, Any], C0]
    total: Annotated[int, Field(description=f"at most {MOST}"), C0]
    listings: list[ListingOut]


@router.get("/listings", response_model=FittingOut)
async def search_listings(
    request: Request, rig: InRig, parameters: Annotated[ListingParameters, Query()]
) -> Response:
    """Search contacts and programmes; what was taken away is gone from here at once."""
    asked = Asked(q=parameters.q, country=tuple(parameters.country), topic=tuple(parameters.topic))
    found = await fitting(rig, asked, READER)
    told = FittingOut(
        query=parameters.model_dump(mode="json"),
        total=len(found),
        listings=[listed_out(rig, one) for one in found],
    )
    return keep(request, Response(told.model_dump_json(), media_type="application/json"))
