"""The auditors' room in every console: who did what to what, and whether the trail is whole."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from cri_shared import clock
from cri_shared.identity.audit import note
from cri_shared.identity.guard import Permitted
from cri_shared.service import Service
from cri_shared.trail import Report
from cri_shared.trail.attempts import NOTHING
from cri_shared.trail.reading import Filters, Line, as_csv, lines, names
from cri_shared.trail.words import in_words
from cri_shared.web.pages import render, words_of
from cri_shared.words import N_

ROOM = "/console/audit"
NAV = (ROOM, N_("Audit"))
PAGE = 50
EXPORTED = "audit.exported"
_BIGGEST = 2**63 - 1  # what a database takes for an id
_LONGEST = 100

router = APIRouter(prefix=ROOM, include_in_schema=False)
Before = Annotated[int | None, Query(ge=-_BIGGEST, le=_BIGGEST)]


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


@router.get("")
async def room(request: Request, _staff: Permitted, before: Before = None) -> HTMLResponse:
    """The entries, newest first, by day, person, action and thing; all of it is an address."""
    return await _room(request, request.query_params, before=before)


async def _room(
    request: Request,
    asked: Mapping[str, str],
    *,
    before: int | None = None,
    report: Report | None = None,
) -> HTMLResponse:
    service = _service(request)
    audit = service.database.outbox.tables.audit
    filters, errors = _read(request, asked)
    async with service.database.reading() as session:
        lately = await service.attempts.lately(session)
        found = await lines(session, audit, filters, before=before, size=PAGE + 1)
        actors = await names(session, audit, "actor")
        actions = await names(session, audit, "action")
        unsealed = await service.trail.unsealed(session)
    shown, more = found[:PAGE], len(found) > PAGE
    return render(
        request,
        "audit.html",
        status=422 if errors else 200,
        lines=shown,
        lately=lately,
        nothing=NOTHING,
        called=called(request),
        hour_of=_hour_of,
        following=shown[-1].id if more else None,
        later=before is not None,
        actors=actors,
        actions=actions,
        unsealed=unsealed,
        report=report,
        chosen=filters.told(),
        link=urlencode(filters.told()),
        v={"since": asked.get("since", ""), "until": asked.get("until", "")} | filters.told(),
        errors=errors,
    )


def called(request: Request) -> Callable[[str, Mapping[str, Any]], str | None]:
    """What gives the words of this service for an action and its facts, to be translated."""
    return partial(in_words, request.app.state.audit_words)


def _hour_of(line: Line) -> dt.datetime | None:
    """In which hour that was which is counted, where it is."""
    hour = line.facts.get("hour")
    return dt.datetime.fromisoformat(str(hour)) if hour and "count" in line.facts else None


def _read(request: Request, asked: Mapping[str, str]) -> tuple[Filters, dict[str, str]]:
    """The filters of a query or form, and what is wrong with its days."""
    errors = {}

    def day(name: str) -> dt.date | None:
        typed = asked.get(name, "").strip()
        try:
            return dt.date.fromisoformat(typed) if typed else None
        except ValueError:
            errors[name] = words_of(request).gettext(N_("Write a date such as 2026-03-12"))
            return None

    def words(name: str) -> str:
        return asked.get(name, "").strip()[:_LONGEST].replace("\0", "")

    filters = Filters(day("since"), day("until"), words("actor"), words("action"), words("about"))
    return filters, errors


@router.post("/check")
async def check(request: Request, staff: Permitted) -> HTMLResponse:
    """Go along the trail now, and say what is wrong: what came since the last time, or all."""
    service = _service(request)
    everything = (await request.form()).get("all") == "yes"
    async with service.database.reading() as session:
        trail = service.trail
        report = await (trail.check(session) if everything else trail.check_further(session))
    async with service.database.writing() as work:
        await service.trail.note_check(work, report, staff)
    return await _room(request, {}, report=report)


@router.post("/export")
async def export(request: Request, staff: Permitted) -> Response:
    """The entries that were chosen as CSV; that they were taken along is noted first."""
    form = await request.form()
    asked = {name: str(value) for name, value in form.items()}
    filters, errors = _read(request, asked)
    if errors:
        return await _room(request, asked)
    service = _service(request)
    async with service.database.writing() as work:
        await note(work, EXPORTED, "audit", by=staff, filters=filters.told())
    name = f"audit-{service.settings.service}-{clock.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = as_csv(service.database, filters)
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)
