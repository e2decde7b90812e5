"""Imports: many questions that an organisation sends in one request, as counts alone."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.progress import Progress
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import REPLAY_DAYS

_STILL = dt.timedelta(minutes=2)  # in which an import that goes on has said so


class Import(Base):
    """How far an import has come: rows that are done, and how many of them were refused."""

    __tablename__ = "imports"
    __table_args__ = kept(
        "an organisation sees how far its import is, and what came of it",
        Ground.INTEREST,
        until="after it began",
        span=REPLAY_DAYS,
        duty="retention.imports",
    )

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), primary_key=True, info=C1.info
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    total: Mapped[int] = mapped_column(info=C1.info)
    done: Mapped[int] = mapped_column(info=C1.info)
    refused: Mapped[int] = mapped_column(info=C1.info)
    began_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def progress(self) -> Progress:
        """How far it is; the rest takes as long for each row as those before."""
        took = (self.changed_at - self.began_at).total_seconds()
        return Progress(self.total, self.done, max(self.done, 1), took, self.refused)

    @property
    def has_stopped(self) -> bool:
        """Whether nothing happens any more, and rows are left: its request ended too early."""
        return not self.progress.is_over and self.changed_at + _STILL < clock.now()
