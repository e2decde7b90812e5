"""The desk's figures, for those who answer for it: counts by month, never a word of a text."""

import datetime as dt

from cri_shared.identity.guard import Permitted
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_intake.queries import figures
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/figures")
async def figures_page(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """How much of what tells who asks the machine saw, and what officers said of it."""
    async with rig.service.database.reading() as session:
        months = await figures.months(session)
        helped = await figures.helped(session)
    return render(request, "figures.html", months=months, helped=helped, day=dt.date.fromisoformat)
