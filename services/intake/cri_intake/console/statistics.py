"""Statistics of the helpdesk: pictures, their tables, and the same numbers for a spreadsheet."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.pages import render
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.queries import statistics
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """One number of the page; `<5` for too few."""

    measure: Annotated[str, C1]
    code: Annotated[str, C1]
    number: Annotated[int | str, C1]


LINES = Lines(Line)


@router.get("/statistics")
async def statistics_page(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Twelve months in counts."""
    async with rig.service.database.snapshot() as session:
        found = await statistics.statistics(session)
    return render(request, "statistics.html", found=found, day=dt.date.fromisoformat)


@router.get("/statistics.csv")
async def statistics_file(request: Request, staff: Permitted, rig: InRig) -> Response:
    """The numbers of the page, and nothing that is not on it."""
    async with rig.service.database.snapshot() as session:
        found = await statistics.statistics(session)
    return LINES.answer(request, (Line(*told) for told in statistics.lines(found)))
