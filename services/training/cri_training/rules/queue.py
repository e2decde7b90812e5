"""The queue for the places of an edition: who is before whom, and what is free for whom."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cri_shared.clock import belgian

from cri_training.rules.states import Status


class Priority(StrEnum):
    """Whom the queue lets go first; among equals it is who came first."""

    ARRIVAL = "arrival"
    FIRST_TIMERS = "first_timers"
    NEW_ORGANISATIONS = "new_organisations"
    BOTH = "both"  # first-timers, and among them organisations that are not there yet


@dataclass(frozen=True)
class Reserved:
    """Places that one organisation may take, and everybody from `until` on."""

    organisation_id: str
    places: int
    until: dt.datetime

    @property
    def last_day(self) -> dt.date:
        """The last day on which they are kept, in Belgium."""
        return belgian(self.until - dt.timedelta(seconds=1)).date()


@dataclass(frozen=True)
class Room:
    """An edition as the ledger sees it; `capacity` is how many may have a place at once."""

    capacity: int
    starts_at: dt.datetime
    goes_ahead: bool
    reserved: tuple[Reserved, ...] = ()
    priority: Priority = Priority.ARRIVAL


@dataclass(frozen=True)
class Place:
    """A sign-up as the ledger sees it; `queue_no` rises in the order of arrival.

    `organisation_id` says whose reserved places it may take, `employer` is where somebody works,
    as they typed it. Who is in a group that stays together moves with all of it or not at all.
    """

    sign_up_id: str
    status: Status
    queue_no: int
    offer_until: dt.datetime | None = None
    organisation_id: str | None = None
    employer: str | None = None
    first_time: bool = True
    group_id: str | None = None
    keep_together: bool = False
    proof_until: dt.datetime | None = None

    @property
    def together(self) -> str | None:
        """The group that it moves with, if any."""
        return self.group_id if self.keep_together else None


@dataclass(frozen=True)
class Party:
    """Those who move together: one person, or a group of which all or none get a place."""

    members: tuple[Place, ...]
    complete: bool = True  # no colleague has an address still to prove

    @property
    def queue_no(self) -> int:
        """A group stands where the first of it arrived."""
        return min(member.queue_no for member in self.members)

    def __len__(self) -> int:
        return len(self.members)


def in_parties(places: Iterable[Place], now: dt.datetime, *, together: bool) -> list[Party]:
    """Who waits, in parties by arrival; unless `together`, everybody stands alone."""
    known = list(places)
    awaited = {p.together for p in known if _is_awaited(p, now)}
    groups: dict[str, list[Place]] = {}
    for place in sorted(known, key=lambda place: place.queue_no):
        if place.status == Status.WAITING:
            group = place.together if together else None
            groups.setdefault(group or f"alone {place.sign_up_id}", []).append(place)
    return [Party(tuple(group), name not in awaited) for name, group in groups.items()]


def _is_awaited(place: Place, now: dt.datetime) -> bool:
    """Whether the rest of a group waits for this one: for a proof, or for a trainer's yes."""
    if place.status == Status.TO_APPROVE:
        return True
    lapsed = place.proof_until is not None and place.proof_until <= now
    return place.status == Status.REQUESTED and not lapsed


class Tally:
    """The places of a room, counted while they are given away."""

    def __init__(self, room: Room, held: Iterable[Place], now: dt.datetime) -> None:
        """`held` are those with a place or an offer."""
        taken = list(held)
        by_organisation = Counter(place.organisation_id for place in taken)
        self.free = room.capacity - len(taken)
        self.kept = {
            one.organisation_id: max(0, one.places - by_organisation[one.organisation_id])
            for one in room.reserved
            if one.until > now
        }
        self._present = {place.employer for place in taken if place.employer is not None}
        self._priority = room.priority

    @property
    def open(self) -> int:
        """How many places are free and kept for nobody."""
        return max(0, self.free - sum(self.kept.values()))

    def free_for(self, party: Party) -> int:
        """How many places its members might take if there were enough of them."""
        theirs = {member.organisation_id for member in party.members}
        return max(0, min(self.free, self.open + sum(self.kept.get(o or "", 0) for o in theirs)))

    def fits(self, party: Party) -> bool:
        """Whether there is a place for each of them now."""
        return party.complete and len(party) <= self.free and self._beyond(party) <= self.open

    def takes_reserved(self, party: Party) -> bool:
        """Whether it fits only because places are kept for its organisation."""
        return len(party) > self.open

    def _beyond(self, party: Party) -> int:
        asked = Counter(member.organisation_id for member in party.members)
        return sum(max(0, many - self.kept.get(who or "", 0)) for who, many in asked.items())

    def give(self, party: Party) -> None:
        """Take the places of a party off; it must fit."""
        for member in party.members:
            self.free -= 1
            if self.kept.get(member.organisation_id or "", 0):
                self.kept[member.organisation_id or ""] -= 1
            if member.employer is not None:
                self._present.add(member.employer)

    def rank(self, party: Party) -> tuple[int, ...]:
        """Where it stands, lowest first: what the priority says, then the order of arrival.

        A group stands where the least favoured of it does.
        """
        returning = int(not all(member.first_time for member in party.members))
        present = int(any(member.employer in self._present for member in party.members))
        match self._priority:
            case Priority.FIRST_TIMERS:
                rank = (returning,)
            case Priority.NEW_ORGANISATIONS:
                rank = (present,)
            case Priority.BOTH:
                return returning, present, party.queue_no
            case _:
                return (party.queue_no,)
        return *rank, party.queue_no
