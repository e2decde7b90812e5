"""The board, and one question with its partners beside each other."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from cri_shared import clock
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES
from cri_shared.privacy.classes import C1, C2
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, field_validator

from cri_research.actions import assignments, dispatch, review
from cri_research.console.doing import do
from cri_research.models import Assignment, Question
from cri_research.queries import board as queries
from cri_research.queries import suited, views
from cri_research.queries.desks import coordinators, desks
from cri_research.queries.filters import Filters
from cri_research.rig import InRig, Rig
from cri_research.rules.answers import KINDS
from cri_research.rules.deadlines import due_date

router = APIRouter(prefix="/console/questions", include_in_schema=False)
SHEET = Sheet(
    *(Question.research_id, Question.status, Question.country, Question.topics),
    *(Question.language, Question.urgency, Question.sensitivity, Question.entry_id),
    *(Question.received_at, Question.needed_by, Assignment.due_on),
    *(Question.approved_on, Question.delivered_on, Question.closed_why),
)


class DispatchForm(FormModel):
    """To whom, until when, and why this one; `replaces` names the assignment it takes over."""

    partner: Annotated[str, Field(max_length=32), C1]
    due_on: Annotated[dt.date | None, C1] = None
    reason: Annotated[str | None, Field(max_length=1000), C2] = None
    replaces: Annotated[str | None, Field(max_length=32), C1] = None
    messages = {"partner": N_("Choose a partner")}  # noqa: RUF012

    @field_validator("due_on")
    @classmethod
    def _is_ahead(cls, due_on: dt.date | None) -> dt.date | None:
        if due_on is not None and due_on <= clock.today():
            raise ValueError(N_("Choose a day that is still to come."))
        return due_on


class GiveUpForm(FormModel):
    """Why there will be no answer."""

    why: Annotated[Literal["no_partner", "refused", "expired"], C1]
    give_up_note: Annotated[str | None, Field(max_length=1000), C2] = None
    messages = {"why": N_("Choose why there is no answer")}  # noqa: RUF012


class DeskForm(FormModel):
    """What the desk must mend."""

    problem: Annotated[Literal["unsafe_text", "unclear"], C1]
    problem_note: Annotated[str | None, Field(max_length=1000), C2] = None
    messages = {"problem": N_("Choose what is wrong with the question")}  # noqa: RUF012


def _url(research_id: str) -> str:
    return f"/console/questions/{research_id}"


@dataclass(frozen=True)
class Chosen:
    """What the board shows, as its address says: a desk is mine, nobody, or a staff id."""

    view: str = "open"
    country: str = ""
    desk: str = ""
    kind: str = ""

    @property
    def known_view(self) -> str:
        """The view that was asked for, or the usual one."""
        return self.view if self.view in views.VIEWS else "open"

    def filters(self, whose: dict[str, str], staff: Staff) -> Filters:
        """The same for a query, by the desks of the countries."""
        of_desk = _countries_of(whose, staff.staff_id if self.desk == "mine" else self.desk)
        return Filters(self.country, of_desk, self.kind)


InAddress = Annotated[Chosen, Depends()]


@router.get("")
async def board(request: Request, staff: Permitted, rig: InRig, chosen: InAddress) -> HTMLResponse:
    """The questions of one view, of a country, a desk and a kind."""
    view = chosen.known_view
    async with rig.service.database.reading() as session:
        whose = await desks(session)
        found = await queries.board(session, rig, view, chosen.filters(whose, staff))
    colleagues = await coordinators(rig)
    names = {one.staff_id: one.name for one in colleagues}
    kept = {name: value for name, value in asdict(chosen).items() if value and name != "view"}
    return render(
        request,
        "board.html",
        board=found,
        most=views.MOST,
        view=view,
        chosen=asdict(chosen),
        kept=urlencode(kept),
        coordinators=colleagues,
        desk_names={code: names[who] for code, who in whose.items() if who in names},
        has_desk=staff.staff_id in whose.values(),
    )


@router.get(".csv")
async def board_along(
    request: Request, staff: Permitted, rig: InRig, chosen: InAddress
) -> Response:
    """A whole view for a spreadsheet: days and codes, no words and no partner."""
    async with rig.service.database.reading() as session:
        filters = chosen.filters(await desks(session), staff)
        rows = views.rows_of(chosen.known_view, filters)
        return await SHEET.answer(request, session, rows)


def _countries_of(whose: dict[str, str], desk: str) -> frozenset[str] | None:
    """The countries of a desk; None: all of them."""
    if desk == "nobody":
        return frozenset(COUNTRIES.keys() - whose.keys())
    return frozenset(code for code, who in whose.items() if who == desk) if desk else None


@router.get("/{research_id}")
async def question_page(
    request: Request, staff: Permitted, rig: InRig, research_id: str
) -> HTMLResponse:
    """One question: its course, its partners, what to do next."""
    return await page(request, rig, research_id)


async def page(
    request: Request,
    rig: Rig,
    research_id: str,
    form: Submitted[Any] | None = None,
    about: str = "",
) -> HTMLResponse:
    """The page of a question, with a form that came back where there is one.

    It was one about the assignment with the id `about`, or else about the question.
    """
    async with rig.service.database.reading() as session:
        file = await queries.file_of(session, rig, research_id)
        fitting, barred = await suited.suggestions(session, rig, file.question)
    q = file.question
    usual = due_date(clock.today(), q.urgency, q.country, q.needed_by)
    values = form.values if form else {}
    return render(
        request,
        "question.html",
        status=422 if form else 200,
        file=file,
        called=called(request),
        q=q,
        fitting=fitting,
        barred=barred,
        kinds=KINDS,
        about=about,
        v={"due_on": usual.isoformat(), **values},
        errors=form.errors if form else {},
    )


@router.post("/{research_id}/dispatch")
async def send(request: Request, staff: Permitted, rig: InRig, research_id: str) -> Response:
    """Send it to a partner."""
    form = await read_form(request, DispatchForm)
    data = form.data
    if data is not None and not await _follows_the_score(rig, research_id, data):
        form.refuse("reason", N_("Write why you choose this partner and not the first of the list"))
    if data is None or form.errors:
        return await page(request, rig, research_id, form)
    return await do(
        request,
        rig,
        _url(research_id),
        N_("The question is with the partner."),
        lambda work: dispatch.dispatch_question(
            work,
            rig,
            research_id,
            data.partner,
            by=staff,
            due_on=data.due_on,
            reason=data.reason,
            replaces=data.replaces,
        ),
    )


async def _follows_the_score(rig: Rig, research_id: str, data: DispatchForm) -> bool:
    """Whether the chosen partner is among the best, or a reason says why another one is better."""
    async with rig.service.database.reading() as session:
        question = await queries.question_with_assignments(session, research_id)
        roster = await suited.roster_of(session, question.country)
        fitting, _ = roster.ranked(suited.wanted_of(question), question.assignments)
    best = {m.partner_id for m in fitting if m.score == fitting[0].score}
    others = {m.partner_id for m in fitting} - best
    return bool(data.reason) or data.partner not in others


@router.post("/{research_id}/give-up")
async def give_up(request: Request, staff: Permitted, rig: InRig, research_id: str) -> Response:
    """End it without an answer."""
    form = await read_form(request, GiveUpForm)
    data = form.data
    if data is None:
        return await page(request, rig, research_id, form)
    return await do(
        request,
        rig,
        _url(research_id),
        N_("The question is closed without an answer. The helpdesk was told."),
        lambda work: review.give_up(work, rig, research_id, data.why, data.give_up_note, by=staff),
    )


@router.post("/{research_id}/return-to-desk")
async def return_to_desk(
    request: Request, staff: Permitted, rig: InRig, research_id: str
) -> Response:
    """Send it back to the desk for a better text."""
    form = await read_form(request, DeskForm)
    data = form.data
    if data is None:
        return await page(request, rig, research_id, form)
    return await do(
        request,
        rig,
        _url(research_id),
        N_("The question is back at the desk. Every link to it is closed."),
        lambda work: assignments.return_question(
            work, rig, research_id, data.problem, data.problem_note, by=staff
        ),
    )


@router.post("/{research_id}/reopen")
async def reopen(request: Request, staff: Permitted, rig: InRig, research_id: str) -> Response:
    """Look for an answer after all."""
    return await do(
        request,
        rig,
        _url(research_id),
        N_("The question is open again."),
        lambda work: review.reopen(work, research_id, by=staff),
    )
