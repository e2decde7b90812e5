"""Search's console: what the copy and the index hold."""

from cri_shared.identity.guard import Permitted
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_search.queries.holdings import holdings
from cri_search.rig import InRig

router = APIRouter(include_in_schema=False)


@router.get("/console/holdings")
async def console(request: Request, rig: InRig, _staff: Permitted) -> HTMLResponse:
    """The numbers of the copy beside those of the index."""
    return render(request, "holdings.html", h=await holdings(rig))
