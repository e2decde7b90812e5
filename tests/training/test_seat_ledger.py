"""The seat ledger keeps its promises whatever happens in whatever order.

What the rules must do is said here a second time, in the plainest way, and compared at every step.
"""

import datetime as dt
import itertools
from dataclasses import replace

from cri_training.rules.queue import Place, Priority, Reserved, Room
from cri_training.rules.seats import (
    Chosen,
    Hindrance,
    Move,
    MoveKind,
    Policy,
    offer_until,
    rebalance,
    standings,
)
from cri_training.rules.states import HOLDING, Status
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

POLICY = Policy()
START = dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)  # 14:00 in Belgium
NOON = dt.datetime(2026, 12, 1, 11, 0, tzinfo=dt.UTC)
BECOMES = {
    MoveKind.SEAT: Status.SEATED,
    MoveKind.OFFER: Status.OFFERED,
    MoveKind.EXPIRE: Status.EXPIRED,
    MoveKind.MISS: Status.MISSED,
}
UP = (MoveKind.SEAT, MoveKind.OFFER)
ORGANISATIONS = st.sampled_from([None, "north", "south"])
EMPLOYERS = st.sampled_from(["x", "y", "z"])


class Ledger(RuleBasedStateMachine):
    """People and groups arrive, cancel, answer or stay silent; places are reserved; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.room = Room(2, START, goes_ahead=True)
        self.people: dict[str, Place] = {}
        self.numbers = itertools.count(1)
        self.expired: set[str] = set()

    @initialize(priority=st.sampled_from(Priority), capacity=st.integers(1, 3))
    def staff_plan_it(self, priority: Priority, capacity: int) -> None:
        self.room = replace(self.room, priority=priority, capacity=capacity)

    @rule(whose=ORGANISATIONS, employer=EMPLOYERS, first_time=st.booleans())
    def somebody_arrives(self, whose: str | None, employer: str, first_time: bool) -> None:
        self.put_right({self.join(Status.WAITING, whose, employer, first_time)})

    @rule(
        crowd=st.lists(st.tuples(ORGANISATIONS, EMPLOYERS, st.booleans()), min_size=2, max_size=5)
    )
    def many_arrive(self, crowd: list[tuple[str | None, str, bool]]) -> None:
        for whose, employer, first_time in crowd:
            self.somebody_arrives(whose, employer, first_time)

    @rule(
        whose=ORGANISATIONS,
        employer=EMPLOYERS,
        size=st.integers(2, 3),
        together=st.booleans(),
        unproved=st.integers(0, 1),
        here=st.booleans(),
    )
    def a_group_arrives(
        self,
        whose: str | None,
        employer: str,
        size: int,
        together: bool,
        unproved: int,
        here: bool,
    ) -> None:
        group = f"g{next(self.numbers)}"
        states = [Status.WAITING] * (size - unproved) + [Status.REQUESTED] * unproved
        names = [self.join(state, whose, employer, n > 0) for n, state in enumerate(states)]
        for name in names:
            self.become(name, group_id=group, keep_together=together)
        self.put_right(set(names) if here else set())

    @rule(data=st.data())
    def a_colleague_proves_the_address(self, data: st.DataObject) -> None:
        if name := self.someone(Status.REQUESTED, data):
            until = self.people[name].proof_until
            if until is not None and until > self.now:
                self.become(name, status=Status.WAITING, queue_no=next(self.numbers))
                self.put_right({name})

    @rule(data=st.data(), status=st.sampled_from([Status.SEATED, Status.OFFERED, Status.WAITING]))
    def somebody_cancels(self, data: st.DataObject, status: Status) -> None:
        if name := self.someone(status, data):
            self.become(name, status=Status.CANCELLED)
            self.put_right()

    @rule(data=st.data())
    def somebody_accepts(self, data: st.DataObject) -> None:
        if name := self.someone(Status.OFFERED, data):
            self.become(name, status=Status.SEATED, offer_until=None)
            self.put_right()

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)
        self.put_right()

    @rule(minutes=st.sampled_from([-1, 0]))
    def an_offer_is_about_to_end(self, minutes: int) -> None:
        ends = [p.offer_until for p in self.people.values() if p.status == Status.OFFERED]
        soon = min((end for end in ends if end is not None), default=self.now)
        self.now = max(self.now, soon + dt.timedelta(minutes=minutes))
        self.put_right()

    @rule()
    @precondition(lambda self: len(self.people) > 3)
    def the_last_day_comes(self) -> None:
        self.now = max(self.now, START - dt.timedelta(hours=4))
        self.put_right()

    @rule(by=st.integers(1, 4))
    @precondition(lambda self: self.room.capacity < 8)
    def the_room_grows(self, by: int) -> None:
        self.room = replace(self.room, capacity=self.room.capacity + by)
        self.put_right()

    @rule(
        whose=st.sampled_from(["north", "south"]), places=st.integers(0, 3), days=st.integers(1, 9)
    )
    def staff_reserve(self, whose: str, places: int, days: int) -> None:
        others = [one for one in self.room.reserved if one.organisation_id != whose]
        new = Reserved(whose, places, self.now + dt.timedelta(days=days))
        self.room = replace(self.room, reserved=(*others, new))
        self.put_right()

    def join(self, state: Status, whose: str | None, employer: str, first_time: bool) -> str:
        name = f"p{len(self.people)}"
        self.people[name] = Place(
            name,
            state,
            next(self.numbers),
            organisation_id=whose,
            employer=employer,
            first_time=first_time,
            proof_until=self.now + POLICY.proof,
        )
        return name

    def someone(self, status: Status, data: st.DataObject) -> str | None:
        names = [name for name, place in self.people.items() if place.status == status]
        return data.draw(st.sampled_from(names)) if names else None

    def become(self, name: str, **changed: object) -> None:
        self.people[name] = replace(self.people[name], **changed)  # type: ignore[arg-type]

    def moves(self, arriving: set[str] | None = None) -> list[Move]:
        known = self.people.values()
        return rebalance(self.room, known, self.now, POLICY, arriving=arriving or set())

    # What is right, in the plainest words.

    def unused(self) -> dict[str, int]:
        """By organisation, the places that are kept for it and not taken."""
        return {
            one.organisation_id: max(0, one.places - self.holding(one.organisation_id))
            for one in self.room.reserved
            if self.now < one.until
        }

    def holding(self, whose: str | None) -> int:
        held = [p for p in self.people.values() if p.status in HOLDING]
        return sum(p.organisation_id == whose for p in held)

    def free(self) -> int:
        return self.room.capacity - sum(p.status in HOLDING for p in self.people.values())

    def could_sit(self, party: list[str]) -> bool:
        """Sit down one after the other, at a place of one's own or at one that nobody's is."""
        before = dict(self.people)
        try:
            for name in party:
                kept, whose = self.unused(), self.people[name].organisation_id or ""
                if self.free() <= 0 or not (kept.get(whose) or self.free() > sum(kept.values())):
                    return False
                self.become(name, status=Status.SEATED)
            return True
        finally:
            self.people = before

    def parties(self, *, awaiting: bool = False) -> list[list[str]]:
        """Who moves together, as long as offers can be made, and waits for no colleague.

        With `awaiting` those that wait for one are among them.
        """
        too_late = offer_until(self.now, START, POLICY) is None
        parties: dict[str, list[str]] = {}
        for name, place in self.people.items():
            if place.status == Status.WAITING:
                alone = too_late or not place.keep_together
                parties.setdefault(name if alone else str(place.group_id), []).append(name)
        return [party for key, party in parties.items() if awaiting or not self.awaits(key)]

    def awaits(self, group: str) -> bool:
        return any(
            p.status == Status.REQUESTED
            and p.keep_together
            and p.group_id == group
            and p.proof_until is not None
            and self.now < p.proof_until
            for p in self.people.values()
        )

    def before(self, one: list[str], other: list[str]) -> bool:
        """Whether the priority, and then the order of arrival, lets one go before the other."""
        present = {p.employer for p in self.people.values() if p.status in HOLDING}

        def key(party: list[str]) -> list[int]:
            people = [self.people[name] for name in party]
            returning = int(any(not p.first_time for p in people))
            known = int(any(p.employer in present for p in people))
            arrival = min(p.queue_no for p in people)
            return {
                Priority.ARRIVAL: [arrival],
                Priority.FIRST_TIMERS: [returning, arrival],
                Priority.NEW_ORGANISATIONS: [known, arrival],
                Priority.BOTH: [returning, known, arrival],
            }[self.room.priority]

        return key(one) < key(other)

    def passed_by(self, party: list[str]) -> int:
        """How many people who wait came earlier than the first of a party."""
        first = min(self.people[name].queue_no for name in party)
        others = [other for other in self.parties(awaiting=True) if other != party]
        arrived = {min(self.people[n].queue_no for n in other): len(other) for other in others}
        return sum(many for number, many in arrived.items() if number < first)

    def put_right(self, arriving: set[str] | None = None) -> None:
        moves = self.moves(arriving)
        queue, offers = self.parties(), offer_until(self.now, START, POLICY) is not None
        for name in [m.sign_up_id for m in moves if m.kind is MoveKind.EXPIRE]:
            self.an_offer_ends(name)
        promoted = [m.sign_up_id for m in moves if m.kind in UP]
        passed = {m.sign_up_id: m.passed for m in moves}
        while promoted:
            party = next((p for p in queue if promoted[0] in p), [])
            assert party, "nobody out of a group that waits for a colleague"
            assert set(promoted[: len(party)]) == set(party), "all of a group or none"
            assert self.could_sit(party), "only where there is a place for them"
            rivals = [p for p in queue if p != party and self.could_sit(p)]
            if offers:
                assert not any(self.before(rival, party) for rival in rivals), "in order"
            assert passed[promoted[0]] == self.passed_by(party), "who came earlier is counted"
            queue.remove(party)
            promoted = promoted[len(party) :]
            for name in party:
                self.become(name, status=Status.SEATED)
        for move in moves:
            if move.kind in UP:
                assert (move.kind is MoveKind.OFFER) == (move.until is not None)
                assert move.passed == 0 or move.chosen is not Chosen.FIRST
            else:
                assert move.kind is MoveKind.EXPIRE or not offers, "missed only when it is too late"
            self.become(move.sign_up_id, status=BECOMES[move.kind], offer_until=move.until)

    def an_offer_ends(self, name: str) -> None:
        place = self.people[name]
        assert place.status == Status.OFFERED
        assert place.offer_until is not None
        assert self.now >= min(place.offer_until, START), "not before its time"
        assert name not in self.expired, "each offer ends once"
        self.expired.add(name)
        self.become(name, status=Status.EXPIRED)

    @invariant()
    def never_over_capacity(self) -> None:
        assert self.free() >= 0

    @invariant()
    def nobody_waits_while_a_place_is_free_for_them(self) -> None:
        assert not any(self.could_sit(party) for party in self.parties())

    @invariant()
    def no_offer_outlives_its_time(self) -> None:
        open_offers = [p for p in self.people.values() if p.status == Status.OFFERED]
        assert all(p.offer_until is not None and self.now < p.offer_until for p in open_offers)

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        waits = any(p.status == Status.WAITING for p in self.people.values())
        assert not waits or offer_until(self.now, START, POLICY) is not None

    @invariant()
    def doing_it_again_changes_nothing(self) -> None:
        assert self.moves() == []

    @invariant()
    def who_waits_is_told_the_truth(self) -> None:
        told = standings(self.room, self.people.values(), self.now)
        waiting = [n for n, p in self.people.items() if p.status == Status.WAITING]
        assert sorted(told) == sorted(waiting)
        for name, standing in told.items():
            kept = {o: n for o, n in self.unused().items() if n}
            kept.pop(self.people[name].organisation_id or "", None)
            assert {one.organisation_id: one.places for one in standing.kept} == kept
            if standing.hindrance is Hindrance.FULL:
                assert self.free() == 0
            elif standing.hindrance is Hindrance.RESERVED:
                assert self.free() > 0
                assert kept
            elif standing.hindrance is Hindrance.GROUP:
                assert 0 < standing.free < standing.needs
        for one, other in itertools.combinations(self.parties(), 2):
            first = told[one[0]].number < told[other[0]].number
            assert first == self.before(one, other)


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, derandomize=True
)
