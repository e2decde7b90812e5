"""Statistics of the helpdesk: pictures, their tables, and the same numbers for a spreadsheet."""

import datetime as dt

from cri_shared.identity.guard import Permitted
from cri_shared.spreadsheet import BYTE_ORDER_MARK, row
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.queries import statistics
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/statistics")
async def statistics_page(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Twelve months in counts."""
    async with rig.service.database.reading() as session:
        found = await statistics.statistics(session)
    return render(request, "statistics.html", found=found, day=dt.date.fromisoformat)


@router.get("/statistics.csv")
async def statistics_file(request: Request, staff: Permitted, rig: InRig) -> Response:
    """The numbers of the page, and nothing that is not on it."""
    async with rig.service.database.reading() as session:
        found = await statistics.statistics(session)
    lines = [row(line) for line in (("measure", "code", "number"), *statistics.lines(found))]
    headers = {"Content-Disposition": 'attachment; filename="helpdesk-statistics.csv"'}
    body = BYTE_ORDER_MARK + "".join(lines)
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)
