"""What intake knows of a research question; only `releases` ties one to those who asked."""

import datetime as dt
from enum import StrEnum

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C0, C1, C2, C3, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base


class Release(Base):
    """The one place that says which askers stand behind a research question.

    Every asker has at most one release that has not ended; linked askers share a research id.
    """

    __tablename__ = "releases"
    __table_args__ = (
        Index(
            "uq_releases_current",
            "question_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        kept(
            "the one place that says who stands behind a research question",
            Ground.CONSENT,
            until="the case goes",
        ),
    )

    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    research_id: Mapped[str] = mapped_column(
        ForeignKey("research_questions.research_id"), primary_key=True, index=True, info=C1.info
    )
    released_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)


class ResearchState(StrEnum):
    """Where a research question is, as far as intake hears."""

    OPEN = "open"
    RETURNED = "returned"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


class ResearchQuestion(Base):
    """The released text and the answer to it, sealed under the key of its research id."""

    __tablename__ = "research_questions"
    __table_args__ = kept(
        "the text that a person released, and the answer for whoever asked",
        Ground.CONSENT,
        until="the case of its last asker goes",
        then="its key is destroyed and its row is deleted",
    )

    research_id: Mapped[str] = mapped_column(String(36), primary_key=True, info=C1.info)
    state: Mapped[str] = mapped_column(String(12), default=ResearchState.OPEN, info=C1.info)
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    answer_language: Mapped[str | None] = mapped_column(String(12), info=C1.info)
    delivered_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)  # to every asker
    entry_id: Mapped[str | None] = mapped_column(String(64), info=C1.info)
    entry_slug: Mapped[str | None] = mapped_column(String(200), info=C0.info)
    entry_version: Mapped[int] = mapped_column(default=0, info=C1.info)
    entry_changed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def owner(self) -> str:
        """Whose key seals these texts, as `SealedText` names it."""
        return f"research:{self.research_id}"


class Assignment(Base):
    """One partner's turn at a research question; what is heard of it comes in any order."""

    __tablename__ = "assignments"
    __table_args__ = kept(
        "when an answer may be expected",
        Ground.NOBODY,
        until="the case of its last asker goes",
    )

    assignment_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    research_id: Mapped[str] = mapped_column(String(36), index=True, info=C1.info)
    due_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    declined: Mapped[str | None] = mapped_column(String(24), info=C1.info)
    overdue_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)  # the day that passed


class DeliveryNote(Base):
    """What an officer put beside an answer for an asker who does not read its language."""

    __tablename__ = "delivery_notes"
    __table_args__ = kept(
        "an answer in words that its asker reads", Ground.CONSENT, until="the case goes"
    )

    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    kind: Mapped[str] = mapped_column(String(12), info=C1.info)  # translation or cover
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
