"""The directory of those who can help where we cannot."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.errors import NotFound
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules.danger import STALE_DAYS


class ReferralUnknown(NotFound):
    """Nobody of this id is in the directory."""

    slug = "referral-unknown"
    message = N_("This organisation is not in the directory.")


class Referral(Base):
    """An organisation to which askers are sent: what it says of itself in public.

    `helps` tells by language (nl, fr, en) what it does; at least one of them is there.
    """

    __tablename__ = "referrals"
    __table_args__ = kept("who can help where we cannot", Ground.NOBODY)

    referral_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    name: Mapped[str] = mapped_column(String(120), info=C1.info)
    helps: Mapped[dict[str, str]] = mapped_column(JSON, info=C1.info)
    place: Mapped[str | None] = mapped_column(String(120), info=C1.info)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    phone: Mapped[str | None] = mapped_column(String(40), info=C1.info)
    email: Mapped[str | None] = mapped_column(String(254), info=C1.info)
    website: Mapped[str | None] = mapped_column(Text, info=C1.info)
    checked_on: Mapped[dt.date] = mapped_column(Date, info=C1.info)
    checked_by: Mapped[str] = mapped_column(String(100), info=C1.info)
    left_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def is_stale(self) -> bool:
        """Whether nobody has looked for long whether it is still right."""
        return (clock.today() - self.checked_on).days > STALE_DAYS
