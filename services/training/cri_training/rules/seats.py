"""The seat ledger: who gets a place, and until when an offer stands."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cri_shared.clock import belgian

from cri_training.rules.states import HOLDING, Status

QUIET_FROM, QUIET_UNTIL = dt.time(21), dt.time(8)


@dataclass(frozen=True)
class Policy:
    """What an operator may set: how long an offer stands, and how near to the start it may come."""

    offer: dt.timedelta = dt.timedelta(hours=48)
    shortest_offer: dt.timedelta = dt.timedelta(hours=3)
    notice: dt.timedelta = dt.timedelta(hours=12)
    reminder_days: int = 3
    proof: dt.timedelta = dt.timedelta(hours=24)
    feedback: dt.timedelta = dt.timedelta(days=28)


@dataclass(frozen=True)
class Room:
    """An edition as the ledger sees it."""

    capacity: int
    starts_at: dt.datetime
    goes_ahead: bool


@dataclass(frozen=True)
class Place:
    """A sign-up as the ledger sees it; `queue_no` rises in the order of arrival."""

    sign_up_id: str
    status: Status
    queue_no: int
    offer_until: dt.datetime | None = None


class MoveKind(StrEnum):
    """What the ledger may do to a sign-up."""

    SEAT = "seat"
    OFFER = "offer"
    EXPIRE = "expire"
    MISS = "miss"


@dataclass(frozen=True)
class Move:
    """One change of the ledger; `until` is when an offer ends."""

    sign_up_id: str
    kind: MoveKind
    until: dt.datetime | None = None


def rebalance(
    room: Room,
    places: Iterable[Place],
    now: dt.datetime,
    policy: Policy,
    *,
    arriving: str | None = None,
) -> list[Move]:
    """The moves that make the ledger right; none where it is right already.

    Offers that were not answered in time end; free seats go to the queue in its order: as a seat
    to the person who is just arriving, as an offer to everybody who is not at the page. When there
    is no time left for an offer, nobody is kept waiting.
    """
    if not room.goes_ahead:
        return []
    known = sorted(places, key=lambda place: place.queue_no)
    late = [p for p in known if p.status == Status.OFFERED and _is_over(p, room, now)]
    moves = [Move(p.sign_up_id, MoveKind.EXPIRE) for p in late]
    free = room.capacity - sum(p.status in HOLDING for p in known) + len(late)
    until = offer_until(now, room.starts_at, policy)
    for place in (p for p in known if p.status == Status.WAITING):
        here = place.sign_up_id == arriving and now < room.starts_at
        if free > 0 and (here or until is not None):
            free -= 1
            kind = MoveKind.SEAT if here else MoveKind.OFFER
            moves.append(Move(place.sign_up_id, kind, None if here else until))
        elif until is None:
            moves.append(Move(place.sign_up_id, MoveKind.MISS))
    return moves


def _is_over(place: Place, room: Room, now: dt.datetime) -> bool:
    return min(place.offer_until or now, room.starts_at) <= now


def offer_until(now: dt.datetime, starts_at: dt.datetime, policy: Policy) -> dt.datetime | None:
    """When an offer made now would end, or None where it is too late to make one.

    Time counts from when the mail may go out; an offer does not end in the quiet hours, and ends
    `policy.notice` before the start at the latest.
    """
    sent_at = after_quiet_hours(now)
    latest = starts_at - policy.notice
    until = min(sent_at + policy.offer, latest)
    if is_quiet(until):
        later = after_quiet_hours(until)
        until = later if later <= latest else _before_quiet_hours(until)
    return until if until - sent_at >= policy.shortest_offer else None


def is_quiet(instant: dt.datetime) -> bool:
    """Whether it is between 21:00 and 8:00 in Belgium, when nobody is asked to hurry."""
    return not QUIET_UNTIL <= belgian(instant).time() < QUIET_FROM


def after_quiet_hours(instant: dt.datetime) -> dt.datetime:
    """The instant itself, or 8:00 in Belgium where it lies in the quiet hours."""
    if not is_quiet(instant):
        return instant
    local = belgian(instant)
    day = local.date() + dt.timedelta(days=local.time() >= QUIET_FROM)
    return dt.datetime.combine(day, QUIET_UNTIL, local.tzinfo).astimezone(dt.UTC)


def _before_quiet_hours(instant: dt.datetime) -> dt.datetime:
    local = belgian(instant)
    day = local.date() - dt.timedelta(days=local.time() < QUIET_UNTIL)
    return dt.datetime.combine(day, QUIET_FROM, local.tzinfo).astimezone(dt.UTC)
