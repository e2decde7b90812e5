"""When an edition's mails to everybody are due: from its dates, and from what trainers decided."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cri_shared.clock import belgian

from cri_training.rules.kinds import Kind
from cri_training.rules.seats import Policy
from cri_training.rules.states import EditionStatus

REMINDER_HOUR = 9
LAST_REMINDER_DAYS = 1
APART = dt.timedelta(days=2)  # sessions further from each other are reminded of one by one
PAUSE_FOR_MORE = dt.timedelta(minutes=30)  # so that several links go in one mail
ASK_AGAIN = dt.timedelta(days=7)


@dataclass(frozen=True)
class Session:
    """One session as the plan sees it; `sequence` rises each time it changes."""

    number: int
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True)
class Materials:
    """Links that trainers added: the number of the newest, and when it came."""

    newest: int
    added_at: dt.datetime


@dataclass(frozen=True)
class Course:
    """All that the plan knows of an edition; its sessions stand in the order of time."""

    status: EditionStatus
    sessions: tuple[Session, ...]
    schedule: int = 0
    scheduled_at: dt.datetime | None = None  # when a date or the place changed last
    materials: Materials | None = None
    answers_missing: bool = False  # somebody was asked what they thought and has not said it
    feedback_closed_at: dt.datetime | None = None  # where a trainer closed the form early
    certified_at: dt.datetime | None = None  # when the newest of the valid certificates was issued
    stopped: frozenset[Kind] = frozenset()
    hastened: Mapping[tuple[str, str], dt.datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """A mail to everybody whom it concerns, from `at` on and before `until`."""

    kind: Kind
    mark: str
    at: dt.datetime
    until: dt.datetime | None = None
    stopped: bool = False


def moments(course: Course, policy: Policy) -> list[Moment]:
    """The mails that an edition sends to everybody, in the order of time."""
    found = [
        *_reminders(course, policy),
        *_materials(course),
        *_feedback(course, policy),
        _certificates(course),
    ]
    return sorted((_steered(course, one) for one in found), key=lambda one: one.at)


def _steered(course: Course, one: Moment) -> Moment:
    at = min(one.at, course.hastened.get((one.kind.value, one.mark), one.at))
    return replace(one, at=at, stopped=one.kind in course.stopped)


def _reminders(course: Course, policy: Policy) -> Iterator[Moment]:
    """Some days before the first session, and the day before each that stands by itself."""
    first = course.sessions[0].starts_at
    last_call = nine_before(first, LAST_REMINDER_DAYS)
    yield Moment(Kind.REMINDER, _day(first), nine_before(first, policy.reminder_days), last_call)
    before: dt.datetime | None = None
    for session in course.sessions:
        start = session.starts_at
        if before is None or start - before > APART:
            at = nine_before(start, LAST_REMINDER_DAYS)
            yield Moment(Kind.LAST_REMINDER, _day(start), at, start)
        before = session.ends_at


def _day(instant: dt.datetime) -> str:
    return belgian(instant).date().isoformat()


def nine_before(starts_at: dt.datetime, days: int) -> dt.datetime:
    """Nine in the morning in Belgium, so many days before."""
    local = belgian(starts_at)
    day = local.date() - dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(REMINDER_HOUR), local.tzinfo).astimezone(dt.UTC)


def _materials(course: Course) -> Iterator[Moment]:
    if course.materials:
        at = course.materials.added_at + PAUSE_FOR_MORE
        yield Moment(Kind.MATERIALS, str(course.materials.newest), at)


def _feedback(course: Course, policy: Policy) -> Iterator[Moment]:
    last = course.sessions[-1].ends_at
    until = course.feedback_closed_at or last + policy.feedback
    yield Moment(Kind.FEEDBACK, "", last, until)
    if course.status != EditionStatus.HELD or course.answers_missing:
        yield Moment(Kind.FEEDBACK_AGAIN, "", last + ASK_AGAIN, until)


def _certificates(course: Course) -> Moment:
    """As soon as a trainer issues them, which is after the end."""
    return Moment(Kind.CERTIFICATE, "", course.certified_at or course.sessions[-1].ends_at)
