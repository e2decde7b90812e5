"""Due dates in working days of the partner's country, and when to nudge."""

import datetime as dt

import pytest
from cri_research.rules.deadlines import (
    REMINDERS,
    Nudge,
    due_date,
    later_by_waiting,
    next_day,
    pending,
    schedule,
    working_days_between,
)
from cri_shared.places import is_working_day
from hypothesis import given, settings
from hypothesis import strategies as st

D = dt.date


@pytest.mark.parametrize(
    ("today", "urgency", "country", "needed_by", "due"),
    [
        (D(2026, 3, 2), "normal", "CD", None, D(2026, 3, 16)),
        (D(2026, 3, 2), "soon", "CD", None, D(2026, 3, 10)),
        (D(2026, 3, 2), "urgent", "CD", None, D(2026, 3, 5)),
        # Women's Day is a holiday in Armenia; it falls on a Sunday, so Monday the 9th is free
        (D(2026, 3, 2), "normal", "AM", None, D(2026, 3, 16)),
        # the asker needs it on Thursday: two Belgian working days before that
        (D(2026, 3, 2), "normal", "CD", D(2026, 3, 12), D(2026, 3, 10)),
        # too late for that: the next working day is the best there is
        (D(2026, 3, 2), "normal", "CD", D(2026, 3, 3), D(2026, 3, 3)),
        (D(2026, 3, 2), "normal", "CD", D(2026, 2, 1), D(2026, 3, 3)),
        # Friday is not a working day in Iraq
        (D(2026, 3, 4), "urgent", "IQ", None, D(2026, 3, 9)),
    ],
)
def test_due_dates(today: D, urgency: str, country: str, needed_by: D | None, due: D) -> None:
    assert due_date(today, urgency, country, needed_by) == due


@settings(max_examples=200)
@given(
    st.dates(D(2025, 1, 1), D(2027, 12, 31)),
    st.sampled_from(["normal", "soon", "urgent"]),
    st.sampled_from(["AF", "IQ", "NP", "CD", "AM", "XK", "BR"]),
    st.integers(-30, 90) | st.none(),
)
def test_a_due_date_is_always_a_working_day_to_come(
    today: D, urgency: str, country: str, needed_in: int | None
) -> None:
    needed_by = None if needed_in is None else today + dt.timedelta(days=needed_in)
    due = due_date(today, urgency, country, needed_by)
    assert due > today
    assert is_working_day(due, country)
    if needed_by and needed_by > today + dt.timedelta(days=20):
        assert due <= needed_by


def test_waiting_for_a_reply_does_not_use_up_the_time() -> None:
    due, asked, replied = D(2026, 3, 16), D(2026, 3, 4), D(2026, 3, 10)
    waited = working_days_between(asked, replied, "CD")
    assert waited == 4
    assert working_days_between(due, later_by_waiting(due, asked, replied, "CD"), "CD") == waited


class TestNudges:
    DAYS = schedule(D(2026, 3, 2), D(2026, 3, 16), "CD")

    @pytest.mark.parametrize(
        ("today", "done", "due"),
        [
            (D(2026, 3, 11), [], []),
            (D(2026, 3, 12), [], [Nudge.BEFORE]),
            (D(2026, 3, 13), [Nudge.BEFORE], []),
            (D(2026, 3, 16), [Nudge.BEFORE], [Nudge.DUE]),
            (D(2026, 3, 17), [Nudge.BEFORE, Nudge.DUE], [Nudge.OVERDUE]),
            (D(2026, 3, 18), [Nudge.BEFORE, Nudge.DUE, Nudge.OVERDUE], [Nudge.AFTER]),
            (D(2026, 3, 19), [*REMINDERS, Nudge.OVERDUE], [Nudge.ESCALATE]),
            # the clock jumped by weeks: one reminder, and all that it means
            (D(2026, 4, 20), [], [Nudge.OVERDUE, Nudge.AFTER, Nudge.ESCALATE]),
        ],
    )
    def test_what_is_due(self, today: D, done: list[Nudge], due: list[Nudge]) -> None:
        assert pending(self.DAYS, done, today) == due

    def test_the_next_day_is_the_first_thing_left(self) -> None:
        assert next_day(self.DAYS, [], D(2026, 3, 2)) == D(2026, 3, 12)
        assert next_day(self.DAYS, [Nudge.BEFORE], D(2026, 3, 12)) == D(2026, 3, 16)
        assert next_day(self.DAYS, list(Nudge), D(2026, 3, 30)) is None

    def test_a_reminder_that_was_moved_comes_also_after_a_later_one(self) -> None:
        days = {**self.DAYS, Nudge.DUE: D(2026, 3, 25)}
        assert pending(days, [Nudge.BEFORE, Nudge.OVERDUE], D(2026, 3, 18)) == [Nudge.AFTER]
        done = [Nudge.BEFORE, Nudge.OVERDUE, Nudge.AFTER, Nudge.ESCALATE]
        assert next_day(days, done, D(2026, 3, 20)) == D(2026, 3, 25)

    def test_a_short_time_has_no_reminder_on_its_first_day(self) -> None:
        assert Nudge.BEFORE not in schedule(D(2026, 3, 2), D(2026, 3, 4), "CD")
