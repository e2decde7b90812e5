"""People of partner organisations who sign in to see what became of its questions."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base


class Member(Base):
    """Somebody of a partner organisation; the account itself lies with all accounts."""

    __tablename__ = "members"
    __table_args__ = kept(
        "who signs in for a partner organisation",
        Ground.INTEREST,
        until="an operator takes it away",
    )

    email: Mapped[str] = mapped_column(String(254), primary_key=True, info=C1.info)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), index=True, info=C1.info
    )
    name: Mapped[str] = mapped_column(String(100), info=C1.info)
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
