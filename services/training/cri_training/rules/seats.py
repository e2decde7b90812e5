"""The seat ledger: who gets a place and why, who waits and why, until when an offer stands."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cri_shared.clock import belgian

from cri_training.rules.queue import Party, Place, Priority, Reserved, Room, Tally, in_parties
from cri_training.rules.states import HOLDING, Status

QUIET_FROM, QUIET_UNTIL = dt.time(21), dt.time(8)


@dataclass(frozen=True)
class Policy:
    """What an operator may set: how long an offer stands, and how near to the start it may come."""

    offer: dt.timedelta = dt.timedelta(hours=48)
    shortest_offer: dt.timedelta = dt.timedelta(hours=3)
    notice: dt.timedelta = dt.timedelta(hours=12)
    reminder_days: int = 7
    proof: dt.timedelta = dt.timedelta(hours=24)
    named: dt.timedelta = dt.timedelta(hours=72)  # to confirm, for whom a colleague named
    feedback: dt.timedelta = dt.timedelta(days=28)


class MoveKind(StrEnum):
    """What the ledger may do to a sign-up."""

    SEAT = "seat"
    OFFER = "offer"
    EXPIRE = "expire"
    MISS = "miss"


class Chosen(StrEnum):
    """Why the ledger moved this one up and nobody else who waits."""

    FIRST = "first"  # nobody who waits came earlier
    RESERVED = "reserved"  # the place was kept for their organisation
    FITTING = "fitting"  # who came earlier needs more places together than are free
    FIRST_TIMER = "first_timer"
    NEW_ORGANISATION = "new_organisation"


@dataclass(frozen=True)
class Move:
    """One change of the ledger; `until` is when an offer ends.

    `passed` is how many people came earlier and wait still, `chosen` why they do.
    """

    sign_up_id: str
    kind: MoveKind
    until: dt.datetime | None = None
    chosen: Chosen | None = None
    passed: int = 0


class Hindrance(StrEnum):
    """Why somebody who waits has no place."""

    FULL = "full"
    RESERVED = "reserved"  # what is free is kept for other organisations
    GROUP = "group"  # not enough places are free for the whole group
    AWAITED = "awaited"  # a colleague of the group has an address still to prove


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on the waiting list, and why they are there still.

    `number` counts people in the order in which places go now, `later` those among them before
    this one who arrived later; `needs` is the size of the party, `free` the places it might take.
    """

    number: int
    later: int
    needs: int
    free: int
    hindrance: Hindrance
    kept: tuple[Reserved, ...]  # for other organisations; `places` are those that are left


def rebalance(
    room: Room,
    places: Iterable[Place],
    now: dt.datetime,
    policy: Policy,
    *,
    arriving: Collection[str] = (),
) -> list[Move]:
    """The moves that make the ledger right; none where it is right already.

    Offers that were not answered in time end; free seats go to the queue in its order: as a seat
    to the party of those who are just arriving, as an offer to everybody who is not at the page.
    Who needs more places together than are free lets others pass. When there is no time left for
    an offer, nobody is kept waiting.
    """
    if not room.goes_ahead:
        return []
    known = sorted(places, key=lambda place: place.queue_no)
    late = {p.sign_up_id for p in known if p.status == Status.OFFERED and _is_over(p, room, now)}
    moves = [Move(p.sign_up_id, MoveKind.EXPIRE) for p in known if p.sign_up_id in late]
    held = (p for p in known if p.status in HOLDING and p.sign_up_id not in late)
    tally = Tally(room, held, now)
    until = offer_until(now, room.starts_at, policy)
    queue = in_parties(known, now, together=until is not None)
    here = [p for p in queue if _is_here(p, arriving)] if now < room.starts_at else []
    while fitting := [p for p in (here if until is None else queue) if tally.fits(p)]:
        party = min(fitting, key=tally.rank)
        queue.remove(party)
        seated = party in here
        if seated:
            here.remove(party)
        moves += _up(party, queue, tally, room.priority, None if seated else until)
        tally.give(party)
    if until is None:
        moves += [Move(p.sign_up_id, MoveKind.MISS) for party in queue for p in party.members]
    return moves


def _is_here(party: Party, arriving: Collection[str]) -> bool:
    return any(member.sign_up_id in arriving for member in party.members)


def _up(
    party: Party, rest: list[Party], tally: Tally, priority: Priority, until: dt.datetime | None
) -> list[Move]:
    passed = [other for other in rest if other.queue_no < party.queue_no]
    chosen = _chosen(party, passed, tally, priority)
    kind = MoveKind.SEAT if until is None else MoveKind.OFFER
    people = sum(len(other) for other in passed)
    return [Move(p.sign_up_id, kind, until, chosen, people) for p in party.members]


def _chosen(party: Party, passed: list[Party], tally: Tally, priority: Priority) -> Chosen:
    if tally.takes_reserved(party):
        return Chosen.RESERVED
    if not passed:
        return Chosen.FIRST
    mine, best = tally.rank(party), min(tally.rank(other) for other in passed)
    if best < mine:
        return Chosen.FITTING
    if priority is Priority.NEW_ORGANISATIONS or mine[0] == best[0]:
        return Chosen.NEW_ORGANISATION
    return Chosen.FIRST_TIMER


def standings(room: Room, places: Iterable[Place], now: dt.datetime) -> dict[str, Standing]:
    """By sign-up, where everybody who waits stands; meant for a ledger that is right."""
    known = list(places)
    tally = Tally(room, (p for p in known if p.status in HOLDING), now)
    queue = sorted(in_parties(known, now, together=True), key=tally.rank)
    found: dict[str, Standing] = {}
    before = 0
    for at, party in enumerate(queue):
        later = sum(len(other) for other in queue[:at] if other.queue_no > party.queue_no)
        standing = Standing(
            number=before + 1,
            later=later,
            needs=len(party),
            free=tally.free_for(party),
            hindrance=_hindrance(party, tally),
            kept=_kept_for_others(room, party, tally),
        )
        found |= {member.sign_up_id: standing for member in party.members}
        before += len(party)
    return found


def _hindrance(party: Party, tally: Tally) -> Hindrance:
    if not party.complete:
        return Hindrance.AWAITED
    if tally.free_for(party):
        return Hindrance.GROUP
    return Hindrance.RESERVED if tally.free > 0 else Hindrance.FULL


def _kept_for_others(room: Room, party: Party, tally: Tally) -> tuple[Reserved, ...]:
    theirs = {member.organisation_id for member in party.members}
    return tuple(
        Reserved(one.organisation_id, left, one.until)
        for one in room.reserved
        if one.organisation_id not in theirs and (left := tally.kept.get(one.organisation_id, 0))
    )


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
