"""Reports for whoever pays for and plans workshops: pictures, tables, and files to take along."""

import datetime as dt

from cri_shared import clock
from cri_shared.identity.guard import Permitted
from cri_shared.spreadsheet import BYTE_ORDER_MARK, row
from cri_shared.web.pages import render, words_of
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from cri_training.console.report_files import lines, workbook
from cri_training.console.report_paper import (
    COUNTED,
    LAST_ONES,
    ONLY_SUMS,
    TOGETHER,
    report_pdf,
)
from cri_training.queries.papers import decimal_hours
from cri_training.queries.reports import Report, report
from cri_training.rig import InRig, Rig
from cri_training.rules.lots import Cut
from cri_training.rules.reports import ALL, HEAD, LAST, MEASURES, PERIODS

router = APIRouter(prefix="/console/reports", include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _report(rig: Rig, chosen: Cut | None = None) -> Report:
    async with rig.service.database.reading() as session:
        return await report(session, rig, chosen)


@router.get("")
async def reports(
    request: Request, rig: InRig, staff: Permitted, by: str = "", of: str = ""
) -> HTMLResponse:
    """People in numbers, and what those of one period, work or edition thought."""
    found = await _report(rig, (by, of))
    chosen = _chosen(found, by, of)
    return render(
        request,
        "reports.html",
        found=found,
        chosen=chosen,
        everybody=ALL,
        counts=found.feedback.get(chosen),
        day=dt.date.fromisoformat,
        head=HEAD,
        measures=MEASURES,
        periods=PERIODS,
        only_sums=ONLY_SUMS,
        counted=COUNTED,
        together=TOGETHER,
        last_ones=LAST_ONES,
        most=LAST,
        hours=lambda minutes: decimal_hours(words_of(request), minutes),
    )


def _chosen(found: Report, by: str, of: str) -> Cut:
    return (by, of) if (by, of) in found.numbers else ALL


@router.get(".pdf")
async def reports_pdf(
    request: Request, rig: InRig, staff: Permitted, by: str = "", of: str = ""
) -> Response:
    """The page as a paper."""
    found, dictionary = await _report(rig, (by, of)), request.app.state.dictionary
    paper = report_pdf(found, _chosen(found, by, of), words_of(request), dictionary)
    return _file(await paper, "application/pdf", "pdf")


@router.get(".csv")
async def reports_csv(request: Request, rig: InRig, staff: Permitted) -> Response:
    """The numbers of the page, and nothing that is not on it."""
    table = lines(await _report(rig), words_of(request))
    body = BYTE_ORDER_MARK + "".join(row(line) for line in table)
    return _file(body.encode(), "text/csv; charset=utf-8", "csv")


@router.get(".xlsx")
async def reports_xlsx(request: Request, rig: InRig, staff: Permitted) -> Response:
    """The same as a workbook."""
    table = lines(await _report(rig), words_of(request))
    return _file(await run_in_threadpool(workbook, table), XLSX, "xlsx")


def _file(content: bytes, kind: str, ending: str) -> Response:
    name = f"workshops-{clock.today().isoformat()}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)
