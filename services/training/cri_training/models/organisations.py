"""Organisations that send their people, and the places that are kept for them until a date."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cri_training.models.base import Base
from cri_training.rules.queue import Reserved


class Organisation(Base):
    """An organisation whose people come to workshops."""

    __tablename__ = "organisations"
    __table_args__ = kept("whom places are reserved for", Ground.NOBODY)

    organisation_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    name: Mapped[str] = mapped_column(String(120), unique=True, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class Reservation(Base):
    """Places of an edition that one organisation may take, and everybody from `until` on."""

    __tablename__ = "reservations"
    __table_args__ = kept("which places were kept for whom, and until when", Ground.NOBODY)

    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisations.organisation_id"), primary_key=True, info=C1.info
    )
    places: Mapped[int] = mapped_column(info=C1.info)
    until: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    # When what was not taken went back to everybody; None: not yet.
    given_back_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    def reserved(self) -> Reserved:
        """What the seat ledger needs to know."""
        return Reserved(self.organisation_id, self.places, self.until)
