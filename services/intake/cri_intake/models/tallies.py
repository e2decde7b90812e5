"""What is counted of cases, and stays when they go: no row of it is about one person."""

from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base


class Tally(Base):
    """How many cases of a month are or were so: `measure` names what is counted, `code` how."""

    __tablename__ = "tallies"
    __table_args__ = kept(
        "how many questions came in, of which kind, and what became of them, month by month, with"
        " those that are gone; fewer than five are not shown",
        Ground.NOBODY,
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True, info=C1.info)  # 2026-11
    measure: Mapped[str] = mapped_column(String(12), primary_key=True, info=C1.info)
    code: Mapped[str] = mapped_column(String(40), primary_key=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)
