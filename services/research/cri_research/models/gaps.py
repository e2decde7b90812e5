"""What readers look for and do not find, as search counts it."""

import datetime as dt

from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_research.models.base import Base

MISSES_DAYS = 365


class MissedSearch(Base):
    """How many searches found nothing in a week; five or more, or there is no row."""

    __tablename__ = "missed_searches"
    __table_args__ = kept(
        "shows what to look for next",
        Ground.NOBODY,
        until="after its week began",
        span=MISSES_DAYS,
        duty="retention.missed-searches",
    )

    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C1.info)
    topic: Mapped[str] = mapped_column(String(60), primary_key=True, info=C1.info)  # "": any
    week: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    searches: Mapped[int] = mapped_column(info=C1.info)
