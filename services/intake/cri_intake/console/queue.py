"""The queue: every open question, needed first, and those that are done."""

from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, TOPICS
from cri_shared.web.pages import render
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from cri_intake.queries import queue
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/questions")
async def queue_page(
    request: Request,
    staff: Permitted,
    rig: InRig,
    view: str = "open",
    country: str = "",
    topic: str = "",
    after: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """One view of the queue; every state of it is an address."""
    view = view if view in queue.VIEWS else "open"
    filters = queue.Filters(
        country if country in COUNTRIES else None, topic if topic in TOPICS else None
    )
    async with rig.service.database.reading() as session:
        counts = await queue.counts(session, staff, filters)
        rows, following = await queue.page_of(session, staff, view, filters, after)
    shown = [v for v in queue.VIEWS if v not in ("second", "held") or counts[v] or v == view]
    return render(
        request,
        "queue.html",
        view=view,
        views=shown,
        counts=counts,
        rows=rows,
        filters=filters,
        following=following,
        later=after is not None,
    )
