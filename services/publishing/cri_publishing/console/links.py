"""What entries cite on the web: what is gone, what changed, and what editors say of it."""

from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import links as actions
from cri_publishing.console.doors import NO_STORE
from cri_publishing.models import Link
from cri_publishing.queries import links
from cri_publishing.rig import InRig

router = APIRouter(prefix="/console/links", include_in_schema=False)
SHEET = Sheet(
    *(Link.url, Link.state, Link.status, Link.trouble, Link.looked_at, Link.failures),
    *(Link.snapshot_on, Link.known_on, Link.entry_id, Link.listing_id),
)


@router.get("")
async def overview(
    request: Request,
    rig: InRig,
    staff: Permitted,
    view: str = "gone",
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> HTMLResponse:
    """One view of the links, with the counts of all."""
    view = view if view in links.VIEWS else "gone"
    async with rig.service.database.reading() as session:
        counts = await links.counts(session)
        visits = await links.visits(session, counts)
        rows, following = await links.page_of(session, view, after)
    return render(
        request,
        "links.html",
        view=view,
        views=links.VIEWS,
        counts=counts,
        visits=visits,
        rows=rows,
        following=following,
        days=rig.settings.link_days,
        headers=NO_STORE,
    )


@router.get(".csv")
async def links_along(
    request: Request, rig: InRig, staff: Permitted, view: str = "gone"
) -> Response:
    """A whole view for a spreadsheet."""
    async with rig.service.database.reading() as session:
        rows = links.rows_of(view if view in links.VIEWS else "gone")
        return await SHEET.answer(request, session, rows)


@router.post("/{link_id}/again")
async def again(request: Request, link_id: str, rig: InRig, staff: Permitted) -> Response:
    """Look at an address once more, soon."""
    async with rig.service.database.writing() as work:
        await actions.look_again(work, link_id)
    return see_other(request, "/console/links", N_("It is looked at again within a minute."))


@router.post("/{link_id}/seen")
async def seen(request: Request, link_id: str, rig: InRig, staff: Permitted) -> Response:
    """Leave it as it stands now."""
    async with rig.service.database.writing() as work:
        await actions.leave_so(work, link_id, staff)
    return see_other(request, "/console/links", N_("Noted. It comes back when it changes again."))
