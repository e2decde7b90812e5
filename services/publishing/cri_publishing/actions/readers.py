"""What readers say: heard from search, and dealt with by editors."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.events.search import EntryRated, ListingReported, MistakeReported
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import seal
from cri_shared.retention import Rule
from cri_shared.words import N_

from cri_publishing.models import MistakeReport, ReaderCount
from cri_publishing.models.readers import REPORTS_DAYS
from cri_publishing.rig import Rig, place_of


def rules() -> list[Rule]:
    """What publishing keeps no longer than it must."""
    label = N_("Mistakes that readers reported")
    moment = MistakeReport.reported_on
    return [Rule("mistake-reports", label, MistakeReport, moment, REPORTS_DAYS)]


async def count_readers(work: Work, event: EntryRated) -> None:
    """Keep how useful readers found an entry in a week."""
    await work.session.merge(
        ReaderCount(
            entry_id=event.entry_id,
            week=event.week,
            useful=event.useful,
            not_useful=event.not_useful,
        )
    )


async def take_report(work: Work, rig: Rig, event: MistakeReported | ListingReported) -> None:
    """Put a reported mistake on the editors' table; one that is there stays as it is."""
    if await work.session.get(MistakeReport, event.report_id) is not None:
        return
    place = place_of(event.report_id)
    work.session.add(
        MistakeReport(
            report_id=event.report_id,
            entry_id=event.entry_id if isinstance(event, MistakeReported) else None,
            listing_id=event.listing_id if isinstance(event, ListingReported) else None,
            kind=event.kind,
            language=event.language,
            reported_on=event.reported_on,
            done_on=None,
            text_sealed=seal(rig.readers_key, event.text, place) if event.text else None,
        )
    )


async def finish_report(work: Work, report_id: str, by: Staff) -> None:
    """An editor has dealt with a report: its words go. A second time does nothing."""
    report = await work.session.get(MistakeReport, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    if report.finish(clock.today()):
        about = report.entry_id or report.listing_id or report_id
        await audit.note(work, "publishing.report.done", about, by=by, report_id=report_id)
