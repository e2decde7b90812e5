"""Contacts and programmes, and the words that find them."""

import datetime as dt
from typing import Any

from cri_shared.events.publishing import ContactFacts, ProgrammeFacts
from cri_shared.privacy.classes import C0
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_search.models.base import Base

Facts = ContactFacts | ProgrammeFacts
_SHAPES: dict[str, type[Facts]] = {"contact": ContactFacts, "programme": ProgrammeFacts}


class Listing(Base):
    """A contact or programme of a country; what readers must not see any more is a tombstone."""

    __tablename__ = "listings"
    __table_args__ = kept(
        "a copy of public contacts and programmes",
        Ground.NOBODY,
        until="it is retired",
        then="a tombstone stays: id and day",
    )

    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    what: Mapped[str] = mapped_column(String(12), info=C0.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    country: Mapped[str | None] = mapped_column(String(2), index=True, info=C0.info)
    check_by: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), info=C0.info)
    retired_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C0.info)

    @property
    def shown(self) -> Facts | None:
        """What readers see of it; None where it is retired."""
        return _SHAPES[self.what].model_validate(self.facts) if self.facts else None

    def tell(self, version: int, facts: Facts | None, on: dt.date) -> bool:
        """Take what a version says; without facts it is retired. False where a newer is known."""
        if version <= self.version:
            return False
        self.version = version
        self.country = facts.country if facts else None
        self.check_by = facts.check_by if facts else None
        self.facts = facts.model_dump(mode="json") if facts else None
        self.retired_on = None if facts else on
        return True


class ListingWord(Base):
    """A word, or its stem, by which a contact or programme is found, and how much it tells of it.

    Words of its country and topics are there in all languages that we know their names in.
    """

    __tablename__ = "listing_words"
    __table_args__ = kept(
        "finds contacts and programmes", Ground.NOBODY, until="the listing changes or is retired"
    )

    word: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    listing_id: Mapped[str] = mapped_column(
        ForeignKey("listings.listing_id"), primary_key=True, index=True, info=C0.info
    )
    weight: Mapped[int] = mapped_column(info=C0.info)
