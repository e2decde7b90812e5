"""Who has a question open, so that two officers do not do the same work."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import VIEWING


class Viewing(Base):
    """When an officer opened a question last."""

    __tablename__ = "viewings"
    __table_args__ = kept(
        "tells an officer that a colleague has the same question open",
        Ground.INTEREST,
        until="after it was opened, or when the case goes",
        span=VIEWING,
        duty="retention.viewings",
    )

    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    staff_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    name: Mapped[str] = mapped_column(String(100), info=C1.info)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
