"""Obstacles in counts: by quarter, by what people do, by edition; never fewer than five."""

import datetime as dt

from cri_shared.identity.guard import Permitted
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_training.queries.obstacles import counted
from cri_training.rig import InRig
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.reports import ALL

router = APIRouter(prefix="/console/obstacles", include_in_schema=False)


@router.get("")
async def obstacles(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """How many people spoke of each obstacle."""
    async with rig.service.database.reading() as session:
        found = await counted(session, rig)
    return render(
        request,
        "obstacles.html",
        found=found,
        everybody=ALL,
        fewest=FEWEST,
        day=dt.date.fromisoformat,
    )
