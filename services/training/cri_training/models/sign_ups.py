"""Sign-ups: who wants to come, where they stand, and what was posted to them."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ending, Ground, Setting, kept
from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base
from cri_training.models.refusals import NoOffer, OfferOver, WorkshopHasBegun
from cri_training.models.written import Written
from cri_training.rules.codes import door_code
from cri_training.rules.kinds import Kind
from cri_training.rules.queue import Place
from cri_training.rules.seats import Policy
from cri_training.rules.states import HOLDING, LIVE, Status

MAX_TRIES = 5


class SignUp(Written, Base):
    """One person's wish to come to one edition; who it is lies sealed under a key of its own."""

    __tablename__ = "sign_ups"

    sign_up_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    edition_id: Mapped[str] = mapped_column(ForeignKey("editions.edition_id"), info=C1.info)
    # From then on it is counted how long it is kept: moved with the edition's end, under its lock.
    edition_ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    form_id: Mapped[str] = mapped_column(String(32), unique=True, info=C1.info)
    status: Mapped[str] = mapped_column(String(12), default=Status.REQUESTED, info=C1.info)
    email_index: Mapped[bytes] = mapped_column(
        LargeBinary(32), index=True, info=K.digest(Digest.SECRET)
    )
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True, info=K.digest(Digest.RANDOM))
    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), info=K.digest(Digest.SECRET))
    tries: Mapped[int] = mapped_column(default=0, info=C1.info)
    requested_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    proof_until: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    proved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    manage_hash: Mapped[str | None] = mapped_column(
        String(64), unique=True, info=K.digest(Digest.RANDOM)
    )
    manage_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=K.sealed(KeyOf.SIGN_UP))
    organisation_id: Mapped[str | None] = mapped_column(  # whose reserved places it may take
        ForeignKey("organisations.organisation_id"), info=C1.info
    )
    organisation_index: Mapped[bytes | None] = mapped_column(  # of the name that was typed
        LargeBinary(32), info=K.digest(Digest.SECRET)
    )
    group_id: Mapped[str | None] = mapped_column(String(32), index=True, info=C1.info)
    keep_together: Mapped[bool] = mapped_column(default=False, info=C1.info)  # all or none
    first_time: Mapped[bool] = mapped_column(default=True, info=C1.info)  # when they signed up
    same_as: Mapped[str | None] = mapped_column(String(32), info=C1.info)
    takes_over: Mapped[str | None] = mapped_column(String(32), index=True, info=C1.info)
    queue_no: Mapped[int] = mapped_column(default=0, info=C1.info)
    schedule_known: Mapped[int] = mapped_column(default=0, info=C1.info)
    offered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    offer_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    seated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    # When the mail plan must look at this sign-up again; None: nothing will be due.
    mail_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C1.info)

    __table_args__ = (
        Index(
            "uq_sign_ups_one_per_person",
            "edition_id",
            "email_index",
            unique=True,
            sqlite_where=text("status IN ('to_approve', 'waiting', 'offered', 'seated')"),
            postgresql_where=text("status IN ('to_approve', 'waiting', 'offered', 'seated')"),
        ),
        Index("ix_sign_ups_offers", "status", "offer_until"),
        Index("ix_sign_ups_edition", "edition_id", "organisation_id"),
        Index(  # the last editions that an organisation sent somebody to
            "ix_sign_ups_organisation", "organisation_id", "edition_ends_at", "edition_id"
        ),
        kept(
            "who comes to a workshop and how to reach them",
            Ground.REQUEST,
            until="after it was asked for, where the address was not proved",
            then="its key is destroyed and the row is deleted",
            span=Policy.proof,
            duty="forget-unproved",
            also=(
                Ending("after a colleague named them", Policy.named, "forget-unproved"),
                Ending(
                    "after the workshop",
                    Setting("keep_participants_days"),
                    "retention.participants",
                ),
            ),
        ),
    )

    @property
    def is_live(self) -> bool:
        """Whether the person still wants to come and may."""
        return self.status in LIVE

    @property
    def link_is_over(self) -> bool:
        """Whether the link that proves the address is not good any more."""
        return self.status == Status.WITHDRAWN or self.proof_until <= clock.now()

    @property
    def door_code(self) -> str:
        """What is said at the door where the square cannot be shown."""
        return door_code(self.sign_up_id)

    @property
    def was_named(self) -> bool:
        """Whether somebody else wrote this person's name and address."""
        return self.takes_over is not None or self.group_id is not None

    def place(self) -> Place:
        """What the seat ledger needs to know."""
        return Place(
            sign_up_id=self.sign_up_id,
            status=Status(self.status),
            queue_no=self.queue_no,
            offer_until=self.offer_until,
            organisation_id=self.organisation_id,
            employer=self.organisation_index.hex() if self.organisation_index else None,
            first_time=self.first_time,
            group_id=self.group_id,
            keep_together=self.keep_together,
            proof_until=self.proof_until,
        )

    def arrive(self, queue_no: int, schedule: int, *, first_time: bool = True) -> None:
        """The e-mail address is proved: stand at the end of the queue."""
        self.first_time = first_time
        self.status, self.queue_no, self.proved_at = Status.WAITING, queue_no, clock.now()
        self.schedule_known = schedule
        self._changed()

    def await_yes(self) -> None:
        """A trainer decides first."""
        self.status = Status.TO_APPROVE
        self._changed()

    def approve(self) -> bool:
        """Stand in the queue where they arrived; whether that is a change."""
        if self.status != Status.TO_APPROVE:
            return False
        self.status, self.claim_sealed = Status.WAITING, None
        self._changed()
        return True

    def refuse(self, reason_sealed: bytes) -> None:
        """They get no place, and read why."""
        self.reason_sealed = reason_sealed
        self._end(Status.REFUSED)

    def merge_into(self, other: str) -> None:
        """The same person was signed up already: nothing of this one is kept."""
        self.status, self.same_as, self.proved_at = Status.MERGED, other, clock.now()
        self.forget_person()

    def withdraw(self) -> None:
        """Who named this person does not want it any more: nothing is kept of who it is."""
        self.status = Status.WITHDRAWN
        self.forget_person()

    def stand_in_for(self, other: "SignUp", schedule: int) -> None:
        """Have what the other one had: the place, the offer or the turn."""
        self.status, self.queue_no, self.proved_at = other.status, other.queue_no, clock.now()
        self.offered_at, self.offer_until = other.offered_at, other.offer_until
        self.seated_at = clock.now() if other.seated_at else None
        self.organisation_id, self.first_time = other.organisation_id, other.first_time
        self.group_id, self.keep_together = other.group_id, other.keep_together
        self.schedule_known = schedule
        self._changed()
        other._end(Status.HANDED_ON)

    def take_seat(self) -> None:
        """A place is theirs."""
        self.status, self.seated_at, self.offer_until = Status.SEATED, clock.now(), None
        self._changed()

    def offer(self, until: dt.datetime) -> None:
        """A place is held for them until they answer."""
        self.status, self.offered_at, self.offer_until = Status.OFFERED, clock.now(), until
        self._changed()

    def accept(self) -> bool:
        """Take the place that was offered; whether that is a change.

        Raises `OfferOver` or `NoOffer`.
        """
        if self.status == Status.SEATED:
            return False
        self._check_offer()
        self.take_seat()
        return True

    def decline(self) -> bool:
        """Leave the place to the next; whether that is a change. Raises `OfferOver`, `NoOffer`."""
        if self.status == Status.DECLINED:
            return False
        self._check_offer()
        self._end(Status.DECLINED)
        return True

    def cancel(self, edition_starts_at: dt.datetime) -> bool:
        """They will not come; whether that is a change. Raises `WorkshopHasBegun`."""
        if not self.is_live:
            return False
        if edition_starts_at <= clock.now():
            raise WorkshopHasBegun
        self._end(Status.CANCELLED)
        return True

    def expire(self) -> None:
        """The offer was not answered in time."""
        self._end(Status.EXPIRED)

    def miss(self) -> None:
        """There is no time left for an offer."""
        self._end(Status.MISSED)

    def _check_offer(self) -> None:
        if self.status == Status.EXPIRED:
            raise OfferOver
        if self.status != Status.OFFERED or self.offer_until is None:
            raise NoOffer

    def _end(self, status: Status) -> None:
        self.status, self.ended_at = status, clock.now()
        self.forget_extras()
        self._changed()

    def _changed(self) -> None:
        self.mail_due_at = clock.now()

    @property
    def holds_seat(self) -> bool:
        """Whether a place is taken by it, be it only offered."""
        return self.status in HOLDING


