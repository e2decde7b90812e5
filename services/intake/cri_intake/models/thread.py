"""What belongs to a case: the thread, the times its clock stood still, visits of its asker."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C3, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import ASKER_SESSION


class Message(Base):
    """One message of the thread between an asker and the helpdesk."""

    __tablename__ = "messages"
    __table_args__ = kept(
        "the thread between an asker and the helpdesk", Ground.CONSENT, until="the case goes"
    )

    message_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    author: Mapped[str] = mapped_column(String(12), info=C1.info)  # asker, helper or helpdesk
    officer: Mapped[str | None] = mapped_column(String(120), info=C1.info)  # or organisation
    form_id: Mapped[str | None] = mapped_column(String(32), unique=True, info=C1.info)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class Pause(Base):
    """A time in which the clock of a case stood still, and why."""

    __tablename__ = "pauses"
    __table_args__ = kept(
        "the days that do not count towards a promised answer",
        Ground.CONSENT,
        until="the case goes",
    )

    pause_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    reason: Mapped[str] = mapped_column(String(16), info=C1.info)  # clarification or asker
    began_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)


class AskerSession(Base):
    """Half an hour behind a receipt; it names the case and nothing else."""

    __tablename__ = "asker_sessions"
    __table_args__ = kept(
        "half an hour behind a receipt",
        Ground.CONSENT,
        until="after it was opened, or when the asker closes the page or the case goes",
        span=ASKER_SESSION,
        duty="retention.asker-sessions",
    )

    token_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), info=C1.info
    )
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
