"""The statement of work: what each partner did in a month, on a page and as CSV for payment."""

import datetime as dt
from collections.abc import Iterator

from cri_shared import clock, spreadsheet
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.places import country
from cri_shared.web.pages import language_of, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_research.queries.statements import Piece, lines, pieces
from cri_research.rig import InRig
from cri_research.rules.deadlines import month_named, months_back

router = APIRouter(prefix="/console/statements", include_in_schema=False)
COLUMNS = (
    "month",
    "partner_id",
    "partner",
    "assignment_id",
    "country",
    "topics",
    "renewal",
    "sent_on",
    "due_on",
    "answered_on",
    "decided_on",
    "working_days",
    "in_time",
    "approved",
)


@router.get("")
async def statement(
    request: Request, staff: Permitted, rig: InRig, month: str = ""
) -> HTMLResponse:
    """One line for each partner who answered something that was decided in the month."""
    first = month_named(month, clock.today())
    async with rig.service.database.reading() as session:
        found = await pieces(session, rig, first)
    return render(
        request,
        "statement.html",
        month=first,
        months=months_back(clock.today()),
        lines=lines(found),
        approved=sum(piece.approved for piece in found),
        all=len(found),
    )


@router.post("/export")
async def export(request: Request, staff: Permitted, rig: InRig) -> Response:
    """The month as CSV, one row for each answer; that it was taken along is noted first."""
    form = await request.form()
    first = month_named(str(form.get("month", "")), clock.today())
    async with rig.service.database.writing() as work:
        found = await pieces(work.session, rig, first)
        facts = {"month": f"{first:%Y-%m}", "rows": len(found)}
        await audit.note(work, "research.statement.exported", "statement", by=staff, **facts)
    body = spreadsheet.BYTE_ORDER_MARK + "".join(_rows(first, found, language_of(request)))
    name = f"statement-{first:%Y-%m}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(month: dt.date, found: list[Piece], language: str) -> Iterator[str]:
    yield spreadsheet.row(COLUMNS)
    for piece in found:
        yield spreadsheet.row(
            (
                f"{month:%Y-%m}",
                piece.partner_id,
                piece.partner,
                piece.assignment_id,
                country(piece.country).names[language],
                " ".join(piece.topics),
                _yes(piece.renewal),
                piece.sent_on,
                piece.due_on,
                piece.answered_on,
                piece.decided_on,
                piece.working_days,
                _yes(piece.in_time),
                _yes(piece.approved),
            )
        )


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
