"""How long an offer stands, who gets a place and why, and what is said to who waits."""

import datetime as dt

import pytest
from cri_shared import clock
from cri_training.rules.queue import Place, Priority, Room
from cri_training.rules.seats import (
    Chosen,
    Move,
    MoveKind,
    Policy,
    is_quiet,
    offer_until,
    rebalance,
)
from cri_training.rules.states import Status, places_word

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

    def test_an_organisation_that_gets_a_place_is_there_when_the_next_one_is_given(self) -> None:
        room = Room(2, START, goes_ahead=True, priority=Priority.NEW_ORGANISATIONS)
        queue = [
            Place(name, Status.WAITING, number, employer=name[0])
            for number, name in enumerate(("north 1", "north 2", "south"), 1)
        ]
        moves = rebalance(room, queue, NOON, POLICY)
        assert [(m.sign_up_id, m.chosen, m.passed) for m in moves] == [
            ("north 1", Chosen.FIRST, 0),
            ("south", Chosen.NEW_ORGANISATION, 1),
        ]

    def test_who_needs_fewer_places_may_pass_a_group(self) -> None:
        room = Room(1, START, goes_ahead=True)
        group = [
            Place(name, Status.WAITING, number, group_id="g", keep_together=True)
            for number, name in enumerate(("a", "b"), 1)
        ]
        moves = rebalance(room, [*group, Place("alone", Status.WAITING, 3)], NOON, POLICY)
        assert [(m.sign_up_id, m.chosen, m.passed) for m in moves] == [("alone", Chosen.FITTING, 2)]

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
