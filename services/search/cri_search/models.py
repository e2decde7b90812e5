"""Search's own copy of what is public, told by events in any order; the newer version wins."""

import datetime as dt
from typing import Any

from cri_shared.db import NAMING, Messaging, UtcDateTime
from cri_shared.events.publishing import ContactFacts, EntryFacts, ProgrammeFacts
from cri_shared.events.training import EditionFacts
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.privacy.stores import Store
from sqlalchemy import JSON, Date, ForeignKey, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cri_search.rules.standing import State
from cri_search.rules.weeks import COUNTING, FORM_SPAN, WEEK


class Base(DeclarativeBase):
    """Search's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata)


class Entry(Base):
    """A public entry; withdrawn, it is a tombstone: id, slug and day, nothing else.

    `version` is that of its content, `ended_version` that of its archiving or withdrawal.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_state_changed", "state", "changed_on"),
        Index("ix_entries_state_country", "state", "country"),
        kept(
            "a copy of what is public",
            Ground.NOBODY,
            until="the entry is withdrawn",
            then="a tombstone stays: id, address and day",
        ),
    )

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C0.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    ended_version: Mapped[int] = mapped_column(default=0, info=C0.info)
    ended_on: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    state: Mapped[str] = mapped_column(String(12), default=State.PUBLISHED, info=C0.info)
    slug: Mapped[str] = mapped_column(Text, default="", index=True, info=C0.info)
    country: Mapped[str | None] = mapped_column(String(2), info=C0.info)
    region: Mapped[str | None] = mapped_column(Text, info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C0.info)
    outcome: Mapped[str | None] = mapped_column(String(12), info=C0.info)
    information_date: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    review_by: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    published_on: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    changed_on: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    single_source: Mapped[bool] = mapped_column(default=False, info=C0.info)
    tried: Mapped[str | None] = mapped_column(Text, info=C0.info)
    answered_by: Mapped[str | None] = mapped_column(Text, info=C0.info)
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)
    accounts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)

    @classmethod
    def unheard(cls, entry_id: str) -> "Entry":
        """An entry of which nothing is known yet."""
        return cls(entry_id=entry_id, version=0, ended_version=0, state=State.PUBLISHED, slug="")

    def tell(self, facts: EntryFacts) -> bool:
        """Take the facts of a version; False where they are older than what is known.

        Of one version the earliest day of the next check counts: a country may change. An entry
        that was withdrawn at this version or later keeps nothing but its address.
        """
        if facts.version == self.version and self.review_by and facts.review_by < self.review_by:
            self.review_by = facts.review_by
            return True
        if facts.version <= self.version:
            return False
        self.version, self.slug = facts.version, facts.slug
        if facts.version > self.ended_version:
            self.state, self.ended_on = State.PUBLISHED, None
        if self.state == State.WITHDRAWN:
            return False
        self.country, self.region = facts.country, facts.region
        self.topics = list(facts.topics)
        self.outcome = facts.outcome
        self.information_date, self.review_by = facts.information_date, facts.review_by
        self.published_on = facts.published_on
        self.changed_on = max([facts.published_on, *(change.on for change in facts.changes)])
        self.single_source, self.tried = facts.single_source, facts.tried
        self.answered_by = facts.answered_by
        self.sources = [source.model_dump(mode="json") for source in facts.sources]
        self.accounts = [account.model_dump(mode="json") for account in facts.accounts]
        self.changes = [change.model_dump(mode="json") for change in facts.changes]
        return True

    def archive(self, version: int, on: dt.date) -> None:
        """Mark as too old to be found by default."""
        if version >= max(self.version, self.ended_version) and self.state == State.PUBLISHED:
            self.state, self.ended_version, self.ended_on = State.ARCHIVED, version, on

    def withdraw(self, version: int, on: dt.date) -> bool:
        """Forget everything but the address; False where a newer version is public."""
        if version < self.version or self.state == State.WITHDRAWN:
            return False
        self.state, self.ended_version, self.ended_on = State.WITHDRAWN, version, on
        self.country = self.region = self.outcome = self.tried = self.answered_by = None
        self.information_date = self.review_by = self.published_on = self.changed_on = None
        self.topics, self.sources, self.accounts, self.changes = [], [], [], []
        self.single_source = False
        return True


class EntryText(Base):
    """The question and answer of an entry in one language; the original stands first."""

    __tablename__ = "entry_texts"
    __table_args__ = kept(
        "its question and answer in each language",
        Ground.NOBODY,
        until="the entry is withdrawn or revised",
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("entries.entry_id"), primary_key=True, info=C0.info
    )
    language: Mapped[str] = mapped_column(String(12), primary_key=True, info=C0.info)
    position: Mapped[int] = mapped_column(info=C0.info)
    question: Mapped[str] = mapped_column(Text, info=C0.info)
    answer: Mapped[str] = mapped_column(Text, info=C0.info)
    translated_from: Mapped[str | None] = mapped_column(String(12), info=C0.info)
    stale: Mapped[bool] = mapped_column(info=C0.info)


class EntryTopic(Base):
    """One of the topics of an entry, to count by."""

    __tablename__ = "entry_topics"
    __table_args__ = kept(
        "counts by topic", Ground.NOBODY, until="the entry is withdrawn or revised"
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("entries.entry_id"), primary_key=True, info=C0.info
    )
    topic: Mapped[str] = mapped_column(String(60), primary_key=True, index=True, info=C0.info)
    topic_group: Mapped[str] = mapped_column(String(30), index=True, info=C0.info)


class Word(Base):
    """A word of the answers that may be found, to tell what who misspells it means."""

    __tablename__ = "words"
    __table_args__ = kept(
        "words of public answers, to mend misspelt ones",
        Ground.NOBODY,
        until="no public answer has the word",
    )

    word: Mapped[str] = mapped_column(String(40), primary_key=True, info=C0.info)
    language: Mapped[str] = mapped_column(String(12), primary_key=True, info=C0.info)
    initial: Mapped[str] = mapped_column(String(1), index=True, info=C0.info)
    written: Mapped[str] = mapped_column(Text, info=C0.info)
    entries: Mapped[int] = mapped_column(info=C0.info)


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
        self.sittings, self.places = len(facts.sittings), facts.places

    def cancel(self, version: int) -> None:
        """It will not be held."""
        if version >= self.version:
            self.version, self.cancelled = version, True


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

    def tell(self, version: int, facts: ContactFacts | ProgrammeFacts | None, on: dt.date) -> None:
        """Take what a version says, unless a newer one is known; without facts it is retired."""
        if version <= self.version:
            return
        self.version = version
        self.country = facts.country if facts else None
        self.check_by = facts.check_by if facts else None
        self.facts = facts.model_dump(mode="json") if facts else None
        self.retired_on = None if facts else on


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
