"""What readers say of public entries: counts by week, and reports of mistakes."""

import datetime as dt

from cri_shared.privacy.classes import C0, C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base

REPORTS_DAYS = 180


class ReaderCount(Base):
    """How many readers found an entry useful in a week; five or more, or there is no row."""

    __tablename__ = "reader_counts"
    __table_args__ = kept("how useful readers find answers", Ground.NOBODY)

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    week: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    useful: Mapped[int] = mapped_column(info=C1.info)
    not_useful: Mapped[int] = mapped_column(info=C1.info)


class MistakeReport(Base):
    """A mistake that a reader reported; the words go when an editor has dealt with it."""

    __tablename__ = "mistake_reports"
    __table_args__ = kept(
        "editors mend what readers find wrong",
        Ground.INTEREST,
        until="after it was reported; its words when an editor has dealt with it",
        span=REPORTS_DAYS,
        duty="retention.mistake-reports",
    )

    report_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    # of what readers see, one of these
    entry_id: Mapped[str | None] = mapped_column(String(64), index=True, info=C1.info)
    listing_id: Mapped[str | None] = mapped_column(String(32), index=True, info=C0.info)
    kind: Mapped[str] = mapped_column(String(12), info=C1.info)
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    reported_on: Mapped[dt.date] = mapped_column(Date, index=True, info=C1.info)
    done_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C1.info)
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.SERVICE))

    def finish(self, on: dt.date) -> bool:
        """An editor has dealt with it; False where one had before."""
        if self.done_on is not None:
            return False
        self.done_on, self.text_sealed = on, None
        return True
