"""What editors are told of in the morning, in counts."""

import datetime as dt
from typing import Any

from cri_shared import clock
from cri_shared.digest import News, Reader
from cri_shared.words import N_
from sqlalchemy import Select, func, select

from cri_publishing.models import MistakeReport, Version, VersionState


def _drafts(_reader: Reader, since: dt.datetime) -> Select[Any]:
    new = select(func.count()).where(Version.state == VersionState.DRAFT)
    return new.where(Version.started_at > since)


def _to_review(reader: Reader, since: dt.datetime) -> Select[Any]:
    waiting = select(func.count()).where(Version.state == VersionState.IN_REVIEW)
    others = Version.named_approver_id.is_(None) | (Version.named_approver_id == reader.staff_id)
    return waiting.where(others, Version.changed_at > since)


def _published(_reader: Reader, since: dt.datetime) -> Select[Any]:
    return select(func.count()).where(
        Version.state == VersionState.PUBLISHED, Version.published_at > since
    )


def _mistakes(_reader: Reader, since: dt.datetime) -> Select[Any]:
    # Of a report only the day is known: each whole day is told once.
    day = MistakeReport.reported_on
    whole_days = (day >= clock.belgian(since).date(), day < clock.today())
    return select(func.count()).where(MistakeReport.done_on.is_(None), *whole_days)


NEWS = (
    News("editor", N_("Answers that became drafts"), _drafts),
    News("editor", N_("Texts that wait for your review"), _to_review),
    News("editor", N_("Entries that became public"), _published),
    News("editor", N_("Mistakes that readers report"), _mistakes),
)
