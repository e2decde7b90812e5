"""Assignments: a question with one partner, its due date, and the link that opens it."""

import datetime as dt
from typing import TYPE_CHECKING

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1, Digest, K
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cri_research.models.base import Base
from cri_research.rules import deadlines
from cri_research.rules.deadlines import Nudge
from cri_research.rules.states import LIVE, OPEN, Step

if TYPE_CHECKING:  # a question owns its assignments
    from cri_research.models.questions import Question


class AssignmentIsClosed(Refusal):
    """The partner no longer has this question, or has answered it."""

    slug = "assignment-is-closed"
    message = N_("This was done already, or the question is closed. Nothing was changed.")


class NotAnsweredYet(Refusal):
    """Only an answer that came in can be returned or approved."""

    slug = "not-answered-yet"
    message = N_("There is no answer to decide about. Nothing was changed.")


class Assignment(Base):
    """One question sent to one partner."""

    __tablename__ = "assignments"
    __table_args__ = kept(
        "which partner has which question, and until when",
        Ground.AGREEMENT,
        until="its question goes",
    )

    assignment_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    research_id: Mapped[str] = mapped_column(
        ForeignKey("questions.research_id"), index=True, info=C1.info
    )
    partner_id: Mapped[str] = mapped_column(
        ForeignKey("partners.partner_id"), index=True, info=C1.info
    )
    status: Mapped[str] = mapped_column(String(12), index=True, info=C1.info)
    calendar: Mapped[str] = mapped_column(String(2), info=C1.info)  # whose working days count
    due_on: Mapped[dt.date] = mapped_column(Date, index=True, info=C1.info)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    chosen_by: Mapped[str] = mapped_column(String(8), info=C1.info)  # policy or person
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    ended_why: Mapped[str | None] = mapped_column(String(16), info=C1.info)
    waiting_since: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    wants_until: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    # For which due date the partner was reminded; a new due date is reminded of anew.
    before_sent_for: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    due_sent_for: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    overdue_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    escalated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    next_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C1.info)

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
        self.due_on = deadlines.later_by_waiting(self.due_on, since, clock.today(), self.calendar)
        self._become(Step(self.status))
        return True

    def ask_time(self, until: dt.date) -> None:
        """The partner would like another due date; raises `AssignmentIsClosed`."""
        self._check_open()
        self.wants_until = until

    def move(self, due_on: dt.date) -> None:
        """Another due date; raises `AssignmentIsClosed`."""
        self._check_open()
        self.wants_until, self.due_on = None, due_on
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
        self.due_on, self.escalated_at = due_on, None
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
                case Nudge.OVERDUE:
                    self.overdue_at = clock.now()
                case Nudge.ESCALATE:
                    self.escalated_at = clock.now()
        self.plan()

    def plan(self) -> None:
        """Work out the next day on which something happens by itself."""
        days = self._days
        nudged = self._nudged
        self.next_on = deadlines.next_day(days, self._done, clock.today()) if nudged else None

    @property
    def _nudged(self) -> bool:
        return self.is_open and self.waiting_since is None

    @property
    def _days(self) -> dict[Nudge, dt.date]:
        sent_on = clock.belgian(self.sent_at).date()
        return deadlines.schedule(sent_on, self.due_on, self.calendar)

    @property
    def _done(self) -> list[Nudge]:
        done = {
            Nudge.BEFORE: self.before_sent_for == self.due_on,
            Nudge.DUE: self.due_sent_for == self.due_on,
            Nudge.OVERDUE: self.overdue_at is not None,
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


class SecretLink(Base):
    """What opens one assignment: a token for the link and a code to type, as hashes only."""

    __tablename__ = "links"
    __table_args__ = kept(
        "opens one assignment for its partner, and nothing after its last day",
        Ground.AGREEMENT,
        until="its question goes",
    )

    link_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), index=True, info=C1.info
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=K.digest(Digest.RANDOM))
    code_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), unique=True, info=K.digest(Digest.SECRET)
    )
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    # A newer link was sent: this one opens no new page.
    superseded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    exchanges: Mapped[int] = mapped_column(default=0, info=C1.info)
    pin_tries: Mapped[int] = mapped_column(default=0, info=C1.info)

    def exchange(self, assignment: Assignment) -> bool:
        """Spend one of its openings; False where it opens nothing (any more)."""
        worn_out = self.superseded_at is not None or self.exchanges >= deadlines.MAX_EXCHANGES
        if worn_out or not self.opens(assignment):
            return False
        self.exchanges += 1
        return True

    def opens(self, assignment: Assignment) -> bool:
        """Whether sessions that it opened may still look at the assignment."""
        in_time = clock.today() <= deadlines.last_day(assignment.due_on)
        return self.revoked_at is None and assignment.is_live and in_time

    def miss_pin(self) -> None:
        """A wrong PIN; the last try revokes the link."""
        self.pin_tries += 1
        if self.pin_tries >= deadlines.MAX_PIN_TRIES:
            self.revoked_at = clock.now()


class PartnerSession(Base):
    """Eight hours for one assignment; where a PIN is needed, nothing shows before it was typed."""

    __tablename__ = "partner_sessions"
    __table_args__ = kept(
        "the hours in which a partner answers",
        Ground.AGREEMENT,
        until="after it was opened",
        span=deadlines.SESSION,
        duty="retention.partner-sessions",
    )

    token_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    link_id: Mapped[str] = mapped_column(ForeignKey("links.link_id"), index=True, info=C1.info)
    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), info=C1.info
    )
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    pin_passed: Mapped[bool] = mapped_column(default=False, info=C1.info)
