"""Due dates, reminders and the life of a link, counted in working days of the partner's country."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum

from cri_shared import clock
from cri_shared.places import add_working_days, is_working_day

WORKING_DAYS = {"normal": 10, "soon": 6, "urgent": 3}
REVIEW_DAYS = 2  # Belgian working days between the partner's answer and the asker's need
REMIND_BEFORE = 2
REMIND_AFTER = 2
ESCALATE_AFTER = 3
LINK_DAYS = 30
SESSION = dt.timedelta(hours=8)
MAX_EXCHANGES = 5
MAX_PIN_TRIES = 5
_DAY = dt.timedelta(days=1)


class Nudge(StrEnum):
    """What happens by itself around a due date."""

    BEFORE = "before"
    DUE = "due"
    OVERDUE = "overdue"
    AFTER = "after"
    ESCALATE = "escalate"


# What the partner itself gets; one that is missed is not made up for once the next one has come.
REMINDERS = (Nudge.BEFORE, Nudge.DUE, Nudge.AFTER)
# Being overdue is a fact that the helpdesk and the asker are told of; it moves with the due date.
MOVABLE = frozenset({*REMINDERS, Nudge.ESCALATE})


def due_date(
    today: dt.date, urgency: str, country: str, needed_by: dt.date | None = None
) -> dt.date:
    """The day an answer is due: by urgency, in time for `needed_by` where that can still be.

    Always a working day of the country (ISO code), and at least the next one.
    """
    usual = add_working_days(today, WORKING_DAYS[urgency], country)
    if needed_by is None:
        return usual
    wanted = add_working_days(needed_by, -REVIEW_DAYS)
    while not is_working_day(wanted, country):
        wanted -= _DAY
    return max(min(usual, wanted), add_working_days(today, 1, country))


def later_by_waiting(
    due_on: dt.date, asked_on: dt.date, replied_on: dt.date, country: str
) -> dt.date:
    """A due date moved by the working days that a partner waited for a reply."""
    waited = working_days_between(asked_on, replied_on, country)
    later = add_working_days(due_on, waited, country)
    return max(later, add_working_days(replied_on, 1, country))


def working_days_between(start: dt.date, end: dt.date, country: str) -> int:
    """The working days after `start` up to and with `end`; 0 where `end` is not later."""
    days = (start + _DAY * n for n in range(1, (end - start).days + 1))
    return sum(is_working_day(day, country) for day in days)


def schedule(sent_on: dt.date, due_on: dt.date, country: str) -> dict[Nudge, dt.date]:
    """The day of each nudge; no reminder before the due date where it would come at once."""
    before = add_working_days(due_on, -REMIND_BEFORE, country)
    days = {
        Nudge.DUE: due_on,
        Nudge.OVERDUE: due_on + _DAY,
        Nudge.AFTER: add_working_days(due_on, REMIND_AFTER, country),
        Nudge.ESCALATE: add_working_days(due_on, ESCALATE_AFTER, country),
    }
    return {Nudge.BEFORE: before, **days} if before > sent_on else days


def replanned(
    days: dict[Nudge, dt.date], changes: Mapping[str, str | None]
) -> dict[Nudge, dt.date]:
    """The days as a person changed them: an ISO date for another day, None for one held back."""
    kept = {n: changes.get(n, day.isoformat()) for n, day in days.items()}
    return {n: dt.date.fromisoformat(day) for n, day in kept.items() if day is not None}


def latest(nudge: Nudge, due_on: dt.date) -> dt.date:
    """The last day to which a nudge can be moved: the first reminder comes before the due date."""
    return due_on - _DAY if nudge is Nudge.BEFORE else last_day(due_on)


def pending(days: dict[Nudge, dt.date], done: Iterable[Nudge], today: dt.date) -> list[Nudge]:
    """The nudges that are due today and were not done; whoever missed one gets the latest only."""
    over = {*done} | overtaken(days, today)
    return [n for n, day in days.items() if day <= today and n not in over]


def next_day(days: dict[Nudge, dt.date], done: Iterable[Nudge], today: dt.date) -> dt.date | None:
    """The next day on which something happens by itself, or None."""
    left = days.keys() - {*done} - overtaken(days, today)
    return min((days[n] for n in left), default=None)


def overtaken(days: dict[Nudge, dt.date], today: dt.date) -> frozenset[Nudge]:
    """The reminders whose day has come, but for the last of them: they would say the same."""
    came = [n for n in REMINDERS if n in days and days[n] <= today]
    return frozenset(came[:-1])


def month_of(first: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The Belgian month that begins on a day, as the first moments of it and of the next."""
    following = (first + _DAY * 31).replace(day=1)
    return clock.start_of_day(first), clock.start_of_day(following)


def month_named(text: str, today: dt.date) -> dt.date:
    """The first day of a month such as 2026-03; of the last whole month where it is none."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return (today.replace(day=1) - _DAY).replace(day=1)


def months_back(today: dt.date, count: int = 24) -> list[dt.date]:
    """The first days of this month and of those before it, newest first."""
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - _DAY).replace(day=1))
    return months


def last_day(due_on: dt.date) -> dt.date:
    """The last day on which an assignment's link opens it."""
    return due_on + dt.timedelta(days=LINK_DAYS)
