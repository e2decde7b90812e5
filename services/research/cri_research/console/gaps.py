"""The backlog of gaps: what to look for next."""

from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_research.queries.gaps import gaps
from cri_research.rig import InRig

router = APIRouter(prefix="/console/gaps", include_in_schema=False)


@router.get("")
async def overview(
    request: Request, staff: Permitted, rig: InRig, country: str = ""
) -> HTMLResponse:
    """Countries and topics, the widest gap first."""
    country = country if country in COUNTRIES else ""
    async with rig.service.database.reading() as session:
        found = await gaps(session, country)
    return render(request, "gaps.html", gaps=found, chosen=country)