class SeatMove(Base):
    """Why somebody got a place, an offer, or none: the ledger's own words, kept for questions."""

    __tablename__ = "seat_moves"
    __table_args__ = kept(
        "why somebody got a place or none",
        Ground.REQUEST,
        until="the sign-up goes",
    )

    move_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), index=True, info=C1.info
    )
    sign_up_id: Mapped[str] = mapped_column(
        ForeignKey("sign_ups.sign_up_id"), index=True, info=C1.info
    )
    moved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    kind: Mapped[str] = mapped_column(String(8), info=C1.info)
    because: Mapped[str] = mapped_column(String(24), info=C1.info)
    chosen_as: Mapped[str | None] = mapped_column(String(24), info=C1.info)
    passed: Mapped[int] = mapped_column(default=0, info=C1.info)  # who came earlier, and wait still
    behind: Mapped[int] = mapped_column(info=C1.info)  # how many were left in the queue behind them


class PostedLetter(Base):
    """A mail of the plan that was posted: its kind and mark make it unique, so it goes once."""

    __tablename__ = "letters"
    __table_args__ = kept(
        "no letter goes out twice",
        Ground.REQUEST,
        until="the sign-up goes",
    )

    sign_up_id: Mapped[str] = mapped_column(
        ForeignKey("sign_ups.sign_up_id"), primary_key=True, info=C1.info
    )
    kind: Mapped[Kind] = mapped_column(String(16), primary_key=True, info=C1.info)
    mark: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    posted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
