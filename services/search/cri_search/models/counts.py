"""What readers say and do not find, by week, and the forms that came in."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.privacy.stores import Store
from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_search.models.base import Base
from cri_search.rules.weeks import COUNTING, FORM_SPAN, WEEK


class SentForm(Base):
    """A form of a reader that came in: the same again changes nothing."""

    __tablename__ = "sent_forms"
    __table_args__ = kept(
        "what a reader sends twice counts once",
        Ground.NOBODY,
        until="after it came",
        span=FORM_SPAN,
        duty="retention.sent-forms",
        store=Store.COUNTS,
    )

    form_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class Rating(Base):
    """How many readers found an entry useful in a week, until that is told or too few did."""

    __tablename__ = "ratings"
    __table_args__ = kept(
        "how useful readers find answers, by week",
        Ground.NOBODY,
        until="after its week began",
        span=WEEK,
        duty=COUNTING,
        store=Store.COUNTS,
    )

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    week: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    useful: Mapped[int] = mapped_column(default=0, info=C1.info)
    not_useful: Mapped[int] = mapped_column(default=0, info=C1.info)


class Miss(Base):
    """How many searches found nothing in a week, by country and topic; never their words."""

    __tablename__ = "misses"
    __table_args__ = kept(
        "what people look for and do not find, by week",
        Ground.NOBODY,
        until="after its week began",
        span=WEEK,
        duty=COUNTING,
        store=Store.COUNTS,
    )

    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C1.info)
    topic: Mapped[str] = mapped_column(String(60), primary_key=True, info=C1.info)
    week: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    searches: Mapped[int] = mapped_column(default=0, info=C1.info)
