"""Assignments: a question with one partner, its due date, and what leaves by itself around it."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.db.some import index_of_some
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cri_research.models.base import Base
from cri_research.rules import deadlines
from cri_research.rules.deadlines import Nudge
from cri_research.rules.states import LIVE, OPEN, Step, listed

if TYPE_CHECKING:  # a question owns its assignments
    from cri_research.models.questions import Question


HELD = f"assignments.status IN ({listed(OPEN)})"
ANSWERED = f"assignments.status = '{Step.ANSWERED}'"
DECLINED = f"assignments.status = '{Step.DECLINED}'"
PLANNED = "assignments.next_on IS NOT NULL"
UNPLANNED = f"{HELD} AND assignments.waiting_since IS NULL AND assignments.next_on IS NULL"


class AssignmentIsClosed(Refusal):
    """The partner no longer has this question, or has answered it."""

    slug = "assignment-is-closed"
    message = N_("This was done already, or the question is closed. Nothing was changed.")


class NotAnsweredYet(Refusal):
    """Only an answer that came in can be returned or approved."""

    slug = "not-answered-yet"
    message = N_("There is no answer to decide about. Nothing was changed.")


class NothingLeaves(Refusal):
    """What has left, or never leaves for this due date, cannot be moved or held."""

    slug = "nothing-leaves"
    message = N_("This message has left already, or does not leave any more. Nothing was changed.")


@dataclass(frozen=True)
class Coming:
    """A message that leaves by itself: its day, or None where it is held; the usual day."""

    nudge: Nudge
    on: dt.date | None
    usual: dt.date

    @property
    def is_movable(self) -> bool:
        """Whether a person may change it."""
        return self.nudge in deadlines.MOVABLE


class Assignment(Base):
    """One question sent to one partner."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_partner_sent", "partner_id", "sent_at"),
        Index("ix_assignments_partner_status", "partner_id", "status"),
        # What happens by itself, the next first; then where a person held everything.
        index_of_some("ix_assignments_planned", PLANNED, "next_on", "assignment_id"),
        index_of_some("ix_assignments_unplanned", UNPLANNED, "assignment_id"),
        # What there is to tell in the morning:
        index_of_some("ix_assignments_answered", ANSWERED, "answered_at"),
        index_of_some("ix_assignments_declined", DECLINED, "ended_at"),
        index_of_some("ix_assignments_overdue", HELD, "overdue_at"),
        index_of_some("ix_assignments_escalated", HELD, "escalated_at"),
        kept(
            "which partner has which question, and until when",
            Ground.AGREEMENT,
            until="its question goes",
        ),
    )

    assignment_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    research_id: Mapped[str] = mapped_column(
        ForeignKey("questions.research_id"), index=True, info=C1.info
    )
    partner_id: Mapped[str] = mapped_column(ForeignKey("partners.partner_id"), info=C1.info)
    status: Mapped[str] = mapped_column(String(12), info=C1.info)
    calendar: Mapped[str] = mapped_column(String(2), info=C1.info)  # whose working days count
    due_on: Mapped[dt.date] = mapped_column(Date, info=C1.info)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    chosen_by: Mapped[str] = mapped_column(String(8), info=C1.info)  # policy or person
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C1.info)
    ended_why: Mapped[str | None] = mapped_column(String(16), info=C1.info)
    waiting_since: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    wants_until: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    # For which due date the partner was reminded; a new due date is reminded of anew.
    before_sent_for: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    due_sent_for: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    after_sent_for: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    overdue_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    escalated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    # What a coordinator changed for this due date: a nudge's day (ISO), or None where it is held.
    replanned: Mapped[dict[str, str | None]] = mapped_column(JSON, default=dict, info=C1.info)
    next_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)

    question: Mapped["Question"] = relationship(back_populates="assignments", lazy="raise_on_sql")

    @property
    def is_open(self) -> bool:
        """Whether the partner still has to answer."""
        return self.status in OPEN

    @property
    def is_live(self) -> bool:
        """Whether the partner may still look at it."""
        return self.status in LIVE

    @property
    def is_overdue(self) -> bool:
        """Whether its due date has passed without an answer."""
        return self.is_open and self.waiting_since is None and self.due_on < clock.today()

    def accept(self) -> bool:
        """The partner takes it; False where it had done so. Raises `AssignmentIsClosed`."""
        self._check_open()
        if self.status != Step.SENT:
            return False
        self.accepted_at = clock.now()
        self._become(Step.ACCEPTED)
        return True

    def decline(self, why: str) -> None:
        """The partner cannot take it; raises `AssignmentIsClosed`."""
        self._check_open()
        self._end(Step.DECLINED, why)
        self.question.consider_at = clock.now()

    def answer(self) -> None:
        """The partner's answer came in; raises `AssignmentIsClosed`."""
        self._check_open()
        self.accepted_at = self.accepted_at or clock.now()
        self.answered_at = clock.now()
        self.waiting_since = self.wants_until = None
        self._become(Step.ANSWERED)

    def ask_back(self) -> None:
        """The partner waits for the desk: its time stands still. Raises `AssignmentIsClosed`."""
        self._check_open()
        self.waiting_since = self.waiting_since or clock.today()
        self._become(Step(self.status))

    def hear_reply(self) -> bool:
        """The desk replied: the due date moves by the days of waiting. Whether it waited."""
        if self.waiting_since is None or not self.is_open:
            return False
        since, self.waiting_since = self.waiting_since, None
        self._due(deadlines.later_by_waiting(self.due_on, since, clock.today(), self.calendar))
        self._become(Step(self.status))
        return True

    def ask_time(self, until: dt.date) -> None:
        """The partner would like another due date; raises `AssignmentIsClosed`."""
        self._check_open()
        self.wants_until = until

    def move(self, due_on: dt.date) -> None:
        """Another due date; raises `AssignmentIsClosed`."""
        self._check_open()
        self.wants_until = None
        self._due(due_on)
        self.escalated_at = None
        self.plan()

    def refuse_time(self) -> None:
        """The due date stays; raises `AssignmentIsClosed` where nothing was asked."""
        if self.wants_until is None:
            raise AssignmentIsClosed
        self.wants_until = None

    def send_back(self, due_on: dt.date) -> None:
        """The answer lacks something: the partner has it again. Raises `NotAnsweredYet`."""
        self._check_answered()
        self._due(due_on)
        self.escalated_at = None
        self._become(Step.RETURNED)

    def approve(self) -> None:
        """Its answer is good; raises `NotAnsweredYet`."""
        self._check_answered()
        self._end(Step.APPROVED, None)

    def cancel(self, why: str) -> None:
        """Take it from the partner; raises `AssignmentIsClosed`."""
        if not self.is_live:
            raise AssignmentIsClosed
        self.end(why)
        self.question.settle()

    def end(self, why: str) -> None:
        """End it together with its question."""
        self.status, self.ended_why, self.ended_at = Step.CANCELLED, why, clock.now()
        self.waiting_since = self.wants_until = None
        self.plan()

    def nudges(self) -> list[Nudge]:
        """What is due today around the due date."""
        return deadlines.pending(self._days, self._done, clock.today()) if self._nudged else []

    def nudged(self, nudges: list[Nudge]) -> None:
        """Remember what was done, so that nothing is done twice."""
        for nudge in nudges:
            match nudge:
                case Nudge.BEFORE:
                    self.before_sent_for = self.due_on
                case Nudge.DUE:
                    self.due_sent_for = self.due_on
                case Nudge.AFTER:
                    self.after_sent_for = self.due_on
                case Nudge.OVERDUE:
                    self.overdue_at = clock.now()
                case Nudge.ESCALATE:
                    self.escalated_at = clock.now()
        self.plan()

    def coming(self) -> list["Coming"]:
        """What leaves by itself from now on, the held ones too, in the order of its days."""
        if not self._nudged:
            return []
        usual, done, days = self._usual_days, self._done, self._days
        over = {*done} | deadlines.overtaken({**usual, **days}, clock.today())
        left = [n for n in usual if n not in over]
        found = [Coming(n, days.get(n), usual[n]) for n in left]
        return sorted(found, key=lambda one: one.on or one.usual)

    def replan(self, nudge: Nudge, day: dt.date | None) -> None:
        """Let a message leave on another day, or (None) hold it; raises `NothingLeaves`."""
        if nudge not in {one.nudge for one in self.coming() if one.is_movable}:
            raise NothingLeaves
        self.replanned = {**self.replanned, nudge.value: day.isoformat() if day else None}
        self.plan()

    def plan_as_usual(self, nudge: Nudge) -> None:
        """Take back what was changed about a message."""
        self.replanned = {name: day for name, day in self.replanned.items() if name != nudge}
        self.plan()

    def plan(self) -> None:
        """Work out the next day on which something happens by itself."""
        days = self._days
        nudged = self._nudged
        self.next_on = deadlines.next_day(days, self._done, clock.today()) if nudged else None

    @property
    def _nudged(self) -> bool:
        return self.is_open and self.waiting_since is None

    def _due(self, due_on: dt.date) -> None:
        if due_on != self.due_on:
            self.due_on, self.replanned = due_on, {}
            self.question.reckon()

    @property
    def _usual_days(self) -> dict[Nudge, dt.date]:
        sent_on = clock.belgian(self.sent_at).date()
        return deadlines.schedule(sent_on, self.due_on, self.calendar)

    @property
    def _days(self) -> dict[Nudge, dt.date]:
        return deadlines.replanned(self._usual_days, self.replanned)

    @property
    def _done(self) -> list[Nudge]:
        done = {
            Nudge.BEFORE: self.before_sent_for == self.due_on,
            Nudge.DUE: self.due_sent_for == self.due_on,
            Nudge.OVERDUE: self.overdue_at is not None,
            Nudge.AFTER: self.after_sent_for == self.due_on,
            Nudge.ESCALATE: self.escalated_at is not None,
        }
        return [nudge for nudge, is_done in done.items() if is_done]

    def _check_open(self) -> None:
        if not self.is_open:
            raise AssignmentIsClosed

    def _check_answered(self) -> None:
        if self.status != Step.ANSWERED:
            raise NotAnsweredYet

    def _end(self, step: Step, why: str | None) -> None:
        self.ended_at, self.ended_why = clock.now(), why
        self.waiting_since = self.wants_until = None
        self._become(step)

    def _become(self, step: Step) -> None:
        self.status = step
        self.plan()
        self.question.settle()
