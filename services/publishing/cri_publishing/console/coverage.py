"""Coverage: which country and topic has answers, how fresh they are, and how fast they come."""

import csv
import io
from typing import Annotated

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.web.pages import render, words_of
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.console.doors import NO_STORE
from cri_publishing.queries import coverage
from cri_publishing.rig import InRig

router = APIRouter(prefix="/console/coverage", include_in_schema=False)
Code = Annotated[str, Query(max_length=60)]


@router.get("")
async def page(
    request: Request, rig: InRig, staff: Permitted, country: Code = "", topic: Code = ""
) -> HTMLResponse:
    """The matrix of countries and topics; of one group of topics, or the topics of one country."""
    if (country and country not in COUNTRIES) or (topic and topic not in GROUPS):
        raise NotFound
    async with rig.service.database.reading() as session:
        found = await coverage.coverage(session)
        paces = [] if country or topic else await coverage.paces(session)
    words = words_of(request)
    return render(
        request,
        "coverage.html",
        found=found,
        paces=paces,
        chosen_country=country,
        chosen_topic=topic,
        columns=coverage.columns_of(topic),
        rows=sorted(found.countries, key=words.country),
        soon_days=coverage.SOON_DAYS,
        headers=NO_STORE,
    )


@router.get(".csv")
async def table(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Every country and topic with its counts, for a spreadsheet."""
    async with rig.service.database.reading() as session:
        found = await coverage.coverage(session)
    words, out = words_of(request), io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["country", "country_name", "topic", "topic_name", "fresh", "soon", "due", "oldest"]
    )
    for (country, topic), n in sorted(found.cells.items()):
        if topic in TOPICS:
            names = (country, words.country(country), topic, words.topic(topic))
            writer.writerow([*names, n.fresh, n.soon, n.due, n.oldest])
    kept = {"Content-Disposition": 'attachment; filename="coverage.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=NO_STORE | kept)
