"""What else is public: which countries have a partner, and workshops."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.events.training import EditionFacts
from cri_shared.privacy.classes import C0
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cri_search.models.base import Base

CLOSED = "closed"  # nobody can sign up any more, whatever places there are


class CountryState(Base):
    """Whether a country has a partner who can take questions at present."""

    __tablename__ = "countries"
    __table_args__ = kept("tells readers whether there is a partner", Ground.NOBODY)

    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C0.info)
    partner_state: Mapped[str] = mapped_column(String(12), info=C0.info)


class Edition(Base):
    """A workshop that people can sign up for; a cancelled one is only known as such."""

    __tablename__ = "editions"
    __table_args__ = kept("tells readers of workshops", Ground.NOBODY)

    edition_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    cancelled: Mapped[bool] = mapped_column(default=False, info=C0.info)
    title: Mapped[str] = mapped_column(Text, default="", info=C0.info)
    language: Mapped[str] = mapped_column(String(12), default="", info=C0.info)
    town: Mapped[str | None] = mapped_column(Text, info=C0.info)
    starts_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C0.info)
    sittings: Mapped[int] = mapped_column(default=0, info=C0.info)
    places: Mapped[str] = mapped_column(String(20), default="", info=C0.info)

    def tell(self, facts: EditionFacts) -> None:
        """Take the public facts of a version, unless a newer one is known."""
        if facts.version <= self.version:
            return
        self.version, self.cancelled = facts.version, False
        self.title, self.language, self.town = facts.title, facts.language, facts.town
        self.starts_at = min(sitting.starts_at for sitting in facts.sittings)
        self.sittings = len(facts.sittings)
        self.places = facts.places if facts.takes_sign_ups else CLOSED

    def cancel(self, version: int) -> None:
        """It will not be held."""
        if version >= self.version:
            self.version, self.cancelled = version, True
