"""An entry: the public question and answer at a stable address, and how long it stays good."""

import datetime as dt
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.errors import Forbidden, Refusal
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base
from cri_publishing.rules.life import dates, soon_from


class EntryStatus(StrEnum):
    """What readers see of an entry."""

    DRAFT = "draft"  # nothing yet
    PUBLISHED = "published"
    DUE = "due"  # a banner: past its review date
    ARCHIVED = "archived"  # at its address only, marked
    WITHDRAWN = "withdrawn"  # a tombstone
    CLOSED = "closed"  # never was public and never will be


class RefreshState(StrEnum):
    """Whether the entry's question is being asked again."""

    NONE = "none"
    ASKED = "asked"
    ANSWERED = "answered"
    FAILED = "failed"


class WithdrawalReason(StrEnum):
    """Why a person took an entry back."""

    WRONG = "wrong"
    HARM = "harm"
    PARTNER = "partner"
    LAW = "law"
    DOUBLE = "double"


class NothingPublished(Refusal):
    """Only what readers can see may be revised, archived or withdrawn."""

    slug = "nothing-published"
    message = N_("Readers do not see this entry at present.")


class WorkUnderWay(Refusal):
    """One version at a time."""

    slug = "work-under-way"
    message = N_("Somebody is already working on a new version. Finish that one first.")


class NotYourEmbargo(Forbidden):
    """Who approved an entry decides on its waiting time."""

    slug = "not-your-embargo"
    message = N_("Only the person who approved this version may end its waiting time.")


PUBLIC = (EntryStatus.PUBLISHED, EntryStatus.DUE)


class Entry(Base):
    """One entry. `version` counts what was published; `turn` grows with every event about it."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_status", "status"),
        Index("ix_entries_country", "country", "status"),
        # How far the entries of a change have come is counted without looking at any of them.
        Index("ix_entries_expired_by", "expired_by", "refresh_state", "status"),
        kept(
            "the public database",
            Ground.NOBODY,
            until="a person withdraws it",
            then="a tombstone stays: address and day",
        ),
    )

    entry_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C0.info
    )
    slug: Mapped[str | None] = mapped_column(String(80), unique=True, info=C0.info)
    status: Mapped[str] = mapped_column(String(12), default=EntryStatus.DRAFT, info=C0.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    turn: Mapped[int] = mapped_column(default=0, info=C1.info)
    country: Mapped[str] = mapped_column(String(2), info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C0.info)
    information_date: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    review_by: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)
    published_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    wake_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C1.info)
    stuck_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)  # its last turn
    refresh_state: Mapped[str] = mapped_column(String(8), default=RefreshState.NONE, info=C1.info)
    refresh_id: Mapped[str | None] = mapped_column(String(64), info=C1.info)
    expired_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)  # the country changed
    expired_by: Mapped[str | None] = mapped_column(String(32), info=C1.info)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(12), info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)

    @property
    def is_public(self) -> bool:
        """Whether readers find it."""
        return self.status in PUBLIC

    @property
    def may_be_revised(self) -> bool:
        """Whether a new version may follow the one that was published."""
        return self.is_public or self.status == EntryStatus.ARCHIVED

    def describe(self, country: str, topics: tuple[str, ...]) -> None:
        """Before the first publication, what it is about follows its draft."""
        if self.version == 0:
            self.country, self.topics = country, list(topics)

    def step(self) -> int:
        """The number of the next event about this entry."""
        self.turn += 1
        self.changed_at = clock.now()
        return self.turn

    def publish(
        self, number: int, *, information_date: dt.date, country: str, topics: tuple[str, ...]
    ) -> None:
        """A version becomes what readers see; a newer information date starts a new life."""
        today = clock.today()
        if self.version == 0:
            self.published_on = today
        if information_date != self.information_date:
            self.refresh_state, self.refresh_id = RefreshState.NONE, None
        if self.expired_on is not None and information_date > self.expired_on:
            self.expired_on = self.expired_by = None
        self.version, self.country, self.topics = number, country, list(topics)
        self.information_date = information_date
        self.review_by = self.good_until(information_date)
        self.status = EntryStatus.DUE if today > self.review_by else EntryStatus.PUBLISHED
        self.plan()

    def expire(self, on: dt.date, by: str) -> None:
        """Its country changed that day: what is of that day or before must be checked again."""
        self.expired_on, self.expired_by = on, by

    def good_until(self, information_date: dt.date) -> dt.date:
        """The day by which it must be checked: that of its topics, or before its country changed.

        `information_date` is the one that readers see.
        """
        usual = dates(information_date, tuple(self.topics)).review_by
        if self.expired_on is None:
            return usual
        return min(usual, self.expired_on - dt.timedelta(days=1))

    def plan(self) -> None:
        """Choose the next day on which time alone changes something: its turn went well."""
        self.stuck_at = None
        if not self.is_public or self.information_date is None:
            self.wake_on = None
            return
        life = dates(self.information_date, tuple(self.topics))
        coming = [life.archive_on]
        if self.status == EntryStatus.PUBLISHED:
            good_until = self.good_until(self.information_date)
            coming.append(good_until + dt.timedelta(days=1))
            if (soon := soon_from(good_until)) > clock.today():
                coming.append(soon)
        if self.refresh_state == RefreshState.NONE:
            coming.append(self.expired_on or life.refresh_on)
        self.wake_on = min(coming)

    def fall_due(self) -> None:
        """Past its review date: it stays public, marked."""
        self.status = EntryStatus.DUE
        self.changed_at = clock.now()

    def ask_again(self, research_id: str) -> None:
        """Its question goes to a partner once more."""
        self.refresh_state, self.refresh_id = RefreshState.ASKED, research_id

    def refresh_ended(self, research_id: str, *, answered: bool) -> bool:
        """What came of asking again; False where that was about an older asking."""
        if self.refresh_id != research_id or self.refresh_state == RefreshState.ANSWERED:
            return False
        self.refresh_state = RefreshState.ANSWERED if answered else RefreshState.FAILED
        return True

    def archive(self) -> None:
        """Readers find it by its address only; raises `NothingPublished`."""
        if not self.is_public:
            raise NothingPublished
        self.status, self.wake_on = EntryStatus.ARCHIVED, None

    def withdraw(self, reason: WithdrawalReason) -> None:
        """A tombstone stands in its place, for ever; raises `NothingPublished`."""
        if not self.may_be_revised:
            raise NothingPublished
        self.status, self.wake_on = EntryStatus.WITHDRAWN, None
        self.withdrawn_reason = reason

    def close(self) -> None:
        """It never was public and never will be."""
        self.status = EntryStatus.CLOSED
        self.changed_at = clock.now()
