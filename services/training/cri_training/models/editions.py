"""Workshops (what can be taught), their editions (when and where), and the sessions of those."""

import datetime as dt
from collections.abc import Sequence

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.db.some import index_of_some
from cri_shared.errors import NotFound
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cri_training.models.base import Base
from cri_training.models.refusals import (
    EditionInPast,
    EditionNotDraft,
    NotHeldYet,
    SessionOver,
)
from cri_training.models.seating import Seating
from cri_training.rules.attendance import OPENS_BEFORE, minutes_between
from cri_training.rules.certificates import USUAL_PERCENT
from cri_training.rules.states import EditionStatus

# Editions that were or will be held, and those that are said to be complete; not counted yet.
UNCOUNTED = "counted_no IS NULL AND published_at IS NOT NULL AND status != 'cancelled'"
CLOSED_EARLY = "feedback_closed_at IS NOT NULL"
COMPLETE = "counted_no IS NULL AND complete_at IS NOT NULL"


class Workshop(Base):
    """What can be taught: the template of its editions."""

    __tablename__ = "workshops"
    __table_args__ = kept("what can be taught", Ground.NOBODY)

    workshop_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C0.info
    )
    form_id: Mapped[str] = mapped_column(String(32), unique=True, info=C1.info)
    title: Mapped[str] = mapped_column(String(160), info=C0.info)
    summary: Mapped[str] = mapped_column(Text, info=C0.info)
    language: Mapped[str] = mapped_column(String(12), info=C0.info)
    certificate_percent: Mapped[int] = mapped_column(default=USUAL_PERCENT, info=C0.info)
    requires: Mapped[str | None] = mapped_column(  # what people attend first
        ForeignKey("workshops.workshop_id"), info=C0.info
    )
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class Edition(Seating, Base):
    """A workshop that is held, at a place or online or both."""

    __tablename__ = "editions"
    __table_args__ = (
        CheckConstraint("taken <= capacity + overbooked", name="never_over_capacity"),
        index_of_some("ix_editions_closed_early", CLOSED_EARLY, "ends_at", "feedback_closed_at"),
        # Without those that are not counted, or SQLite seeks these there, and looks at all of them.
        index_of_some(
            "ix_editions_counted_no", "counted_no IS NOT NULL", "counted_no", unique=True
        ),
        index_of_some("ix_editions_uncounted", UNCOUNTED, "ends_at", "edition_id"),
        index_of_some("ix_editions_complete", COMPLETE, "ends_at", "edition_id"),
        kept(
            "when and where it is taught, and by whom",
            Ground.REQUEST,
        ),
    )

    edition_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C0.info
    )
    workshop_id: Mapped[str] = mapped_column(
        ForeignKey("workshops.workshop_id"), index=True, info=C0.info
    )
    form_id: Mapped[str] = mapped_column(String(32), unique=True, info=C1.info)
    title: Mapped[str] = mapped_column(String(160), info=C0.info)
    language: Mapped[str] = mapped_column(String(12), info=C0.info)
    format: Mapped[str] = mapped_column(String(8), info=C0.info)  # venue, online or hybrid
    town: Mapped[str | None] = mapped_column(String(80), info=C0.info)
    venue: Mapped[str | None] = mapped_column(String(300), info=C0.info)
    online_url: Mapped[str | None] = mapped_column(String(500), info=C1.info)
    trainers: Mapped[list[str]] = mapped_column(JSON, info=C0.info)
    notes: Mapped[str | None] = mapped_column(Text, info=C0.info)
    needs_approval: Mapped[bool] = mapped_column(default=False, info=C0.info)
    sign_up_until: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C0.info)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C0.info)
    schedule: Mapped[int] = mapped_column(default=0, info=C1.info)  # rises when dates or place do
    scheduled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    cancel_reason: Mapped[str | None] = mapped_column(String(500), info=C0.info)
    feedback_code: Mapped[str | None] = mapped_column(String(16), unique=True, info=C1.info)
    feedback_closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    complete_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    # Once its people are counted for reports: its place among the editions of which they are.
    counted_no: Mapped[int | None] = mapped_column(info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    sittings: Mapped[list["Sitting"]] = relationship(
        order_by="Sitting.number", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def takes_sign_ups(self) -> bool:
        """Whether somebody may sign up now, be it for the waiting list."""
        now = clock.now()
        open_still = now < self.sign_up_until and now < self.starts_at
        return self.status == EditionStatus.PUBLISHED and open_still

    def set_sessions(self, times: Sequence[tuple[dt.datetime, dt.datetime]]) -> None:
        """Give a draft its sessions; raises `EditionNotDraft`."""
        if self.status != EditionStatus.DRAFT:
            raise EditionNotDraft
        self.sittings = [
            Sitting(number=number, starts_at=start, ends_at=end)
            for number, (start, end) in enumerate(times, 1)
        ]
        self._span()

    def publish(self) -> None:
        """Let people sign up; raises `EditionNotDraft` or `EditionInPast`."""
        if self.status != EditionStatus.DRAFT:
            raise EditionNotDraft
        if self.starts_at <= clock.now():
            raise EditionInPast
        self.status = EditionStatus.PUBLISHED
        self.published_at = clock.now()
        self.version += 1
        self.count(())

    def close(self) -> bool:
        """Take no new sign-ups; whether that is a change. Raises `EditionOver`."""
        self.check_changeable()
        if self.status != EditionStatus.PUBLISHED:
            return False
        self.status = EditionStatus.CLOSED
        return True

    def reopen(self) -> bool:
        """Take sign-ups again, until the first session if the last day is past."""
        self.check_changeable()
        if self.status != EditionStatus.CLOSED or self.starts_at <= clock.now():
            return False
        self.status = EditionStatus.PUBLISHED
        if self.sign_up_until <= clock.now():
            self.sign_up_until = self.starts_at
        return True

    def cancel(self, reason: str) -> bool:
        """Call it off, with words for those who signed up; whether that is a change."""
        if self.status == EditionStatus.CANCELLED:
            return False
        self.check_changeable()
        self.status = EditionStatus.CANCELLED
        self.cancel_reason = reason
        self.version += 1
        return True

    def hold(self, feedback_code: str) -> None:
        """The last session is over: its feedback form opens."""
        if self.goes_ahead:
            self.status = EditionStatus.HELD
            self.feedback_code = feedback_code

    def feedback_until(self, span: dt.timedelta) -> dt.datetime:
        """When its feedback form closes, or was closed before that."""
        return self.feedback_closed_at or self.ends_at + span

    def close_feedback(self, span: dt.timedelta) -> bool:
        """Close its feedback form before it closes by itself; whether that is a change."""
        if self.feedback_code is None or self.feedback_until(span) <= clock.now():
            return False
        self.feedback_closed_at = clock.now()
        return True

    def settles_at(self, span: dt.timedelta) -> dt.datetime:
        """When its people are counted for reports; a trainer may say before that who came."""
        return self.complete_at or self.ends_at + span

    def say_complete(self) -> bool:
        """Everybody who came is noted; whether that is a change. Raises `NotHeldYet`."""
        was_held = self.published_at is not None and self.status != EditionStatus.CANCELLED
        if not was_held or self.ends_at > clock.now():
            raise NotHeldYet
        if self.complete_at is not None or self.counted_no is not None:
            return False
        self.complete_at = clock.now()
        return True

    def move(self, number: int, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
        """Give a session another time; whether that is a change.

        Raises `EditionOver`, `SessionOver`, or `EditionInPast` for a time that is past.
        """
        self.check_changeable()
        sitting = self.sitting(number)
        if (sitting.starts_at, sitting.ends_at) == (starts_at, ends_at):
            return False
        if self.goes_ahead and sitting.starts_at <= clock.now():
            raise SessionOver
        if starts_at <= clock.now():
            raise EditionInPast
        deadline_follows = self.sign_up_until == self.starts_at
        sitting.starts_at, sitting.ends_at = starts_at, ends_at
        sitting.sequence += 1
        self._reschedule()
        self._span()
        if deadline_follows or self.sign_up_until > self.starts_at:
            self.sign_up_until = self.starts_at
        return True

    def relocate(self) -> None:
        """The place or the way to take part changed: every calendar must hear of it."""
        self._reschedule()
        for sitting in self.sittings:
            if sitting.ends_at > clock.now():
                sitting.sequence += 1

    def sitting(self, number: int) -> "Sitting":
        """One of its sessions; raises `NotFound`."""
        for sitting in self.sittings:
            if sitting.number == number:
                return sitting
        raise NotFound

    def _reschedule(self) -> None:
        self.schedule += 1
        self.scheduled_at = clock.now()

    def _span(self) -> None:
        self.starts_at = min(sitting.starts_at for sitting in self.sittings)
        self.ends_at = max(sitting.ends_at for sitting in self.sittings)


class Sitting(Base):
    """One session of an edition; `sequence` is what calendars compare."""

    __tablename__ = "sessions"
    __table_args__ = kept("the days of an edition", Ground.NOBODY)

    session_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C0.info
    )
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id", ondelete="CASCADE"), index=True, info=C0.info
    )
    number: Mapped[int] = mapped_column(info=C0.info)
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C0.info)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C0.info)
    sequence: Mapped[int] = mapped_column(default=0, info=C0.info)

    @property
    def has_begun(self) -> bool:
        """Whether people may have come to it."""
        return self.starts_at <= clock.now()

    @property
    def is_open(self) -> bool:
        """Whether it is noted who comes: people come a little before it begins."""
        return self.starts_at - OPENS_BEFORE <= clock.now()

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return minutes_between(self.starts_at, self.ends_at)

    @property
    def day(self) -> dt.date:
        """Its day in Belgium."""
        return clock.belgian(self.starts_at).date()

    @property
    def hours(self) -> str:
        """From when to when, on a clock in Brussels."""
        start, end = clock.belgian(self.starts_at), clock.belgian(self.ends_at)
        return f"{start:%H:%M}–{end:%H:%M}"
