"""The list of entries by what is to be done with them."""

from typing import Annotated

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.web.pages import render
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from cri_publishing.console.doors import NO_STORE, address
from cri_publishing.models import Entry, Question, Version
from cri_publishing.queries import lists, pages
from cri_publishing.queries.sieve import Sieve
from cri_publishing.rig import InRig, Rig

router = APIRouter(prefix="/console/entries", include_in_schema=False)
SHEET = Sheet(
    *(Entry.entry_id, Entry.slug, Entry.status, Version.number, Version.state),
    *(Version.country, Version.topics, Version.language, Version.sensitivity),
    *(Entry.information_date, Entry.review_by, Entry.published_on),
    *(Version.started_at, Version.embargo_until, Version.saved_by, Version.approved_by),
)
WITHHELD = Sheet(
    *(Question.research_id, Question.country, Question.topics),
    *(Question.reason, Question.approved_on, Question.delivered_on),
)


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


@router.get(".csv")
async def entries_along(
    request: Request,
    rig: InRig,
    staff: Permitted,
    view: str = "draft",
    country: Annotated[str, Query(max_length=2)] = "",
    topic: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """A whole view for a spreadsheet, without any text."""
    view = view if view in lists.VIEWS else "draft"
    sheet = WITHHELD if view == "withheld" else SHEET
    async with rig.service.database.reading() as session:
        return await sheet.answer(request, session, lists.rows_of(view, Sieve(country, topic)))


async def _found(rig: Rig, typed: str) -> str | None:
    """The id of the entry with this address, slug or number."""
    async with rig.service.database.reading() as session:
        try:
            return (await pages.entry_of(session, pages.name_in(typed))).entry_id
        except NotFound:
            return None
