"""What publishing knows of each research question whose answer it may publish or once asked for."""

import datetime as dt
from enum import StrEnum

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base


class QuestionState(StrEnum):
    """What became of a research question here."""

    HEARD = "heard"  # delivered or rated; its answer has not arrived here
    ASKED = "asked"  # we asked it ourselves, to refresh an entry
    DRAFTED = "drafted"  # its answer is in a version that is not public yet
    WAITING = "waiting"  # its answer waits until other work on the entry is done
    COVERED = "covered"  # its answer stands in a public entry
    WITHHELD = "withheld"  # its answer never becomes public
    WITHDRAWN = "withdrawn"  # the last asker took it back first
    UNANSWERED = "unanswered"  # research ended without an answer


class Withholding(StrEnum):
    """Why an answer is not published."""

    PARTNER = "partner"
    RED = "red"
    EDITOR = "editor"


class Question(Base):
    """One research question; events about it come in any order, so any of them makes the row."""

    __tablename__ = "questions"
    __table_args__ = kept(
        "which answers may still become public",
        Ground.CONSENT,
        until="its answer is withheld or taken back, or its last asker is erased",
        then="the sealed answer is deleted and its key destroyed; an id and counts stay",
    )

    research_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    state: Mapped[str] = mapped_column(String(12), default=QuestionState.HEARD, info=C1.info)
    entry_id: Mapped[str | None] = mapped_column(
        ForeignKey("entries.entry_id"), index=True, info=C1.info
    )
    reason: Mapped[str | None] = mapped_column(String(20), info=C1.info)
    country: Mapped[str | None] = mapped_column(String(2), info=C1.info)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.DRAFT))
    approved_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    delivered_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    useful_yes: Mapped[int] = mapped_column(default=0, info=C1.info)
    useful_partly: Mapped[int] = mapped_column(default=0, info=C1.info)
    useful_no: Mapped[int] = mapped_column(default=0, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)

    @property
    def awaits_answer(self) -> bool:
        """Whether an approved answer may still be drafted from."""
        return self.state in (QuestionState.HEARD, QuestionState.ASKED, QuestionState.UNANSWERED)

    def withhold(self, reason: Withholding) -> None:
        """Never publish its answer; what was kept of it goes."""
        self.state, self.reason, self.answer_sealed = QuestionState.WITHHELD, reason, None

    def withdraw(self) -> bool:
        """The asker took it back: nothing is drafted from it any more; False where it is public."""
        if self.state in (QuestionState.COVERED, QuestionState.WITHDRAWN):
            return False
        self.state, self.answer_sealed = QuestionState.WITHDRAWN, None
        return True

    def rate(self, useful: str) -> None:
        """Count one asker's word on whether the answer was useful."""
        name = f"useful_{useful}"
        setattr(self, name, getattr(self, name) + 1)
