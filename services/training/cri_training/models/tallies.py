"""Tallies: how many people there were, once nothing else of them is kept."""

from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base


class Tally(Base):
    """Of an edition, a kind of work and an organisation how many people got how far.

    Work or organisation is empty where it was not told, or is none that we know. Only sums of
    them that tell of five people or more are ever shown.
    """

    __tablename__ = "tallies"
    __table_args__ = kept("how many came, after who came is forgotten", Ground.NOBODY)

    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), primary_key=True, info=C1.info
    )
    role: Mapped[str] = mapped_column(String(16), primary_key=True, info=C1.info)
    organisation_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    reached: Mapped[str] = mapped_column(String(12), primary_key=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)
    minutes: Mapped[int] = mapped_column(default=0, info=C1.info)  # that they attended, together
