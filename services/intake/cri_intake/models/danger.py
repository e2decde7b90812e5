"""Somebody may be in danger: what an officer raised, and what was done about it."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1, C3, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base


class NoDanger(Refusal):
    """Nothing was raised, or a colleague saw to it already."""

    slug = "no-danger"
    message = N_("No alarm is open for this question. Perhaps somebody was faster.")


class Alarm(Base):
    """One alarm about an asker. Which danger it is lies under the case's key, for it is theirs."""

    __tablename__ = "alarms"
    __table_args__ = (
        Index(
            "ix_alarms_open",
            "question_id",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        kept(
            "that an asker may be in danger, and what was done about it",
            Ground.CONSENT,
            until="the case goes",
        ),
    )

    alarm_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    danger_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    raised_by: Mapped[str] = mapped_column(String(100), info=C1.info)
    raised_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    done_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    ended_by: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
