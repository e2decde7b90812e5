"""How good the detectors are at the desk: what they missed, and counts without a word of a text."""

from cri_shared.db import new_id
from cri_shared.privacy.classes import C1, C3, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base


class Miss(Base):
    """Words of an asker that tell who asks and that no detector saw; an officer marked them."""

    __tablename__ = "misses"
    __table_args__ = kept(
        "words that tell who asks and must not leave, as an officer marked them",
        Ground.CONSENT,
        until="the case goes",
    )

    miss_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    kind: Mapped[str] = mapped_column(String(16), info=C1.info)
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))


class DeskCount(Base):
    """How often, in a month, a kind of words in a language was seen, missed or answered so."""

    __tablename__ = "desk_counts"
    __table_args__ = kept(
        "how good the detectors are, month by month, without a word of any text", Ground.NOBODY
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True, info=C1.info)  # 2026-11
    language: Mapped[str] = mapped_column(String(12), primary_key=True, info=C1.info)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True, info=C1.info)
    verdict: Mapped[str] = mapped_column(String(12), primary_key=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)
