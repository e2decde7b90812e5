"""The mail plan follows from state: what no longer makes sense is not wanted."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import pytest
from cri_training.rules.kinds import Kind
from cri_training.rules.mail_plan import State, wanted
from cri_training.rules.moments import Course, Materials, Session, moments
from cri_training.rules.seats import Policy
from cri_training.rules.states import EditionStatus, Status

NOW = dt.datetime(2026, 12, 1, 11, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 12, 1, 22, 0, tzinfo=dt.UTC)
START = dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)
END = START + dt.timedelta(days=7, hours=3)
MINUTE = dt.timedelta(minutes=1)
WEEK_BEFORE = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.UTC)
DAY_BEFORE = dt.datetime(2026, 12, 14, 8, 0, tzinfo=dt.UTC)
Keys = Iterable[tuple[str, str]]
INVITED: Keys = [("invite", "1.0"), ("invite", "2.0")]
REMINDED: Keys = [*INVITED, ("reminder", "2026-12-15")]


def course(status: EditionStatus = EditionStatus.PUBLISHED, **changed: object) -> Course:
    """An edition of two sessions in two and in three weeks."""
    hours = dt.timedelta(hours=3)
    sessions = (
        Session(1, 0, START, START + hours),
        Session(2, 0, START + dt.timedelta(7), START + dt.timedelta(7) + hours),
    )
    return replace(Course(status, sessions), **changed)  # type: ignore[arg-type]


def state(status: Status, **changed: object) -> State:
    """Somebody who signed up today."""
    made = State(status, 0, NOW, NOW, NOW + dt.timedelta(days=2))
    return replace(made, **changed)  # type: ignore[arg-type]


def due(
    state: State, sent: Keys = (), now: dt.datetime = NOW, of: Course | None = None
) -> list[tuple[str, str]]:
    """The keys of what must go now."""
    posted = dict.fromkeys(sent, NOW)
    plan = wanted(of or course(), state, posted, now, Policy())
    return [letter.key for letter in plan if letter.due_at <= now]


class TestThePlan:
    def test_a_seat_puts_every_session_into_the_calendar(self) -> None:
        assert due(state(Status.SEATED)) == INVITED

    def test_nothing_goes_twice(self) -> None:
        assert due(state(Status.SEATED), INVITED) == []

    def test_a_moved_session_goes_again_and_the_other_does_not(self) -> None:
        first, second = course().sessions
        moved = course(sessions=(first, replace(second, sequence=1)))
        assert due(state(Status.SEATED), INVITED, of=moved) == [("invite", "2.1")]

    def test_an_offer_made_at_night_goes_in_the_morning(self) -> None:
        made = state(Status.OFFERED, offered_at=NIGHT, offer_until=NIGHT + dt.timedelta(2))
        assert due(made, now=NIGHT) == []
        assert due(made, now=NIGHT + dt.timedelta(hours=9)) == [("offer", "")]

    def test_an_offer_that_has_ended_is_not_mailed(self) -> None:
        assert due(state(Status.OFFERED, offer_until=NOW)) == []

    def test_a_cancelled_edition_wants_nothing_but_the_farewell(self) -> None:
        gone = course(EditionStatus.CANCELLED, materials=Materials(1, NOW))
        seated, eve = state(Status.SEATED), START - dt.timedelta(days=1)
        assert due(seated, INVITED, eve, gone) == [("uninvite", "1"), ("uninvite", "2")]
        assert due(seated, INVITED, START + 7 * 24 * 60 * MINUTE, gone) == [("uninvite", "2")]
        assert due(state(Status.WAITING), of=gone) == [("cancelled", "")]
        assert due(state(Status.EXPIRED), of=gone) == []

    def test_every_kind_of_mail_is_wanted_by_some_state(self) -> None:
        seen = {
            key[0]
            for edition in EditionStatus
            for status in Status
            for sent in ([], [("invite", "1.0")], [("feedback", "")])
            for now in (NOW, WEEK_BEFORE, DAY_BEFORE, END + dt.timedelta(days=8))
            for key in due(
                state(status, attended=True, certificate="c", seated_at=NOW - dt.timedelta(3)),
                sent,
                now,
                course(edition, schedule=1, materials=Materials(1, NOW), answers_missing=True),
            )
        }
        assert seen == set(Kind)


class TestReminders:
    def test_a_week_and_a_day_before_at_nine(self) -> None:
        seated = state(Status.SEATED)
        assert due(seated, INVITED, WEEK_BEFORE - MINUTE) == []
        assert due(seated, INVITED, WEEK_BEFORE) == [("reminder", "2026-12-15")]
        assert due(seated, REMINDED, DAY_BEFORE - MINUTE) == []
        assert due(seated, REMINDED, DAY_BEFORE) == [("last_reminder", "2026-12-15")]

    def test_a_session_that_stands_by_itself_has_its_own_day_before(self) -> None:
        eve = DAY_BEFORE + dt.timedelta(days=7)
        assert due(state(Status.SEATED), REMINDED, eve) == [("last_reminder", "2026-12-22")]
        first, second = course().sessions
        close = replace(second, starts_at=first.starts_at + dt.timedelta(days=1))
        two_days = course(sessions=(first, close))
        assert due(state(Status.SEATED), REMINDED, START + MINUTE, two_days) == []

    def test_who_got_a_place_after_the_moment_is_not_reminded(self) -> None:
        late = state(Status.SEATED, seated_at=WEEK_BEFORE + MINUTE)
        assert due(late, INVITED, WEEK_BEFORE + 2 * MINUTE) == []
        assert due(late, INVITED, DAY_BEFORE) == [("last_reminder", "2026-12-15")]

    def test_who_just_heard_of_the_new_date_is_not_reminded_of_it(self) -> None:
        moved = course(scheduled_at=WEEK_BEFORE + MINUTE)
        assert due(state(Status.SEATED), INVITED, WEEK_BEFORE + 2 * MINUTE, moved) == []
        assert due(state(Status.SEATED), INVITED, DAY_BEFORE, moved) != []

    def test_nobody_is_reminded_of_what_has_begun(self) -> None:
        assert due(state(Status.SEATED), INVITED, START) == []

    @pytest.mark.parametrize(
        ("start", "nine"),
        [
            ("2027-03-29T12:00+00:00", "2027-03-28T07:00"),
            ("2026-10-26T13:00+00:00", "2026-10-25T08:00"),
        ],
    )
    def test_nine_is_nine_on_the_day_the_clocks_change(self, start: str, nine: str) -> None:
        begins = dt.datetime.fromisoformat(start)
        only = Session(1, 0, begins, begins + dt.timedelta(hours=3))
        at = [
            m.at
            for m in moments(course(sessions=(only,)), Policy())
            if m.kind == Kind.LAST_REMINDER
        ]
        assert [f"{one:%Y-%m-%dT%H:%M}" for one in at] == [nine]


class TestMaterials:
    def test_links_go_half_an_hour_after_the_last_one_and_never_at_night(self) -> None:
        linked = course(materials=Materials(2, NOW))
        assert due(state(Status.SEATED), INVITED, NOW + 29 * MINUTE, linked) == []
        assert due(state(Status.SEATED), INVITED, NOW + 30 * MINUTE, linked) == [("materials", "2")]
        assert due(state(Status.SEATED), INVITED, NIGHT, linked) == []
        assert due(state(Status.WAITING), [("waiting", "")], NIGHT - 120 * MINUTE, linked) == []

    @pytest.mark.parametrize("came", [True, False])
    def test_afterwards_they_go_to_those_who_came(self, came: bool) -> None:
        held = course(EditionStatus.HELD, materials=Materials(1, END))
        seated = state(Status.SEATED, attended=came)
        sent = [*INVITED, ("feedback", "")]
        assert (("materials", "1") in due(seated, sent, END + 18 * 60 * MINUTE, held)) is came


class TestFeedback:
    @pytest.mark.parametrize("came", [True, False])
    def test_only_who_came_is_asked_what_they_thought(self, came: bool) -> None:
        seated = state(Status.SEATED, attended=came)
        held = course(EditionStatus.HELD)
        assert (("feedback", "") in due(seated, now=END + 24 * 60 * MINUTE, of=held)) is came

    def test_one_reminder_a_week_later_while_somebody_has_not_answered(self) -> None:
        seated = state(Status.SEATED, attended=True)
        later = END + dt.timedelta(days=7, hours=18)
        sent = [*INVITED, ("feedback", "")]
        for missing in (True, False):
            held = course(EditionStatus.HELD, answers_missing=missing)
            assert (("feedback_again", "") in due(seated, sent, later, held)) is missing
        open_still = course(EditionStatus.HELD, answers_missing=True)
        assert due(seated, [*sent, ("feedback_again", "")], later, open_still) == []
        assert due(seated, sent, END + dt.timedelta(days=28), open_still) == []


class TestCertificates:
    LATER = END + dt.timedelta(days=2)
    HELD = course(EditionStatus.HELD, certified_at=LATER)

    def test_who_has_a_valid_one_hears_of_it_once(self) -> None:
        theirs = state(Status.SEATED, certificate="one")
        assert due(theirs, now=self.LATER, of=self.HELD) == [("certificate", "one")]
        assert due(theirs, [("certificate", "one")], self.LATER, self.HELD) == []
        assert due(state(Status.SEATED), now=self.LATER, of=self.HELD) == []

    def test_one_that_took_the_place_of_another_is_told_of_anew(self) -> None:
        theirs = state(Status.WALKED_IN, certificate="two")
        sent = [("certificate", "one")]
        assert due(theirs, sent, self.LATER, self.HELD) == [("certificate", "two")]

    def test_a_trainer_may_stop_it_and_nobody_gets_it_at_night(self) -> None:
        theirs = state(Status.SEATED, certificate="one")
        stopped = replace(self.HELD, stopped=frozenset({Kind.CERTIFICATE}))
        assert due(theirs, now=self.LATER, of=stopped) == []
        assert due(theirs, now=NIGHT + dt.timedelta(days=30), of=self.HELD) == []

    def test_it_stands_in_the_plan_before_any_is_issued(self) -> None:
        (one,) = [m for m in moments(course(), Policy()) if m.kind == Kind.CERTIFICATE]
        assert one.at == END


class TestWhatTrainersDecide:
    def test_what_they_stopped_does_not_go_even_after_the_date_moved(self) -> None:
        stopped = course(stopped=frozenset({Kind.REMINDER}))
        assert due(state(Status.SEATED), INVITED, WEEK_BEFORE, stopped) == []
        assert due(state(Status.SEATED), INVITED, DAY_BEFORE, stopped) != []

    def test_what_they_hastened_goes_now_to_those_who_had_a_place_then(self) -> None:
        key = ("reminder", "2026-12-15")
        hastened = course(hastened={key: NOW + MINUTE})
        assert due(state(Status.SEATED), INVITED, NOW + MINUTE, hastened) == [key]
        later = state(Status.SEATED, seated_at=NOW + 2 * MINUTE)
        assert due(later, INVITED, NOW + 3 * MINUTE, hastened) == []
