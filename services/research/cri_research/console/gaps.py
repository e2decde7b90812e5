"""The backlog of gaps: what to look for next."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES
from cri_shared.privacy.classes import C1
from cri_shared.web.pages import render
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_research.queries.gaps import gaps
from cri_research.rig import InRig
from cri_research.rules.gaps import Gap

router = APIRouter(prefix="/console/gaps", include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """A gap as a spreadsheet reads it."""

    country: Annotated[str, C1]
    topic: Annotated[str, C1]
    searches: Annotated[int, C1]
    questions: Annotated[int, C1]
    people: Annotated[int, C1]
    cover: Annotated[str, C1]
    answers: Annotated[int, C1]
    newest: Annotated[dt.date | None, C1]
    points: Annotated[int, C1]

    @classmethod
    def of(cls, gap: Gap) -> "Line":
        """The line of a gap."""
        asked = (gap.country, gap.topic, gap.searches, gap.questions, gap.people)
        return cls(*asked, gap.cover, gap.answers, gap.newest, gap.weight)


LINES = Lines(Line)


@router.get("")
async def overview(
    request: Request, staff: Permitted, rig: InRig, country: str = ""
) -> HTMLResponse:
    """Countries and topics, the widest gap first."""
    country = country if country in COUNTRIES else ""
    async with rig.service.database.reading() as session:
        found = await gaps(session, country)
    return render(request, "gaps.html", gaps=found, chosen=country)


@router.get(".csv")
async def along(request: Request, staff: Permitted, rig: InRig, country: str = "") -> Response:
    """The same list for a spreadsheet."""
    async with rig.service.database.reading() as session:
        found = await gaps(session, country if country in COUNTRIES else "")
    return LINES.answer(request, map(Line.of, found))
