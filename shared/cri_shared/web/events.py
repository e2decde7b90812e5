"""The operators' room in every console: how the service's events are, and its dead letters."""

import asyncio
import datetime as dt
import time
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from babel.dates import format_timedelta
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlalchemy import Row, select

from cri_shared import clock
from cri_shared.bus.inspection import inspect
from cri_shared.bus.repairs import DROPPED, REASON_LENGTH, RETRIED, NoSuchLetter
from cri_shared.identity.audit import history
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C2
from cri_shared.privacy.vault import Unreadable
from cri_shared.service import Service
from cri_shared.web.forms import FormModel, Submitted, read_form
from cri_shared.web.health.rules import Found
from cri_shared.web.health.watch import Watch
from cri_shared.web.pages import render, see_other, words_of
from cri_shared.words import N_

ROOM = "/console/events"
NAV = (ROOM, N_("Events"))
PAGE = 20
RETRY_SECONDS = 10.0  # for all letters in one request
DROPS_DAYS, DROPS = 30, 20
BIGGEST = 2**63 - 1  # what a database takes for an id

router = APIRouter(prefix=ROOM, include_in_schema=False)
EventId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$")]  # whatever its producer said
Count = Annotated[int | None, Query(ge=0, le=BIGGEST)]


class DropForm(FormModel):
    """Why a letter is given up."""

    reason: Annotated[str, Field(max_length=REASON_LENGTH), C2]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("reason", "missing"): N_("Write why you give it up"),
        ("reason", "string_too_long"): N_("Write 300 characters at most"),
    }


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


@router.get("")
async def room(
    request: Request,
    _staff: Permitted,
    subject: str = "",
    before: Count = None,
    handled: Count = None,
    failed: Count = None,
    left: Count = None,
) -> HTMLResponse:
    """How the events are, the dead letters newest first, and those given up lately."""
    service, watch = _service(request), request.app.state.watch
    async with service.database.reading() as session:
        subjects = await service.letters.by_subject(session)
        chosen = subject if subject in subjects else None
        letters = await service.letters.page(session, size=PAGE + 1, subject=chosen, before=before)
    found, dropped = await asyncio.gather(watch.look(), _dropped(service))
    return render(
        request,
        "events.html",
        found=found,
        state=_state(request, watch, found),
        subjects=subjects,
        chosen=chosen,
        letters=letters[:PAGE],
        later=before is not None,
        following=letters[PAGE - 1].id if len(letters) > PAGE else None,
        tried=None if handled is None else (handled, failed or 0, left or 0),
        dropped=dropped,
    )


@dataclass(frozen=True)
class _State:
    """What the page says of a process beside its parts; None is what nobody knows."""

    waiting: int | None
    age: str | None
    refused: int | None
    leads: bool
    connected: bool
    producers: list[tuple[str, dict[str, int | None]]]


def _state(request: Request, watch: Watch, found: Found) -> _State:
    kept, working, bus = found.kept, found.working, watch.service.bus
    lag = working.lag if working else None
    columns = {
        "lag": lag,
        "gaps": kept.gaps if kept else None,
        "dead": kept.dead if kept else None,
        "seals": kept.seals if kept else None,
    }
    producers = sorted({name for column in columns.values() for name in column or {}})
    return _State(
        waiting=kept.waiting if kept else None,
        age=_age(request, kept.age_seconds) if kept and kept.waiting else None,
        refused=kept.refused if kept else None,
        leads=bus.relay.leading,
        connected=bus.connected,
        producers=[
            (one, {name: None if c is None else c.get(one, 0) for name, c in columns.items()})
            for one in producers
        ],
    )


def _age(request: Request, seconds: float) -> str:
    """How long something takes already, in words: 3 minutes."""
    words = words_of(request)
    return format_timedelta(dt.timedelta(seconds=seconds), threshold=1.5, locale=words.locale)


@dataclass(frozen=True)
class _Dropped:
    at: dt.datetime
    actor: str
    event_id: str
    subject: str
    reason: str


async def _dropped(service: Service) -> list[_Dropped]:
    """The letters that were given up in the last days, newest first."""
    audit = service.database.outbox.tables.audit
    rows = (
        select(audit)
        .where(audit.c.at >= clock.now() - dt.timedelta(days=DROPS_DAYS))
        .where(audit.c.action == DROPPED)
        .order_by(audit.c.id.desc())
        .limit(DROPS)
    )
    async with service.database.reading() as session:
        return [_read(service, row) for row in (await session.execute(rows)).all()]


def _read(service: Service, row: Row[Any]) -> _Dropped:
    try:
        reason = service.letters.open_reason(row.about, row.facts["reason"])
    except Unreadable:  # another key ring sealed it
        reason = ""
    return _Dropped(row.at, row.actor, row.about, row.facts["subject"], reason)


@router.get("/letters/{event_id:path}")
async def one(request: Request, event_id: EventId, _staff: Permitted) -> HTMLResponse:
    """One letter, without what anybody wrote."""
    return await _letter_page(request, event_id)


async def _letter_page(
    request: Request, event_id: str, form: Submitted[DropForm] | None = None
) -> HTMLResponse:
    service = _service(request)
    seen = inspect(await service.repairs.open(event_id))
    async with service.database.reading() as session:
        row = await service.letters.find(session, event_id)
        told = await history(session, service.database.outbox.tables.audit, event_id)
    if row is None:
        raise NoSuchLetter
    return render(
        request,
        "event_letter.html",
        status=422 if form else 200,
        letter=row,
        seen=seen,
        tries=[one for one in told if one.action == RETRIED],
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.post("/retry")
async def retry_all(request: Request, staff: Permitted) -> Response:
    """Try all letters again, or those of the subject that is shown, as far as the time goes."""
    subject = str((await request.form()).get("subject", "")) or None
    service, deadline = _service(request), time.monotonic() + RETRY_SECONDS
    async with service.database.reading() as session:
        counts = await service.letters.by_subject(session)
    handled = failed = 0
    async for _, failure in service.repairs.retry_all(by=staff, subject=subject):
        handled, failed = handled + (failure is None), failed + (failure is not None)
        if time.monotonic() > deadline:
            break
    there = sum(count for name, count in counts.items() if subject in (None, name))
    told = {"handled": handled, "failed": failed, "left": max(there - handled - failed, 0)}
    chosen = {"subject": subject} if subject in counts else {}
    return see_other(request, ROOM, **chosen, **{name: str(n) for name, n in told.items()})


@router.post("/retry/{event_id:path}")
async def retry(request: Request, event_id: EventId, staff: Permitted) -> Response:
    """Try one letter again."""
    try:
        failure = await _service(request).repairs.retry(event_id, by=staff)
    except NoSuchLetter as gone:
        return see_other(request, ROOM, gone.message)
    if failure is None:
        return see_other(request, ROOM, N_("The letter was handled."))
    return see_other(request, f"{ROOM}/letters/{quote(event_id)}", N_("It failed again."))


@router.post("/drop/{event_id:path}")
async def drop(request: Request, event_id: EventId, staff: Permitted) -> Response:
    """Give a letter up, for a reason."""
    form = await read_form(request, DropForm)
    try:
        if form.data is None:
            return await _letter_page(request, event_id, form)
        await _service(request).repairs.drop(event_id, form.data.reason, by=staff)
    except NoSuchLetter as gone:
        return see_other(request, ROOM, gone.message)
    return see_other(request, ROOM, N_("The letter was given up."))
