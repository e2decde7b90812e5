"""What readers and workshops look for and do not find, and what the public database holds."""

import datetime as dt

from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, String
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


class RaisedObstacle(Base):
    """How many people of workshops found it hard to talk about this, in a quarter; five or more."""

    __tablename__ = "raised_obstacles"
    __table_args__ = kept(
        "shows what to look for next",
        Ground.NOBODY,
        until="after its quarter began",
        span=MISSES_DAYS,
        duty="retention.raised-obstacles",
    )

    code: Mapped[str] = mapped_column(String(60), primary_key=True, info=C1.info)
    quarter: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    topic: Mapped[str] = mapped_column(String(60), info=C1.info)  # "": any
    people: Mapped[int] = mapped_column(info=C1.info)


class PublicEntry(Base):
    """What a public entry is about and how old it is; its words stay in publishing and search."""

    __tablename__ = "public_entries"
    __table_args__ = kept(
        "shows what is public already, and how old it is",
        Ground.NOBODY,
        until="the entry is withdrawn",
    )

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    country: Mapped[str] = mapped_column(String(2), index=True, info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C0.info)
    information_date: Mapped[dt.date] = mapped_column(Date, info=C0.info)
    review_by: Mapped[dt.date] = mapped_column(Date, info=C0.info)
    archived: Mapped[bool] = mapped_column(default=False, info=C0.info)
