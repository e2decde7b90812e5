"""What partners wrote, sealed under the question's key."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_research.models.base import Base


class Draft(Base):
    """What a partner has typed so far: the form's fields as JSON."""

    __tablename__ = "drafts"
    __table_args__ = kept(
        "what a partner has typed so far, so that it is not lost",
        Ground.AGREEMENT,
        until="the answer is sent, or its question goes",
    )

    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), primary_key=True, info=C1.info
    )
    form_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    saved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class SubmittedAnswer(Base):
    """An answer as it came in; `flags` name kinds of personal data that seem to be in it."""

    __tablename__ = "answers"
    __table_args__ = kept(
        "an answer as it came in",
        Ground.AGREEMENT,
        until="its question goes",
    )

    answer_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), index=True, info=C1.info
    )
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    outcome: Mapped[str] = mapped_column(String(12), info=C1.info)
    information_date: Mapped[dt.date] = mapped_column(Date, info=C1.info)
    flags: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    submitted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
