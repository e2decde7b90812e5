"""The results of a search: a page, or only the part of it that changes."""

import datetime as dt

from cri_shared import clock
from cri_shared.index.port import SearchUnavailable
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_search.pages.keeping import page
from cri_search.queries import shelves
from cri_search.queries.fitting import fitting
from cri_search.queries.found import find
from cri_search.queries.listings import Listed
from cri_search.rig import InRig
from cri_search.rules.asked import Asked, asked_for, pages_around

router = APIRouter(include_in_schema=False)
PER_PAGE = 10
RETRY_SECONDS = "30"


@router.get("/{lang}/search")
async def search(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """What was found; `part=results` gives the list without the page around it."""
    parameters = request.query_params
    asked = asked_for({name: parameters.getlist(name) for name in parameters})
    fragment = parameters.get("part") == "results"
    listed = await fitting(rig, asked, lang) if asked.page == 1 else []
    try:
        results = await find(rig, asked, lang, per_page=PER_PAGE)
    except SearchUnavailable:
        return await _unavailable(request, lang, rig, asked, listed)
    if not results.total and not listed and not fragment:
        request.app.state.misses.count(asked)
    return page(
        request,
        "_results.html" if fragment else "search.html",
        lang=lang,
        r=results,
        fitting=listed,
        asked=results.asked,
        around=pages_around(results.asked.page, results.pages),
        since=_since(asked),
        fragment=fragment,
    )


def _since(asked: Asked) -> list[dt.date]:
    """The days since which an answer may be asked to have been checked."""
    today = clock.today()
    usual = [today - dt.timedelta(days=183), today - dt.timedelta(days=365)]
    return usual + [day for day in [asked.checked_since] if day and day not in usual]


async def _unavailable(
    request: Request, lang: str, rig: InRig, asked: Asked, listed: list[Listed]
) -> Response:
    """The engine is away: what the own copy finds by itself, and countries and topics."""
    async with rig.service.database.reading() as session:
        counts = await shelves.counts_by_group(session)
        by_country = await shelves.counts_by_country(session)
    return render(
        request,
        "unavailable.html",
        lang=lang,
        status=503,
        headers={"Retry-After": RETRY_SECONDS},
        asked=asked,
        counts=counts,
        by_country=by_country,
        fitting=listed,
    )
