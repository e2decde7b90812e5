"""What reviewers and editors say to each other of a text, on which version and which part of it."""

import datetime as dt
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, ForeignKeyConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base


class Part(StrEnum):
    """What of a version a remark is about."""

    WHOLE = "whole"
    QUESTION = "question"
    ANSWER = "answer"
    SOURCES = "sources"
    FACTS = "facts"  # dates, country, topics, level
    LANGUAGES = "languages"


class Remark(Base):
    """One remark, or an answer to one, sealed under the key of its version and never public."""

    __tablename__ = "remarks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entry_id", "number"], ["versions.entry_id", "versions.number"], ondelete="CASCADE"
        ),
        kept(
            "why a public text reads as it does, and who asked for it",
            Ground.INTEREST,
            until="its draft is discarded, or the last asker of its question is erased",
            then="deleted; the key is destroyed",
        ),
    )

    remark_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    entry_id: Mapped[str] = mapped_column(String(32), index=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)  # of the version
    part: Mapped[str] = mapped_column(String(12), info=C1.info)
    answers: Mapped[str | None] = mapped_column(
        ForeignKey("remarks.remark_id", ondelete="CASCADE"), info=C1.info
    )
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.DRAFT))
    by_id: Mapped[str] = mapped_column(String(32), info=C1.info)
    by: Mapped[str] = mapped_column(String(100), info=C1.info)
    said_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    settled_by: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    def settle(self, *, by: Staff) -> bool:
        """Nothing more is to be done about it; False where somebody said so before."""
        if self.settled_at is not None:
            return False
        self.settled_by, self.settled_at = by.name, clock.now()
        return True
