"""Research questions: the course of each, and everything that was said about it."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.db.some import index_of_some
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cri_research.models.assignments import Assignment
from cri_research.models.base import Base
from cri_research.rules.states import OPEN, WORKABLE, Status, Step, status_of

PASSED_OVER = "questions.passed_at IS NOT NULL"
NO_DAY = dt.date(9999, 12, 31)  # after every other one: where nothing is due, and nobody in a hurry


class QuestionIsClosed(Refusal):
    """Nothing more is done about a question that was answered, given up or taken back."""

    slug = "question-is-closed"
    message = N_("This question is closed. Nothing was changed.")


class AnswerIsApproved(QuestionIsClosed):
    """It is closed because its answer was approved, perhaps by the first of two clicks."""

    slug = "answer-is-approved"
    message = N_("This question is answered: the answer is approved and on its way.")


class PartnerCannotTakeIt(Refusal):
    """The partner has the question, declined it, or is not to be sent anything."""

    slug = "partner-cannot-take-it"
    message = N_("This partner cannot be sent this question.")


class PartnerHasIt(PartnerCannotTakeIt):
    """One question goes to a partner once."""

    slug = "partner-has-it"
    message = N_("This partner has the question already. Nothing was sent again.")


def _first_due(row: DefaultExecutionContext) -> dt.date:
    """What is due of a question that nobody has yet."""
    needed_by: dt.date | None = row.get_current_parameters()["needed_by"]  # type: ignore[no-untyped-call]
    return needed_by or NO_DAY


def _renews(row: DefaultExecutionContext) -> bool:
    """Whether it is a refresh."""
    entry_id: str | None = row.get_current_parameters()["entry_id"]  # type: ignore[no-untyped-call]
    return entry_id is not None


class Question(Base):
    """A research question as the desk released it; its words are sealed under its own key."""

    __tablename__ = "questions"
    __table_args__ = (
        # What the policy found nobody for, by country, the one that it looked at longest ago first.
        index_of_some(
            "ix_questions_passed",
            PASSED_OVER,
            *("country", "passed_at", "received_at", "research_id"),
        ),
        kept(
            "the released question, and the answer that was approved",
            Ground.CONSENT,
            until="after it was closed, or at once where its last asker is erased",
            span=Setting("keep_closed_days"),
            duty="retention.questions",
            then="its key is destroyed and its row is deleted; what is public stays in publishing",
        ),
    )

    research_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    entry_id: Mapped[str | None] = mapped_column(String(64), info=C1.info)  # a refresh
    renews: Mapped[bool] = mapped_column(default=_renews, info=C1.info)  # which has one, by index
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    region: Mapped[str | None] = mapped_column(String(200), info=C1.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    needed_by: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    # The day of the board: the first one on which a partner's answer is due, or else `needed_by`.
    next_due: Mapped[dt.date] = mapped_column(Date, default=_first_due, info=C1.info)
    # The first day on which an answer is due of a partner who does not wait for the desk.
    owed_by: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    urgency: Mapped[str] = mapped_column(String(8), default="normal", info=C1.info)
    sensitivity: Mapped[str] = mapped_column(String(8), default="green", info=C1.info)
    status: Mapped[str] = mapped_column(String(16), default=Status.NEW, info=C1.info)
    closed_why: Mapped[str | None] = mapped_column(String(16), info=C1.info)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    # When the policy looks at it again by itself; None: a person decides.
    consider_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C1.info)
    # Where the policy found nobody: how often its country had made room by then.
    passed_at: Mapped[int | None] = mapped_column(info=C1.info)
    approved_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=C2.sealed(KeyOf.QUESTION)
    )
    # How several approved answers stand to each other: agree, parts, contradict.
    agreement: Mapped[str | None] = mapped_column(String(12), info=C1.info)
    approved_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    delivered_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    covered_by: Mapped[str | None] = mapped_column(String(200), info=C1.info)  # an entry's slug
    rated_yes: Mapped[int] = mapped_column(default=0, info=C1.info)
    rated_partly: Mapped[int] = mapped_column(default=0, info=C1.info)
    rated_no: Mapped[int] = mapped_column(default=0, info=C1.info)
    version: Mapped[int] = mapped_column(default=1, info=C1.info)

    assignments: Mapped[list[Assignment]] = relationship(
        back_populates="question", lazy="raise", order_by=Assignment.sent_at
    )

    @property
    def is_workable(self) -> bool:
        """Whether research can still do something about it."""
        return self.status in WORKABLE

    @property
    def open_assignments(self) -> list[Assignment]:
        """The assignments that a partner still has to answer."""
        return [a for a in self.assignments if a.status in OPEN]

    @property
    def due_on(self) -> dt.date | None:
        """The first day on which something is due, or None."""
        return None if self.next_due == NO_DAY else self.next_due

    def clear_again(self) -> None:
        """The desk released a new text of a question that was returned to it."""
        self._become(Status.NEW)
        self.closed_why = None
        self.consider_at = clock.now()

    def dispatch(self, partner_id: str, due_on: dt.date, *, country: str, by: str) -> Assignment:
        """Send it to a partner, whose working days are those of `country`.

        Raises `QuestionIsClosed`, `PartnerHasIt`, or `PartnerCannotTakeIt` to who declined it.
        """
        self.check_workable()
        for earlier in self.assignments:
            if earlier.partner_id == partner_id and earlier.status == Step.DECLINED:
                raise PartnerCannotTakeIt(N_("This partner declined this question."))
            if earlier.partner_id == partner_id and earlier.status in (*OPEN, Step.ANSWERED):
                raise PartnerHasIt
        assignment = Assignment(
            assignment_id=new_id(),
            partner_id=partner_id,
            status=Step.SENT,
            calendar=country,
            due_on=due_on,
            sent_at=clock.now(),
            chosen_by=by,
            replanned={},
        )
        self.assignments.append(assignment)
        assignment.plan()
        self.consider_at = self.passed_at = None
        self.settle()
        return assignment

    def pass_over(self, room_made: int) -> None:
        """Let it wait until its country, which made room so often, makes room once more.

        What is red waits for a person.
        """
        self.consider_at = None
        self.passed_at = None if self.sensitivity == "red" else room_made

    def approve(self, answered: list[Assignment]) -> None:
        """Their answers are good; every other open assignment ends. Raises `QuestionIsClosed`."""
        self.check_workable()
        for assignment in answered:
            assignment.approve()
        self._close(Status.APPROVED, "other_approved")
        self.approved_on = clock.today()

    def give_up(self, why: str) -> None:
        """End without an answer; raises `QuestionIsClosed`."""
        self.check_workable()
        self._close(Status.UNANSWERED, "given_up")
        self.closed_why = why

    def return_to_desk(self, why: str) -> None:
        """The text must be written anew; raises `QuestionIsClosed`."""
        self.check_workable()
        self._close(Status.RETURNED, "returned")
        self.closed_why = why

    def withdraw(self) -> None:
        """Nobody waits for the answer any more; says nothing where it is over anyway."""
        if self.is_workable or self.status == Status.RETURNED:
            self._close(Status.WITHDRAWN, "withdrawn")

    def reopen(self) -> None:
        """Look for an answer after all; raises `QuestionIsClosed` unless it was given up."""
        if self.status != Status.UNANSWERED:
            raise QuestionIsClosed
        self.closed_why = None
        self._become(Status.NEW)

    def settle(self) -> None:
        """Take the status that the assignments give."""
        if self.is_workable:
            waiting = any(a.waiting_since for a in self.open_assignments)
            self._become(status_of([Step(a.status) for a in self.assignments], waiting=waiting))

    def reckon(self) -> None:
        """Work out what is due first, for the board."""
        held = self.open_assignments
        self.next_due = min((a.due_on for a in held), default=self.needed_by or NO_DAY)
        owed = (a.due_on for a in held if a.waiting_since is None)
        self.owed_by = min(owed, default=None)

    def next_version(self) -> int:
        """The version that goes with the next event about it."""
        self.version += 1
        return self.version

    def check_workable(self) -> None:
        """Raise `QuestionIsClosed` where nothing more can be done about it."""
        if self.status == Status.APPROVED:
            raise AnswerIsApproved
        if not self.is_workable:
            raise QuestionIsClosed

    def _close(self, status: Status, why: str) -> None:
        for assignment in self.assignments:
            if assignment.is_live:
                assignment.end(why)
        self.consider_at = self.passed_at = None
        self._become(status)

    def _become(self, status: Status) -> None:
        self.status = status
        self.changed_at = clock.now()
        self.reckon()


class EarlyWithdrawal(Base):
    """A question was taken back before it came: it must not be worked on when it does."""

    __tablename__ = "early_withdrawals"
    __table_args__ = kept(
        "a question that was taken back before it came is not worked on",
        Ground.NOBODY,
    )

    research_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    withdrawn_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class Clarification(Base):
    """What a partner asked back, and what the desk replied."""

    __tablename__ = "clarifications"
    __table_args__ = kept(
        "what a partner asked back, and the reply",
        Ground.CONSENT,
        until="its question goes",
    )

    clarification_id: Mapped[str] = mapped_column(
        String(64), primary_key=True, default=new_id, info=C1.info
    )
    research_id: Mapped[str] = mapped_column(
        ForeignKey("questions.research_id"), index=True, info=C1.info
    )
    assignment_id: Mapped[str | None] = mapped_column(
        ForeignKey("assignments.assignment_id"), info=C1.info
    )
    asked_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    reply_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    replied_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)


class Remark(Base):
    """Words beside a decision: of a coordinator to a partner, of a partner, or for the file."""

    __tablename__ = "remarks"
    __table_args__ = kept(
        "words beside a decision, so that the next person understands it",
        Ground.INTEREST,
        until="its question goes",
    )

    remark_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    research_id: Mapped[str] = mapped_column(
        ForeignKey("questions.research_id"), index=True, info=C1.info
    )
    assignment_id: Mapped[str | None] = mapped_column(
        ForeignKey("assignments.assignment_id"), info=C1.info
    )
    kind: Mapped[str] = mapped_column(String(16), info=C1.info)
    author: Mapped[str] = mapped_column(String(100), info=C1.info)  # staff, or "partner"
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.QUESTION))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
