"""The mail plan: which mails a sign-up should have had by now, derived from its state alone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from cri_training.rules.kinds import REMINDERS, Kind
from cri_training.rules.moments import Course, Moment, moments
from cri_training.rules.seats import Policy, after_quiet_hours
from cri_training.rules.states import GOING_AHEAD, LIVE, EditionStatus, Status

BETWEEN_ASKS = dt.timedelta(days=2)


@dataclass(frozen=True)
class State:
    """All that the plan knows of a sign-up, beside its edition."""

    status: Status
    schedule_known: int
    seated_at: dt.datetime | None = None
    offered_at: dt.datetime | None = None
    offer_until: dt.datetime | None = None
    attended: bool = False
    certificate: str | None = None  # the valid one, which each has but one of


@dataclass(frozen=True)
class Letter:
    """A mail that is wanted from `due_at` on."""

    kind: Kind
    mark: str
    due_at: dt.datetime

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this mail and no other."""
        return self.kind.value, self.mark


Sent = Mapping[tuple[str, str], dt.datetime]  # what was posted before, and when


def wanted(
    course: Course, state: State, sent: Sent, now: dt.datetime, policy: Policy
) -> list[Letter]:
    """The mails not yet sent, due now or later; what no longer makes sense is not among them."""
    if course.status == EditionStatus.CANCELLED:
        still_there = state.status in LIVE or state.status == Status.CANCELLED
        letters = _farewells(course, sent, now) if still_there else []
    elif course.status == EditionStatus.HELD:
        letters = _to_everybody(course, state, sent, now, policy)
    elif course.status in GOING_AHEAD:
        letters = _before(course, state, sent, now, policy)
    else:
        letters = []
    return [letter for letter in letters if letter.key not in sent]


def _before(
    course: Course, state: State, sent: Sent, now: dt.datetime, policy: Policy
) -> list[Letter]:
    calm = after_quiet_hours(now)
    match state.status:
        case Status.SEATED:
            return [*_invitations(course, now), *_to_everybody(course, state, sent, now, policy)]
        case Status.TO_APPROVE:
            return [Letter(Kind.TO_APPROVE, "", now)]
        case Status.REFUSED:
            return [Letter(Kind.REFUSED, "", calm)]
        case Status.WAITING:
            return [Letter(Kind.WAITING, "", now), *_news(course, state, now)]
        case Status.OFFERED if state.offered_at and state.offer_until and state.offer_until > now:
            due = after_quiet_hours(max(now, state.offered_at))
            return [Letter(Kind.OFFER, "", due), *_news(course, state, now)]
        case Status.EXPIRED:
            return [Letter(Kind.OFFER_EXPIRED, "", calm)]
        case Status.MISSED:
            return [Letter(Kind.MISSED, "", calm)]
        case Status.CANCELLED | Status.HANDED_ON:
            return _farewells(course, sent, now)
    return []


def _invitations(course: Course, now: dt.datetime) -> list[Letter]:
    coming = (s for s in course.sessions if s.ends_at > now)
    return [Letter(Kind.INVITE, f"{s.number}.{s.sequence}", now) for s in coming]


def _news(course: Course, state: State, now: dt.datetime) -> list[Letter]:
    if course.schedule <= state.schedule_known:
        return []
    return [Letter(Kind.MOVED, str(course.schedule), now)]


def _to_everybody(
    course: Course, state: State, sent: Sent, now: dt.datetime, policy: Policy
) -> list[Letter]:
    return [
        Letter(one.kind, _mark(one, state), after_quiet_hours(max(now, due)))
        for one in moments(course, policy)
        if not one.stopped and (one.until is None or now < one.until)
        for due in _due(one, course, state, sent)
    ]


def _due(one: Moment, course: Course, state: State, sent: Sent) -> list[dt.datetime]:
    """From when on this person should get it; nothing where it is not for them.

    Nobody is reminded who got their place, or heard of a change, after the moment for it.
    What they thought is asked only once the edition is over, when its form is open. A certificate
    that stands is told of, whatever the attendance was corrected to since.
    """
    if one.kind is Kind.CERTIFICATE:
        return [one.at] if state.certificate and course.status == EditionStatus.HELD else []
    if course.status == EditionStatus.HELD and not state.attended:
        return []
    if one.kind in REMINDERS:
        seated = state.seated_at
        news = max(seated, course.scheduled_at or seated) if seated else one.at
        return [one.at] if news < one.at else []
    if one.kind is Kind.FEEDBACK:
        return [one.at] if course.status == EditionStatus.HELD else []
    if one.kind is Kind.FEEDBACK_AGAIN:
        asked_at = sent.get((Kind.FEEDBACK.value, ""))
        return [max(one.at, asked_at + BETWEEN_ASKS)] if asked_at else []
    return [one.at]


def _mark(one: Moment, state: State) -> str:
    """Which mail of its sort; a certificate that took the place of another is told of anew."""
    return state.certificate or "" if one.kind is Kind.CERTIFICATE else one.mark


def _farewells(course: Course, sent: Sent, now: dt.datetime) -> list[Letter]:
    """Out of the calendar, session by session, whatever is still to come; else one plain mail."""
    invited = {mark.partition(".")[0] for kind, mark in sent if kind == Kind.INVITE}
    if not invited:
        told = any(kind == Kind.UNINVITE for kind, _ in sent)
        return [] if told else [Letter(Kind.CANCELLED, "", now)]
    coming = {str(s.number) for s in course.sessions if s.ends_at > now}
    return [Letter(Kind.UNINVITE, number, now) for number in sorted(invited & coming)]
