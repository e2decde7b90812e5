"""The seats of an edition: how many there are, whom they are kept for, and who goes first."""

import datetime as dt
from collections.abc import Iterable

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C0, C1
from sqlalchemy import String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from cri_training.models.organisations import Organisation, Reservation
from cri_training.models.refusals import CapacityTooLow, EditionOver, TooManyReserved
from cri_training.rules.queue import Place, Priority, Room, Tally
from cri_training.rules.states import GOING_AHEAD, HOLDING, EditionStatus, Status, places_word


class Seating:
    """What the seat ledger sees and keeps of an edition."""

    status: Mapped[str] = mapped_column(
        String(12), default=EditionStatus.DRAFT, index=True, info=C0.info
    )
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C0.info)
    capacity: Mapped[int] = mapped_column(info=C1.info)
    # How many more than the room holds may have a place, because some never come.
    overbooked: Mapped[int] = mapped_column(default=0, info=C1.info)
    priority: Mapped[str] = mapped_column(String(24), default=Priority.ARRIVAL, info=C1.info)
    taken: Mapped[int] = mapped_column(default=0, info=C1.info)  # seats and offers, by the ledger
    waiting: Mapped[int] = mapped_column(default=0, info=C1.info)
    last_queue_no: Mapped[int] = mapped_column(default=0, info=C1.info)
    places: Mapped[str] = mapped_column(String(12), default="free", info=C0.info)

    @declared_attr
    @classmethod
    def reservations(cls) -> Mapped[list[Reservation]]:
        """Places that are kept for organisations, soonest to end first."""
        return relationship(order_by=Reservation.until, lazy="raise", cascade="all, delete-orphan")

    @property
    def goes_ahead(self) -> bool:
        """Whether it is public and not over."""
        return self.status in GOING_AHEAD

    def room(self) -> Room:
        """What the seat ledger needs to know."""
        return Room(
            self.capacity + self.overbooked,
            self.starts_at,
            self.goes_ahead,
            tuple(reservation.reserved() for reservation in self.reservations),
            Priority(self.priority),
        )

    def check_changeable(self) -> None:
        """Raises `EditionOver` where nothing can be changed any more."""
        if self.status in (EditionStatus.HELD, EditionStatus.CANCELLED):
            raise EditionOver

    def set_capacity(self, capacity: int) -> bool:
        """Change the number of places; whether that is a change. Raises `CapacityTooLow`."""
        self.check_changeable()
        if capacity + self.overbooked < self.taken:
            raise CapacityTooLow
        changed, self.capacity = capacity != self.capacity, capacity
        return changed

    def set_order(self, priority: Priority, overbooked: int) -> bool:
        """Whom the queue lets go first, and how many more than the room holds; whether it changed.

        Raises `EditionOver`, or `CapacityTooLow` where more have a place by now.
        """
        self.check_changeable()
        if self.capacity + overbooked < self.taken:
            raise CapacityTooLow
        before = self.priority, self.overbooked
        self.priority, self.overbooked = priority, overbooked
        return before != (priority, overbooked)

    def reserve(self, organisation: Organisation, places: int, until: dt.datetime) -> bool:
        """Keep places for an organisation; whether that is a change.

        Raises `EditionOver`, or `TooManyReserved` for more than the room holds.
        """
        self.check_changeable()
        now, theirs = clock.now(), self.reservation(organisation.organisation_id)
        others = (r.places for r in self.reservations if r is not theirs and r.until > now)
        if sum(others) + places > self.capacity:
            raise TooManyReserved
        if theirs is None:
            theirs = Reservation(organisation=organisation, places=0, until=until)
            self.reservations.append(theirs)
        elif (theirs.places, theirs.until) == (places, until):
            return False
        theirs.places, theirs.until, theirs.given_back_at = places, until, None
        return True

    def end_reservation(self, organisation_id: str) -> bool:
        """Give back what is left of reserved places; whether that is a change."""
        theirs = self.reservation(organisation_id)
        if theirs is None or theirs.until <= clock.now():
            return False
        theirs.until = clock.now()
        return True

    def reservation(self, organisation_id: str) -> Reservation | None:
        """The places of an organisation, if any were ever kept for it."""
        theirs = (r for r in self.reservations if r.organisation_id == organisation_id)
        return next(theirs, None)

    def give_back(self) -> bool:
        """What was reserved until now is everybody's; whether that is a change."""
        over = [r for r in self.reservations if r.given_back_at is None and r.until <= clock.now()]
        for reservation in over:
            reservation.given_back_at = clock.now()
        return bool(over)

    def count(self, places: Iterable[Place]) -> bool:
        """Keep the ledger's sums; whether the public word for places changed."""
        known = list(places)
        held = [place for place in known if place.status in HOLDING]
        self.taken = len(held)
        self.waiting = sum(place.status == Status.WAITING for place in known)
        left = Tally(self.room(), held, clock.now()).open
        before, self.places = self.places, places_word(self.capacity, left)
        return before != self.places
