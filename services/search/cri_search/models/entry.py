"""Public entries as events told them, in any order; the newer version wins."""

import datetime as dt
from typing import Any

from cri_shared.events.publishing import EntryFacts
from cri_shared.privacy.classes import C0
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cri_search.models.base import Base
from cri_search.rules.standing import State


class Entry(Base):
    """A public entry; withdrawn, it is a tombstone: id, slug and day, nothing else.

    `version` is that of its content, `ended_version` that of its archiving or withdrawal.
    `languages` are those of its texts, that of the original first, between blanks.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_state_due", "state", "country", "review_by"),
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
    languages: Mapped[str] = mapped_column(Text, default="", info=C0.info)
    single_source: Mapped[bool] = mapped_column(default=False, info=C0.info)
    tried: Mapped[str | None] = mapped_column(Text, info=C0.info)
    answered_by: Mapped[str | None] = mapped_column(Text, info=C0.info)
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)
    accounts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=C0.info)

    @property
    def is_found(self) -> bool:
        """Whether searching may find it."""
        return self.state == State.PUBLISHED and self.version > 0

    @property
    def heard(self) -> tuple[int, int, str, dt.date | None]:
        """What is another whenever something of it changes."""
        return self.version, self.ended_version, self.state, self.review_by

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
        self.languages = " ".join(each.language for each in facts.original_first)
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
        self.single_source, self.languages = False, ""
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
