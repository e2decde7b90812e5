"""The queue: every open question, needed first, and those that are done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import LANGUAGES
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions.assigning import assign_questions
from cri_intake.actions.views import come_to_view
from cri_intake.models import SavedView
from cri_intake.queries import queue
from cri_intake.queries.officers import officers
from cri_intake.queries.views import views_of
from cri_intake.rig import InRig, Rig

router = APIRouter(prefix="/console", include_in_schema=False)
HERE = "/console/questions"
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
    after: str | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Listing":
        """What the query of an address asks for; what is none of ours is left out."""
        view = asked.get("view", "open")
        shown = view if view in queue.VIEWS else "open"
        return cls(shown, queue.Filters.read(asked), asked.get("after") or None)

    def address(self, view: str | None = None, *, without: str = "") -> str:
        """The address of the first page of this view, or another, without one of the filters."""
        chosen = {k: v for k, v in self.filters.chosen.items() if k != without}
        return f"{HERE}?" + urlencode({"view": view or self.view} | chosen)

    @property
    def saved(self) -> str:
        """What an officer can save of it: the query of its first page."""
        return self.address().partition("?")[2]

    @property
    def query(self) -> str:
        """What names this page in an address."""
        page = {"after": self.after} if self.after else {}
        return urlencode({"view": self.view} | self.filters.chosen | page)


def _listing(request: Request) -> Listing:
    return Listing.read(request.query_params)


Listed = Annotated[Listing, Depends(_listing)]


@router.get("/questions")
async def queue_page(request: Request, staff: Permitted, rig: InRig, listing: Listed) -> Response:
    """One view of the queue; every state of it is an address."""
    return await show(request, rig, staff, listing)


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
        return await show(request, rig, staff, listing, form)
    async with rig.service.database.writing() as work:
        await assign_questions(work, form.data.chosen, to, by=staff)
    said = N_("The questions that you ticked are with the officer now.")
    if to is None:
        said = N_("The questions that you ticked are with nobody now.")
    return see_other(request, f"{HERE}?{listing.query}", said)


@dataclass(frozen=True)
class OwnView:
    """A view that the officer saved, and how many questions it holds; None where nobody counts."""

    view: SavedView
    count: int | None


async def _own_views(session: AsyncSession, staff: Staff) -> list[OwnView]:
    saved = await views_of(session, staff)
    listings = [Listing.read(dict(parse_qsl(one.address))) for one in saved]
    asked = [(one.view, one.filters) for one in listings]
    counted = [one for one in asked if one[0] != "done"]
    counts = dict(zip(counted, await queue.counts_of(session, staff, counted), strict=True))
    return [OwnView(one, counts.get(what)) for one, what in zip(saved, asked, strict=True)]


async def show(
    request: Request, rig: Rig, staff: Staff, listing: Listing, form: Submitted[Any] | None = None
) -> HTMLResponse:
    """The queue, with what is wrong with a form of it."""
    view, filters = listing.view, listing.filters
    async with rig.service.database.reading() as session:
        counts = await queue.counts(session, staff, filters)
        own = await _own_views(session, staff)
        rows, following = await queue.page_of(session, staff, view, filters, listing.after)
    here = next((one.view for one in own if one.view.address == listing.saved), None)
    if here is not None:
        await come_to_view(rig, here)
    return render(
        request,
        "queue.html",
        status=422 if form and form.errors else 200,
        listing=listing,
        view=view,
        views=[v for v in queue.VIEWS if v not in queue.RARE or counts[v] or v == view],
        counts=counts,
        most=queue.MOST,
        own=own,
        saved=here,
        rows=rows,
        filters=filters,
        following=replace(listing, after=following).query if following else None,
        later=listing.after is not None,
        officers=await officers(rig),
        language_tags=LANGUAGES,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )
