"""Feedback without names: who may still answer, and what was answered, never joined.

Neither table knows a sign-up, an instant or an order: both are kept in the order of random keys.
"""

import datetime as dt

from cri_shared.db import new_id
from cri_shared.privacy.classes import C1, C2, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base


class Ballot(Base):
    """A right to answer once; the row goes when it is used, so nothing tells who answered."""

    __tablename__ = "ballots"
    __table_args__ = {  # noqa: RUF012 - SQLAlchemy's own form
        "sqlite_with_rowid": False,
        **kept(
            "each participant may answer once",
            Ground.REQUEST,
            until="after the workshop, or when it is used",
            span=Setting("feedback_days"),
            duty="empty-ballots",
        ),
    }

    ticket_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), index=True, info=C1.info
    )


class FeedbackAnswer(Base):
    """One answered form; texts are sealed under the service's key for feedback."""

    __tablename__ = "feedback_answers"
    __table_args__ = (
        Index(  # of those whose texts coders still read
            "ix_feedback_answers_waits",
            "edition_id",
            postgresql_where=text("waits"),
            sqlite_where=text("waits = 1"),
        ),
        {
            "sqlite_with_rowid": False,
            **kept(
                "what made a workshop useful; no name, no hour, no order",
                Ground.NOBODY,
            ),
        },
    )

    answer_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), index=True, info=C1.info
    )
    answered_on: Mapped[dt.date] = mapped_column(Date, info=C1.info)
    role: Mapped[str | None] = mapped_column(String(16), info=C2.info)
    useful: Mapped[int | None] = mapped_column(info=C2.info)
    prepared: Mapped[int | None] = mapped_column(info=C2.info)
    pace: Mapped[int | None] = mapped_column(info=C2.info)
    sure_before: Mapped[int | None] = mapped_column(info=C2.info)
    sure_now: Mapped[int | None] = mapped_column(info=C2.info)
    obstacles_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=C2.sealed(KeyOf.SERVICE)
    )
    remark_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.SERVICE))
    # Something was written, and what it speaks of is not settled.
    waits: Mapped[bool] = mapped_column(default=False, info=C1.info)
