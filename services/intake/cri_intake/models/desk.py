"""The desk: drafts of what may leave, who looked at what an asker wrote, partners' questions."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.errors import Forbidden
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1, C2, C3, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import REVEAL_MINUTES


class SecondOfficerNeeded(Forbidden):
    """Nobody confirms a text of their own."""

    slug = "second-officer-needed"
    message = N_("Another officer must confirm this text.")


class Draft(Base):
    """A text on its way out: sealed under the case's key until a person releases it.

    Each rewriting gets a new id, so what is released is what was previewed.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("question_id", "purpose"),
        Index(
            "ix_drafts_second_asked_at",
            *("second_asked_at", "question_id"),
            postgresql_where=text("second_asked_at IS NOT NULL"),
            sqlite_where=text("second_asked_at IS NOT NULL"),
        ),
        kept(
            "a text on its way out, while a person works on it",
            Ground.CONSENT,
            until="it is released or written anew, or the case goes",
        ),
    )

    draft_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), info=C1.info
    )
    purpose: Mapped[str] = mapped_column(String(64), info=C1.info)  # question, or a clarification
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    said_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    remark_sealed: Mapped[bytes | None] = mapped_column(  # of who sent it back
        LargeBinary, info=C3.sealed(KeyOf.CASE)
    )
    remark_by: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    writer_id: Mapped[str] = mapped_column(String(32), info=C1.info)
    writer: Mapped[str] = mapped_column(String(100), info=C1.info)
    written_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    checked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    second_asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    alarm: Mapped[str | None] = mapped_column(String(24), info=C1.info)  # why it is a false one

    def is_as_written(self, by: Staff, language: str) -> bool:
        """Whether this officer wrote it in this language, and nobody was asked to confirm it."""
        mine = self.writer_id == by.staff_id and self.language == language
        return mine and self.second_asked_at is None

    def must_be_anothers(self, staff: Staff) -> None:
        """Raises `SecondOfficerNeeded` for the officer who wrote it."""
        if self.writer_id == staff.staff_id:
            raise SecondOfficerNeeded


class Reveal(Base):
    """A quarter of an hour in which one session of an officer sees what an asker wrote."""

    __tablename__ = "reveals"
    __table_args__ = kept(
        "a quarter of an hour in which one officer may read what was asked, and why",
        Ground.INTEREST,
        until="the case goes",
    )

    session_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    reason: Mapped[str] = mapped_column(String(24), info=C1.info)
    revealed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def is_open(self) -> bool:
        """Whether the quarter of an hour is not over."""
        return self.revealed_at > clock.now() - dt.timedelta(minutes=REVEAL_MINUTES)


class Clarification(Base):
    """What a partner needs to know, and what the helpdesk released in reply."""

    __tablename__ = "clarifications"
    __table_args__ = kept(
        "what a partner needs to know to find the answer",
        Ground.CONSENT,
        until="the case of its last asker goes",
    )

    clarification_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    research_id: Mapped[str] = mapped_column(String(36), index=True, info=C1.info)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    reply_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    given_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
