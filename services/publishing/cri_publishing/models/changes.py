"""What changed in a country, after which what was known before must be checked again."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base


class ChangeKind(StrEnum):
    """What kind of thing changed."""

    POWER = "power"
    VIOLENCE = "violence"
    MONEY = "money"
    LAW = "law"
    BORDER = "border"
    DISASTER = "disaster"
    SERVICE = "service"
    OTHER = "other"


class CountryChange(Base):
    """One change: information of its day or before, on its topics, no longer counts as fresh."""

    __tablename__ = "country_changes"
    __table_args__ = kept("why entries of a country were asked again at once", Ground.INTEREST)

    change_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    country: Mapped[str] = mapped_column(String(2), info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C0.info)  # or groups; none: every topic
    kind: Mapped[str] = mapped_column(String(12), info=C1.info)
    note: Mapped[str] = mapped_column(String(300), info=C1.info)
    happened_on: Mapped[dt.date] = mapped_column(Date, info=C1.info)
    entries: Mapped[int] = mapped_column(info=C1.info)  # that it made due
    listings: Mapped[int] = mapped_column(default=0, info=C1.info)  # that it made due
    declared_by: Mapped[str] = mapped_column(String(100), info=C1.info)
    declared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)

    def touches(self, topics: Iterable[str]) -> bool:
        """Whether one of these topics, or its group, is among its own."""
        both = {name for code in topics for name in (code, code.split(".")[0])}
        return not self.topics or bool(both & set(self.topics))
