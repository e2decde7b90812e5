"""What readers say: mistakes to deal with, and how useful they find answers."""

from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import readers as actions
from cri_publishing.console.doors import NO_STORE
from cri_publishing.models import MistakeReport, ReaderCount
from cri_publishing.queries import readers
from cri_publishing.rig import InRig

router = APIRouter(prefix="/console/readers", include_in_schema=False)
REPORTS = Sheet(
    *(MistakeReport.report_id, MistakeReport.entry_id, MistakeReport.listing_id),
    *(MistakeReport.kind, MistakeReport.language, MistakeReport.reported_on),
)
COUNTS = Sheet(ReaderCount.entry_id, ReaderCount.week, ReaderCount.useful, ReaderCount.not_useful)


@router.get("")
async def overview(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """Reports that nobody has dealt with, and the counts of the weeks that are over."""
    async with rig.service.database.reading() as session:
        reports = await readers.open_reports(session, rig)
        judged = await readers.judged(session)
    return render(request, "readers.html", reports=reports, judged=judged, headers=NO_STORE)


@router.get(".csv")
async def counts_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """How useful readers found entries, week by week, from five readers on."""
    async with rig.service.database.reading() as session:
        return await COUNTS.answer(request, session, readers.by_week())


@router.get("/reports.csv")
async def reports_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """What is to be dealt with, without the words of readers."""
    async with rig.service.database.reading() as session:
        return await REPORTS.answer(request, session, readers.to_deal_with())


@router.post("/reports/{report_id}/done")
async def done(request: Request, report_id: str, rig: InRig, staff: Permitted) -> Response:
    """Somebody has dealt with a report."""
    async with rig.service.database.writing() as work:
        await actions.finish_report(work, report_id, staff)
    return see_other(request, "/console/readers", N_("Dealt with."))
