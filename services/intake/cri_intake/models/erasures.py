"""Erasures: what somebody asks to be erased, and which services have confirmed that they did."""

import datetime as dt
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.errors import Forbidden, Refusal
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import TOLD_DAYS


class AnotherMustErase(Forbidden):
    """Nobody erases a case of somebody else alone."""

    slug = "another-must-erase"
    message = N_("Another officer must confirm that this is erased.")


class NobodyAsks(Refusal):
    """An erasure that nobody asks for, or no longer, is not carried out."""

    slug = "nobody-asks-to-erase"
    message = N_("Nobody asks that this question be erased.")


class Wish(StrEnum):
    """Whose wish it is that a case is erased."""

    ASKER = "asker"  # behind the receipt
    ORGANISATION = "organisation"  # through the API
    PERSON = "person"  # told an officer so
    MISTAKE = "mistake"  # it should never have been kept


class ErasureRequest(Base):
    """A case is to be erased: two officers do it, or time does where it is held until then."""

    __tablename__ = "erasure_requests"
    __table_args__ = kept(
        "what is still to be erased, and who wants it",
        Ground.INTEREST,
        until="the case goes, or two officers decide that it stays",
    )

    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    wish: Mapped[str] = mapped_column(String(16), info=C1.info)
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    officer_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)  # the first of two
    officer: Mapped[str | None] = mapped_column(String(100), info=C1.info)

    def confirm(self, by: Staff) -> bool:
        """Stand for it; True once this is the second officer."""
        if self.officer_id is None:
            self.officer_id, self.officer = by.staff_id, by.name
        return self.officer_id != by.staff_id

    def must_be_anothers(self, by: Staff) -> None:
        """Raises `AnotherMustErase` for the officer who confirmed it first."""
        if self.officer_id in (None, by.staff_id):
            raise AnotherMustErase


class ToldErasure(Base):
    """A research question that the other services were told to erase, and when each did."""

    __tablename__ = "told_erasures"
    __table_args__ = kept(
        "shows that what was erased is gone from the other services",
        Ground.INTEREST,
        until="after it was told",
        span=TOLD_DAYS,
        duty="retention.told-erasures",
    )

    research_id: Mapped[str] = mapped_column(String(36), primary_key=True, info=C1.info)
    told_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    research_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    publishing_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    def confirmed(self, service: str) -> None:
        """One of the services has erased it."""
        name = f"{service}_at"
        setattr(self, name, getattr(self, name) or clock.now())
