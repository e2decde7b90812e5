"""The list of entries by what is to be done with them."""

from typing import Annotated

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.web.pages import render
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from cri_publishing.console.doors import NO_STORE, address
from cri_publishing.models import Question
from cri_publishing.queries import lists, pages
from cri_publishing.queries.sieve import Sieve
from cri_publishing.rig import InRig, Rig

router = APIRouter(prefix="/console/entries", include_in_schema=False)


@router.get("")
async def entries(
    request: Request,
    rig: InRig,
    staff: Permitted,
    view: str = "draft",
    find: Annotated[str, Query(max_length=300)] = "",
    after: Annotated[str | None, Query(max_length=64)] = None,
    country: Annotated[str, Query(max_length=2)] = "",
    topic: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """One view with the counts of all, or the entry whose address or number was typed."""
    found = await _found(rig, find) if find.strip() else None
    if found is not None:
        return RedirectResponse(address(found), 303)
    if view not in lists.VIEWS:
        view = "draft"
    sieve = Sieve(country, topic)
    async with rig.service.database.reading() as session:
        counts = await lists.counts(session, sieve)
        rows: list[lists.Row] = []
        questions: list[Question] = []
        if view == "withheld":
            questions, following = await lists.withheld(session, after, sieve)
        else:
            rows, following = await lists.page_of(session, rig, view, after, sieve)
    return render(
        request,
        "entries.html",
        view=view,
        views=lists.VIEWS,
        counts=counts,
        rows=rows,
        questions=questions,
        following=following,
        find=find,
        sieve=sieve,
        headers=NO_STORE,
    )


async def _found(rig: Rig, typed: str) -> str | None:
    """The id of the entry with this address, slug or number."""
    async with rig.service.database.reading() as session:
        try:
            return (await pages.entry_of(session, pages.name_in(typed))).entry_id
        except NotFound:
            return None
