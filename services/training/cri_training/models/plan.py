"""What trainers add to an edition's mails: links to material, and what they stop or hasten."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base
from cri_training.rules.kinds import Kind


class Material(Base):
    """A link to what is used in an edition, for those who take part."""

    __tablename__ = "materials"
    __table_args__ = (
        UniqueConstraint("edition_id", "url"),
        kept(
            "what participants read before and after", Ground.NOBODY, until="a trainer removes it"
        ),
    )

    material_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), index=True, info=C1.info
    )
    number: Mapped[int] = mapped_column(info=C1.info)  # rises, so the newest is known
    title: Mapped[str] = mapped_column(String(160), info=C1.info)
    url: Mapped[str] = mapped_column(String(500), info=C1.info)
    added_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=clock.now, info=C1.info)


class PlanChange(Base):
    """A sort of mail that a trainer stopped for an edition, or one that must not wait."""

    __tablename__ = "plan_changes"
    __table_args__ = kept("mails that trainers stopped or hastened", Ground.NOBODY)

    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), primary_key=True, info=C1.info
    )
    kind: Mapped[Kind] = mapped_column(String(16), primary_key=True, info=C1.info)
    # None: stopped, whatever its date; else the mark of the one mail that goes now.
    mark: Mapped[str | None] = mapped_column(String(16), info=C1.info)
    decided_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=clock.now, info=C1.info)
