"""Desks: an organisation signs its people up by a link, without an account."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1, Digest, K
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base

LINK_LIFE = dt.timedelta(days=180)


class Desk(Base):
    """The link of one organisation, of which only a digest is kept; nor to whom it was sent."""

    __tablename__ = "organisation_desks"
    __table_args__ = kept("which organisation may sign its people up by a link", Ground.NOBODY)

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisations.organisation_id"), primary_key=True, info=C1.info
    )
    form_id: Mapped[str] = mapped_column(String(32), unique=True, info=C1.info)
    token_hash: Mapped[str | None] = mapped_column(  # None: withdrawn
        String(64), unique=True, info=K.digest(Digest.RANDOM)
    )
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    until: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def is_open(self) -> bool:
        """Whether its link is good."""
        return self.token_hash is not None and self.until > clock.now()
