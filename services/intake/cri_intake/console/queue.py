"""The queue: every open question, needed first, and those that are done."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES, LANGUAGES, TOPICS
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_intake.actions.assigning import assign_questions
from cri_intake.queries import queue
from cri_intake.queries.officers import officers
from cri_intake.rig import InRig, Rig
from cri_intake.rules import CHANNELS, URGENCIES

router = APIRouter(prefix="/console", include_in_schema=False)
ONESELF = "me"


class AssignForm(FormModel):
    """Which questions, and whose they become: `me`, `nobody`, or the id of an officer."""

    chosen: Annotated[list[str], Field(min_length=1, max_length=queue.PAGE), C1]
    to: Annotated[str, Field(max_length=32), C1]
    messages = {  # noqa: RUF012
        "chosen": N_("Tick at least one question"),
        "to": N_("Choose an officer"),
    }


@dataclass(frozen=True)
class Listing:
    """What the address asks for: a view, what narrows it down, and after which question."""

    view: str
    filters: queue.Filters
    after: str | None

    def address(self, view: str | None = None, *, without: str = "") -> str:
        """The address of the first page of this view, or another, without one of the filters."""
        chosen = {k: v for k, v in self.filters.chosen.items() if k != without}
        return "/console/questions?" + urlencode({"view": view or self.view} | chosen)

    @property
    def query(self) -> str:
        """What names this page in an address."""
        page = {"after": self.after} if self.after else {}
        return urlencode({"view": self.view} | self.filters.chosen | page)


def _listing(
    view: str = "open",
    country: str = "",
    topic: str = "",
    officer: Annotated[str, Query(max_length=32)] = "",
    urgency: str = "",
    channel: str = "",
    language: str = "",
    after: Annotated[str | None, Query()] = None,
) -> Listing:
    filters = queue.Filters(
        country if country in COUNTRIES else None,
        topic if topic in TOPICS else None,
        officer or None,
        urgency if urgency in URGENCIES else None,
        channel if channel in CHANNELS else None,
        language if language in LANGUAGES else None,
    )
    return Listing(view if view in queue.VIEWS else "open", filters, after)


Listed = Annotated[Listing, Depends(_listing)]


@router.get("/questions")
async def queue_page(request: Request, staff: Permitted, rig: InRig, listing: Listed) -> Response:
    """One view of the queue; every state of it is an address."""
    return await _show(request, rig, staff, listing)


@router.post("/questions/assign")
async def assign(request: Request, staff: Permitted, rig: InRig, listing: Listed) -> Response:
    """Give the ticked questions to an officer; the page behind is the one that was left."""
    form = await read_form(request, AssignForm)
    to = None
    if form.data is not None and form.data.to != queue.NOBODY:
        wanted = staff.staff_id if form.data.to == ONESELF else form.data.to
        to = next((one for one in await officers(rig) if one.staff_id == wanted), None)
        if to is None:
            form.refuse("to", N_("Choose an officer"))
    if form.data is None or form.errors:
        return await _show(request, rig, staff, listing, form)
    async with rig.service.database.writing() as work:
        await assign_questions(work, form.data.chosen, to, by=staff)
    said = N_("The questions that you ticked are with the officer now.")
    if to is None:
        said = N_("The questions that you ticked are with nobody now.")
    return see_other(request, f"/console/questions?{listing.query}", said)


async def _show(
    request: Request, rig: Rig, staff: Staff, listing: Listing, form: Submitted[Any] | None = None
) -> HTMLResponse:
    view, filters = listing.view, listing.filters
    async with rig.service.database.reading() as session:
        counts = await queue.counts(session, staff, filters)
        rows, following = await queue.page_of(session, staff, view, filters, listing.after)
    shown = [
        v for v in queue.VIEWS if v not in ("danger", "second", "held") or counts[v] or v == view
    ]
    return render(
        request,
        "queue.html",
        status=422 if form and form.errors else 200,
        listing=listing,
        view=view,
        views=shown,
        counts=counts,
        rows=rows,
        filters=filters,
        following=replace(listing, after=following).query if following else None,
        later=listing.after is not None,
        officers=await officers(rig),
        language_tags=LANGUAGES,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )
