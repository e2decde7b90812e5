"""Coverage: which country and topic has answers, how fresh they are, and how fast they come."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.privacy.classes import C0
from cri_shared.web.i18n import Words
from cri_shared.web.pages import render, words_of
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.console.doors import NO_STORE
from cri_publishing.queries import coverage
from cri_publishing.rig import InRig
from cri_publishing.rules.life import SOON_DAYS

router = APIRouter(prefix="/console/coverage", include_in_schema=False)
Code = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True)
class Line:
    """A country and a topic as a spreadsheet reads them."""

    country: Annotated[str, C0]
    country_name: Annotated[str, C0]
    topic: Annotated[str, C0]
    topic_name: Annotated[str, C0]
    fresh: Annotated[int, C0]
    soon: Annotated[int, C0]
    due: Annotated[int, C0]
    oldest: Annotated[dt.date | None, C0]

    @classmethod
    def of(cls, words: Words, country: str, topic: str, n: coverage.Counts) -> "Line":
        """The line of a cell, with the names that its reader reads."""
        names = (country, words.country(country), topic, words.topic(topic))
        return cls(*names, n.fresh, n.soon, n.due, n.oldest)


@dataclass(frozen=True)
class PaceLine:
    """Texts of a month, and the days that half of them took at most."""

    month: Annotated[str, C0]
    new: Annotated[int, C0]
    days_new: Annotated[int | None, C0]
    renewed: Annotated[int, C0]
    days_renewed: Annotated[int | None, C0]

    @classmethod
    def of(cls, one: coverage.Pace) -> "PaceLine":
        """The line of a month."""
        new, renewed = (one.new, one.median_new), (one.renewed, one.median_renewed)
        return cls(f"{one.month:%Y-%m}", *new, *renewed)


LINES = Lines(Line)
PACES = Lines(PaceLine)


@router.get("")
async def page(
    request: Request, rig: InRig, staff: Permitted, country: Code = "", topic: Code = ""
) -> HTMLResponse:
    """The matrix of countries and topics; of one group of topics, or the topics of one country."""
    if (country and country not in COUNTRIES) or (topic and topic not in GROUPS):
        raise NotFound
    async with rig.service.database.reading() as session:
        columns = coverage.columns_of(topic)
        found = await coverage.coverage(session, country, TOPICS if country else [topic, *columns])
        paces = [] if country or topic else await coverage.paces(session)
    words = words_of(request)
    return render(
        request,
        "coverage.html",
        found=found,
        paces=paces,
        chosen_country=country,
        chosen_topic=topic,
        columns=columns,
        rows=sorted(found.countries, key=words.country),
        soon_days=SOON_DAYS,
        headers=NO_STORE,
    )


@router.get(".csv")
async def table(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Every country and topic with its counts, for a spreadsheet."""
    async with rig.service.database.reading() as session:
        found = await coverage.coverage(session)
    words, cells = words_of(request), sorted(found.cells.items())
    known = ((country, topic, n) for (country, topic), n in cells if topic in TOPICS)
    return LINES.answer(request, (Line.of(words, *cell) for cell in known))


@router.get("/paces.csv")
async def paces_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """How long texts took to their readers, month by month."""
    async with rig.service.database.reading() as session:
        found = await coverage.paces(session)
    return PACES.answer(request, map(PaceLine.of, found))
