"""The seat ledger keeps its promises whatever happens in whatever order."""

import datetime as dt

import pytest
from cri_shared import clock
from cri_training.rules.queue import Place, Room
from cri_training.rules.seats import (
    Chosen,
    Move,
    MoveKind,
    Policy,
    is_quiet,
    offer_until,
    rebalance,
)
from cri_training.rules.states import HOLDING, Status, places_word
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

POLICY = Policy()
START = dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)  # 14:00 in Belgium
NOON = dt.datetime(2026, 12, 1, 11, 0, tzinfo=dt.UTC)


def belgian(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of December 2026, on a clock in Brussels (one hour ahead)."""
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=dt.UTC) - dt.timedelta(hours=1)


class TestHowLongAnOfferStands:
    @pytest.mark.parametrize(
        ("made", "ends"),
        [
            (belgian(1, 12), belgian(3, 12)),  # two days
            (belgian(1, 22), belgian(4, 8)),  # it counts from eight, when the mail goes
            (belgian(1, 7, 59), belgian(3, 8)),
            (belgian(13, 12), belgian(14, 21)),  # not at two at night, when notice begins
            (belgian(14, 9), belgian(14, 21)),  # shortened near the start
            (belgian(14, 18), belgian(14, 21)),  # just three hours
            (belgian(14, 19), None),  # too short to be fair
            (belgian(14, 22), None),
            (belgian(15, 15), None),  # it has begun
        ],
    )
    def test_an_offer_ends_by_day_and_before_the_notice(
        self, made: dt.datetime, ends: dt.datetime | None
    ) -> None:
        assert offer_until(made, START, POLICY) == ends

    def test_no_offer_ends_in_the_quiet_hours(self) -> None:
        for hours in range(24 * 16):
            made = belgian(1, 0) + dt.timedelta(hours=hours)
            until = offer_until(made, START, POLICY)
            assert until is None or not is_quiet(until) or clock.belgian(until).hour == 21


class TestWhoGetsAPlace:
    def test_who_arrives_first_is_seated_at_once(self) -> None:
        room = Room(1, START, goes_ahead=True)
        here = [Place("a", Status.WAITING, 1)]
        assert rebalance(room, here, NOON, POLICY, arriving={"a"}) == [
            Move("a", MoveKind.SEAT, chosen=Chosen.FIRST)
        ]

    def test_who_arrives_does_not_pass_those_who_wait(self) -> None:
        room = Room(1, START, goes_ahead=True)
        queue = [Place("late", Status.WAITING, 2), Place("early", Status.WAITING, 1)]
        moves = rebalance(room, queue, NOON, POLICY, arriving={"late"})
        assert [(m.sign_up_id, m.kind) for m in moves] == [("early", MoveKind.OFFER)]

    def test_an_offer_that_was_not_answered_goes_to_the_next(self) -> None:
        room = Room(1, START, goes_ahead=True)
        queue = [
            Place("silent", Status.OFFERED, 1, offer_until=NOON),
            Place("next", Status.WAITING, 2),
        ]
        moves = rebalance(room, queue, NOON, POLICY)
        assert [(m.sign_up_id, m.kind) for m in moves] == [
            ("silent", MoveKind.EXPIRE),
            ("next", MoveKind.OFFER),
        ]

    def test_nobody_is_kept_waiting_when_there_is_no_time_left(self) -> None:
        room = Room(1, START, goes_ahead=True)
        queue = [Place("a", Status.SEATED, 1), Place("b", Status.WAITING, 2)]
        assert rebalance(room, queue, belgian(15, 9), POLICY) == [Move("b", MoveKind.MISS)]

    def test_what_does_not_go_ahead_moves_nobody(self) -> None:
        room = Room(9, START, goes_ahead=False)
        assert rebalance(room, [Place("a", Status.WAITING, 1)], NOON, POLICY) == []

    @pytest.mark.parametrize(
        ("capacity", "free", "word"),
        [
            (10, 10, "free"),
            (10, 4, "free"),
            (10, 3, "few"),
            (10, 1, "few"),
            (10, 0, "waiting_list"),
            (50, 10, "few"),
        ],
    )
    def test_places_are_a_word(self, capacity: int, free: int, word: str) -> None:
        assert places_word(capacity, free) == word


class Ledger(RuleBasedStateMachine):
    """People arrive, cancel, answer or stay silent; time passes; the room grows."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.capacity = 2
        self.people: dict[str, Place] = {}
        self.offered: list[int] = []

    @rule()
    def arrive(self) -> None:
        name = f"p{len(self.people)}"
        self.people[name] = Place(name, Status.WAITING, len(self.people) + 1)
        self.put_right(arriving=name)

    def someone(self, status: Status, data: st.DataObject) -> str | None:
        names = [n for n, p in self.people.items() if p.status == status]
        return data.draw(st.sampled_from(names)) if names else None

    @rule(data=st.data(), status=st.sampled_from([Status.SEATED, Status.OFFERED, Status.WAITING]))
    def cancel(self, data: st.DataObject, status: Status) -> None:
        if name := self.someone(status, data):
            self.become(name, Status.CANCELLED)
            self.put_right()

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self.put_right()
        if name := self.someone(Status.OFFERED, data):
            self.become(name, Status.SEATED)
            self.put_right()

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)
        self.put_right()

    @precondition(lambda self: self.capacity < 6)
    @rule()
    def room_grows(self) -> None:
        self.capacity += 1
        self.put_right()

    def become(self, name: str, status: Status, until: dt.datetime | None = None) -> None:
        self.people[name] = Place(name, status, self.people[name].queue_no, until)

    def moves(self, arriving: str = "") -> list[Move]:
        room = Room(self.capacity, START, goes_ahead=True)
        return rebalance(room, self.people.values(), self.now, POLICY, arriving={arriving})

    def put_right(self, arriving: str = "") -> None:
        become = {
            MoveKind.SEAT: Status.SEATED,
            MoveKind.OFFER: Status.OFFERED,
            MoveKind.EXPIRE: Status.EXPIRED,
            MoveKind.MISS: Status.MISSED,
        }
        waiting = {n for n, p in self.people.items() if p.status == Status.WAITING}
        for move in self.moves(arriving):
            before = self.people[move.sign_up_id].status
            if move.kind is MoveKind.EXPIRE:
                assert before == Status.OFFERED
            else:
                assert before == Status.WAITING
            if move.kind in (MoveKind.OFFER, MoveKind.SEAT):
                first = min(waiting, key=lambda n: self.people[n].queue_no)
                assert move.sign_up_id == first, "first in, first out"
            waiting.discard(move.sign_up_id)
            self.become(move.sign_up_id, become[move.kind], move.until)

    @invariant()
    def never_over_capacity(self) -> None:
        assert sum(p.status in HOLDING for p in self.people.values()) <= self.capacity

    @invariant()
    def nobody_waits_while_a_place_is_free(self) -> None:
        held = sum(p.status in HOLDING for p in self.people.values())
        waits = any(p.status == Status.WAITING for p in self.people.values())
        assert not (waits and held < self.capacity)

    @invariant()
    def doing_it_again_changes_nothing(self) -> None:
        assert self.moves() == []


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
