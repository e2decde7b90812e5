"""Intake's small copy of what is public: it suggests answers without asking another service."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import COUNTED_FORM_DAYS


class KnownEntry(Base):
    """A public entry, or the trace of one that is no longer public."""

    __tablename__ = "known_entries"
    __table_args__ = kept(
        "suggests answers that are public already",
        Ground.NOBODY,
        until="the entry is withdrawn",
        then="its address stays",
    )

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    version: Mapped[int] = mapped_column(info=C0.info)
    is_public: Mapped[bool] = mapped_column(info=C0.info)
    country: Mapped[str | None] = mapped_column(String(2), index=True, info=C0.info)
    slug: Mapped[str | None] = mapped_column(String(200), info=C0.info)
    information_date: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C0.info)


class KnownVersion(Base):
    """An entry's question and answer in one language, and the stems of both."""

    __tablename__ = "known_versions"
    __table_args__ = kept(
        "the words by which such an answer is found",
        Ground.NOBODY,
        until="the entry is withdrawn or revised",
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("known_entries.entry_id", ondelete="CASCADE"), primary_key=True, info=C0.info
    )
    language: Mapped[str] = mapped_column(String(12), primary_key=True, info=C0.info)
    question: Mapped[str] = mapped_column(Text, info=C0.info)
    answer: Mapped[str] = mapped_column(Text, info=C0.info)  # Markdown
    question_stems: Mapped[list[str]] = mapped_column(JSON, info=C0.info)
    answer_stems: Mapped[list[str]] = mapped_column(JSON, info=C0.info)


class HelpedCount(Base):
    """For how many, in a month, an answer that existed already was the answer; never for whom."""

    __tablename__ = "helped_counts"
    __table_args__ = kept(
        "how many questions needed no sending, month by month and country by country",
        Ground.NOBODY,
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True, info=C1.info)  # 2026-11
    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)


class CountedForm(Base):
    """A page on which that was said: a second click counts no more. It tells nothing else."""

    __tablename__ = "counted_forms"
    __table_args__ = kept(
        "counts nobody twice",
        Ground.NOBODY,
        until="after it was counted",
        span=COUNTED_FORM_DAYS,
        duty="retention.counted-forms",
    )

    form_id: Mapped[str] = mapped_column(  # no more than its fingerprint
        String(32), primary_key=True, info=C1.info
    )
    counted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class CountryState(Base):
    """Whether there is a partner in a country at present."""

    __tablename__ = "country_states"
    __table_args__ = kept("tells askers whether there is a partner", Ground.NOBODY)

    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C0.info)
    partner_state: Mapped[str] = mapped_column(String(12), info=C0.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
