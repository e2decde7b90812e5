"""A case: the question as it was asked, and everything that may become of it."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.identity.staff import Staff
from cri_shared.places import ELSEWHERE
from cri_shared.privacy.classes import C1, C3, Digest, K, KeyOf
from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.models.case_keeping import CASES, OF_RULES
from cri_intake.models.case_queue import OF_QUEUE
from cri_intake.models.refusals import (
    AnswerRatedBefore,
    CasesDiffer,
    KeptLongerBefore,
    NotAnswered,
    NotTriaged,
    NotYours,
    QuestionIsClosed,
    QuestionIsReleased,
)
from cri_intake.rules import OPEN, Status


class Case(Base):
    """One question as it was asked; what the person wrote is sealed under the case's own key.

    It does not name the research question it led to: only `releases` does.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(  # of what a webhook is not told yet: looked at every few seconds
            "ix_cases_untold",
            *("organisation_id", "question_id"),
            postgresql_where=text("told IS DISTINCT FROM status"),
            sqlite_where=text("told IS NOT status"),
        ),
        Index(  # of what the tallies do not count as it is now: changes of some seconds
            "ix_cases_uncounted",
            "question_id",
            postgresql_where=text("counted_version <> version"),
            sqlite_where=text("counted_version <> version"),
        ),
        Index("ix_cases_organisation_id", "organisation_id", "received_at", "question_id"),
        Index("ix_cases_email_index", "email_index", "received_at"),
        Index("ix_cases_phone_index", "phone_index", "received_at"),
        *OF_QUEUE,
        *OF_RULES,
        Index(
            "ix_cases_officer_id",
            *("officer_id", "status"),
            postgresql_where=text("officer_id IS NOT NULL"),
            sqlite_where=text("officer_id IS NOT NULL"),
        ),
        CASES,
    )

    question_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    receipt_verifier: Mapped[bytes] = mapped_column(
        LargeBinary(32), unique=True, info=K.digest(Digest.ARGON2)
    )
    receipt_is_slow: Mapped[bool] = mapped_column(default=False, index=True, info=C1.info)
    form_id: Mapped[str | None] = mapped_column(  # no more than its fingerprint
        String(32), unique=True, info=C1.info
    )
    status: Mapped[str] = mapped_column(String(24), default=Status.RECEIVED, info=C1.info)
    channel: Mapped[str] = mapped_column(String(8), info=C1.info)
    asker_role: Mapped[str] = mapped_column(String(16), info=C1.info)
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), info=C1.info
    )
    reference_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    region_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    place_sealed: Mapped[bytes | None] = mapped_column(  # it may leave
        LargeBinary, info=C3.sealed(KeyOf.CASE)
    )
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    spoken_languages: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    needed_by: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    original_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    email_index: Mapped[bytes | None] = mapped_column(  # finds it by the exact address alone
        LargeBinary(32), info=K.digest(Digest.SECRET)
    )
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=K.digest(Digest.SECRET))
    consent_version: Mapped[str] = mapped_column(String(20), info=C1.info)
    consent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    version: Mapped[int] = mapped_column(default=1, info=C1.info)
    held: Mapped[bool] = mapped_column(default=False, info=C1.info)  # too many came in at once
    saved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)  # the receipt
    officer_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)
    officer: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    read_by: Mapped[dt.date] = mapped_column(Date, info=C1.info)  # what we promise the asker
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    urgency: Mapped[str] = mapped_column(String(8), default="normal", info=C1.info)
    sensitivity: Mapped[str] = mapped_column(String(8), default="green", info=C1.info)
    triaged_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    linked_to: Mapped[str | None] = mapped_column(
        ForeignKey("cases.question_id"), index=True, info=C1.info
    )
    released_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    returned: Mapped[str | None] = mapped_column(String(16), info=C1.info)  # why research did
    dispatched_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    due_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    delay: Mapped[str | None] = mapped_column(String(12), info=C1.info)  # declined or late
    answer_waits: Mapped[bool] = mapped_column(default=False, info=C1.info)
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    kept_longer: Mapped[bool] = mapped_column(default=False, info=C1.info)  # the asker's wish
    extension: Mapped[str | None] = mapped_column(String(16), info=C1.info)  # why an officer did
    rating: Mapped[str | None] = mapped_column(String(8), info=C1.info)
    told: Mapped[str | None] = mapped_column(String(24), info=C1.info)  # status, to a webhook
    counted: Mapped[list[list[str]]] = mapped_column(  # where the tallies count it: (measure, code)
        JSON, default=list, info=C1.info
    )
    counted_version: Mapped[int] = mapped_column(default=0, info=C1.info)  # as it was then
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    ending: Mapped[str | None] = mapped_column(String(24), info=C1.info)  # reason code

    # Two people, or a person and an event, may change a case at once: the second must look again.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in OPEN

    @property
    def owner(self) -> str:
        """Whose key seals this case's texts, as `SealedText` names it."""
        return f"case:{self.question_id}"

    def must_be_with(self, staff: Staff) -> None:
        """Raises `NotYours` for anybody but the officer who took the question."""
        if self.officer_id != staff.staff_id:
            raise NotYours

    def take(self, staff: Staff) -> None:
        """An officer takes the question, from another one if need be."""
        self._must_be_open()
        self.officer_id, self.officer, self.held = staff.staff_id, staff.name, False
        if self.status == Status.RECEIVED:
            self.read_at = clock.now()
            self._become(Status.IN_REVIEW)
        else:
            self._touch()

    def give(self, officer_id: str | None, officer: str | None) -> bool:
        """Somebody, or nobody, is to work on it; whether that is new. It counts as read later."""
        self._must_be_open()
        if self.officer_id == officer_id:
            return False
        self.officer_id, self.officer = officer_id, officer
        self.held = self.held and officer_id is None
        self._touch()
        return True

    def triage(self, *, country: str, topics: list[str], urgency: str, sensitivity: str) -> None:
        """What the question is about; fixed once research has it."""
        self._must_be_open()
        if self.released_at is not None:
            raise QuestionIsReleased
        if country != self.country and self.linked_to is not None:
            raise CasesDiffer
        self.country, self.topics = country, topics
        self.urgency, self.sensitivity = urgency, sensitivity
        self.triaged_at = clock.now()
        self._touch()

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is about a country that is none of ours, as far as anybody said."""
        return self.country == ELSEWHERE.code

    def hurry(self) -> None:
        """Somebody may be in danger; research, where it has the question, keeps its own urgency."""
        if self.is_open:
            self.urgency = "urgent"
            self._touch()

    def must_be_ready(self) -> None:
        """Raises a refusal where the desk cannot work on this question now."""
        self._must_be_open()
        if self.triaged_at is None or not self.topics:
            raise NotTriaged
        if self.released_at is not None:
            raise QuestionIsReleased

    def link(self, lead: "Case") -> None:
        """This asker shares the answer to `lead`; raises `CasesDiffer`."""
        same = lead.question_id == self.question_id or lead.country != self.country
        if same or not (lead.is_open and self.is_open) or self.released_at is not None:
            raise CasesDiffer
        self.linked_to = lead.question_id
        self.topics, self.triaged_at = lead.topics, lead.triaged_at
        self.urgency, self.sensitivity = lead.urgency, lead.sensitivity
        self.released_at, self.dispatched_at = lead.released_at, lead.dispatched_at
        self.due_on, self.delay = lead.due_on, lead.delay
        self.read_at = self.read_at or clock.now()
        self.held = False
        self._become(Status.IN_REVIEW if lead.status == Status.RECEIVED else Status(lead.status))

    def release(self) -> None:
        """A research question was released for it."""
        self.released_at, self.returned = clock.now(), None
        self._become(Status.IN_REVIEW)

    def come_back(self, reason: str) -> None:
        """Research sent the text back to the desk."""
        if self.is_open:
            self.released_at = self.dispatched_at = self.due_on = self.delay = None
            self.returned = reason
            self._become(Status.IN_REVIEW)

    def expect(self, due_on: dt.date | None, delay: str | None) -> None:
        """A partner works on it until `due_on`, or there is a delay."""
        if not self.is_open or self.released_at is None or self.answer_waits:
            return
        self.due_on, self.delay = due_on, delay
        if due_on is not None and self.dispatched_at is None:
            self.dispatched_at = clock.now()
        if self.dispatched_at and self.status == Status.IN_REVIEW:
            self._become(Status.WITH_PARTNER)
        else:
            self._touch()

    def need_clarification(self, needed: bool) -> None:
        """A partner needs to know more, or knows it now."""
        if self.is_open:
            reached = Status.WITH_PARTNER if self.dispatched_at else Status.IN_REVIEW
            self._become(Status.CLARIFICATION_NEEDED if needed else reached)

    def let_answer_wait(self) -> None:
        """There is an answer in a language that the asker does not read."""
        self.answer_waits, self.delay = True, None
        self._become(Status.WITH_PARTNER)

    def deliver(self) -> None:
        """The answer lies behind the receipt."""
        self.answer_waits, self.delay = False, None
        self.answered_at = clock.now()
        self._become(Status.ANSWERED)

    def rate(self, useful: str) -> None:
        """The asker says, once, whether the answer was useful."""
        if self.rating is not None or self.answered_at is None:
            raise AnswerRatedBefore
        self.rating = useful
        self._touch()

    def keep_longer(self) -> bool:
        """The asker wants to hear when the answer changes; whether that is new."""
        if self.answered_at is None or self.kept_longer:
            return False
        self.kept_longer = True
        self._touch()
        return True

    def extend(self, reason: str) -> bool:
        """An officer lets it be kept for longer; whether that is new.

        Raises `NotAnswered` where no days count yet, `KeptLongerBefore` a second time.
        """
        if self.answered_at is None:
            raise NotAnswered
        if self.extension == reason:
            return False
        if self.extension is not None or self.kept_longer:
            raise KeptLongerBefore
        self.extension = reason
        self._touch()
        return True

    def end(self, status: Status, reason: str) -> None:
        """Refused, referred, or left without an answer; raises `QuestionIsClosed`."""
        self._must_be_open()
        self.ending, self.ended_at, self.answer_waits = reason, clock.now(), False
        self._become(status)

    def withdraw(self) -> None:
        """The asker no longer wants an answer; raises `QuestionIsClosed`."""
        self.end(Status.WITHDRAWN, "withdrawn")

    def accept_message(self) -> None:
        """Something is added to the thread; raises `QuestionIsClosed`."""
        if self.status in (Status.WITHDRAWN, Status.REFUSED, Status.ERASED):
            raise QuestionIsClosed
        self._touch()

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise QuestionIsClosed

    def _become(self, status: Status) -> None:
        self.status = status
        self._touch()

    def _touch(self) -> None:
        self.version += 1
        self.changed_at = clock.now()
