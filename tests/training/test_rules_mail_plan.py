"""The mail plan follows from state: what no longer makes sense is not wanted."""

import datetime as dt

from cri_training.rules.mail_plan import Kind, Sent, Session, State, wanted
from cri_training.rules.seats import Policy
from cri_training.rules.states import EditionStatus, Status

NOW = dt.datetime(2026, 12, 1, 11, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 12, 1, 22, 0, tzinfo=dt.UTC)
START = dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)
NOTHING: Sent = frozenset()


def state(status: Status, **changed: object) -> State:
    """A sign-up for an edition of two sessions in two weeks."""
    hours = dt.timedelta(hours=3)
    sessions = (
        Session(1, 0, START, START + hours),
        Session(2, 0, START + dt.timedelta(7), START + dt.timedelta(7) + hours),
    )
    made: dict[str, object] = {
        "edition": EditionStatus.PUBLISHED,
        "sessions": sessions,
        "schedule": 0,
        "status": status,
        "schedule_known": 0,
        "seated_at": NOW,
        "offered_at": NOW,
        "offer_until": NOW + dt.timedelta(days=2),
    }
    return State(**(made | changed))  # type: ignore[arg-type]


def due(state: State, sent: Sent = NOTHING, now: dt.datetime = NOW) -> list[tuple[str, str]]:
    """The keys of what must go now."""
    return [x.key for x in wanted(state, sent, now, Policy()) if x.due_at <= now]


class TestThePlan:
    def test_a_seat_puts_every_session_into_the_calendar(self) -> None:
        assert due(state(Status.SEATED)) == [("invite", "1.0"), ("invite", "2.0")]

    def test_nothing_goes_twice(self) -> None:
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        assert due(state(Status.SEATED), sent) == []

    def test_a_moved_session_goes_again_and_the_other_does_not(self) -> None:
        sessions = list(state(Status.SEATED).sessions)
        sessions[1] = Session(2, 1, sessions[1].starts_at, sessions[1].ends_at)
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        assert due(state(Status.SEATED, sessions=tuple(sessions)), sent) == [("invite", "2.1")]

    def test_an_offer_made_at_night_goes_in_the_morning(self) -> None:
        made = state(Status.OFFERED, offered_at=NIGHT, offer_until=NIGHT + dt.timedelta(2))
        assert due(made, now=NIGHT) == []
        assert due(made, now=NIGHT + dt.timedelta(hours=9)) == [("offer", "")]

    def test_an_offer_that_has_ended_is_not_mailed(self) -> None:
        made = state(Status.OFFERED, offer_until=NOW)
        assert due(made) == []

    def test_the_reminder_goes_three_days_before_at_nine(self) -> None:
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        eight = dt.datetime(2026, 12, 12, 7, 59, tzinfo=dt.UTC)
        assert due(state(Status.SEATED), sent, eight) == []
        assert due(state(Status.SEATED), sent, eight + dt.timedelta(minutes=1)) == [
            ("reminder", "1.0")
        ]

    def test_who_signed_up_after_that_is_not_reminded(self) -> None:
        late = dt.datetime(2026, 12, 13, 12, 0, tzinfo=dt.UTC)
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        assert due(state(Status.SEATED, seated_at=late), sent, late) == []

    def test_nobody_is_reminded_of_what_has_begun(self) -> None:
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        assert due(state(Status.SEATED), sent, START) == []

    def test_a_cancelled_edition_wants_nothing_but_the_farewell(self) -> None:
        gone = state(Status.SEATED, edition=EditionStatus.CANCELLED)
        sent = frozenset({("invite", "1.0"), ("invite", "2.0")})
        assert due(gone, sent, START - dt.timedelta(days=1)) == [
            ("uninvite", "1"),
            ("uninvite", "2"),
        ]
        assert due(state(Status.WAITING, edition=EditionStatus.CANCELLED)) == [("cancelled", "")]
        assert due(state(Status.EXPIRED, edition=EditionStatus.CANCELLED)) == []

    def test_only_who_came_is_asked_what_they_thought(self) -> None:
        after = START + dt.timedelta(days=8)
        for came in (True, False):
            held = state(Status.SEATED, edition=EditionStatus.HELD, attended=came)
            assert (("feedback", "") in due(held, now=after)) is came

    def test_every_kind_of_mail_is_wanted_by_some_state(self) -> None:
        seen = {
            key[0]
            for edition in EditionStatus
            for status in Status
            for sent in (NOTHING, frozenset({("invite", "1.0")}))
            for now in (NOW, START - dt.timedelta(days=2), START + dt.timedelta(days=8))
            for key in due(
                state(
                    status,
                    edition=edition,
                    schedule=1,
                    attended=True,
                    seated_at=NOW - dt.timedelta(days=3),
                ),
                sent,
                now,
            )
        }
        assert seen == set(Kind)
