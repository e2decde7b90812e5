"""The mail plan: which mails a sign-up should have had by now, derived from its state alone."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from cri_shared.clock import belgian

from cri_training.rules.seats import Policy, after_quiet_hours
from cri_training.rules.states import GOING_AHEAD, LIVE, EditionStatus, Status

REMINDER_HOUR = 9


class Kind(StrEnum):
    """Sorts of mail; a mail is known by its kind and its mark and is sent once."""

    INVITE = "invite"  # a session in the calendar: at first the confirmation, later a new date
    UNINVITE = "uninvite"  # a session out of the calendar again
    WAITING = "waiting"
    OFFER = "offer"
    OFFER_EXPIRED = "offer_expired"
    MOVED = "moved"  # for those who have no seat, so nothing in their calendar
    CANCELLED = "cancelled"  # likewise
    MISSED = "missed"
    REMINDER = "reminder"
    FEEDBACK = "feedback"


@dataclass(frozen=True)
class Session:
    """One session as the plan sees it; `sequence` rises each time it changes."""

    number: int
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True)
class State:
    """All that the plan knows of a sign-up and of its edition."""

    edition: EditionStatus
    sessions: tuple[Session, ...]
    schedule: int
    status: Status
    schedule_known: int
    seated_at: dt.datetime | None = None
    offered_at: dt.datetime | None = None
    offer_until: dt.datetime | None = None
    attended: bool = False


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


Sent = frozenset[tuple[str, str]]


def wanted(state: State, sent: Sent, now: dt.datetime, policy: Policy) -> list[Letter]:
    """The mails not yet sent, due now or later; what no longer makes sense is not among them."""
    if state.edition == EditionStatus.CANCELLED:
        still_there = state.status in LIVE or state.status == Status.CANCELLED
        letters = _farewells(state, sent, now) if still_there else []
    elif state.edition == EditionStatus.HELD:
        letters = _afterwards(state, now, policy)
    elif state.edition in GOING_AHEAD:
        letters = _before(state, sent, now, policy)
    else:
        letters = []
    return [letter for letter in letters if letter.key not in sent]


def _before(state: State, sent: Sent, now: dt.datetime, policy: Policy) -> list[Letter]:
    calm = after_quiet_hours(now)
    match state.status:
        case Status.SEATED:
            return [*_invitations(state, now), *_reminders(state, now, policy)]
        case Status.WAITING:
            return [Letter(Kind.WAITING, "", now), *_news(state, now)]
        case Status.OFFERED if state.offered_at and state.offer_until and state.offer_until > now:
            due = after_quiet_hours(max(now, state.offered_at))
            return [Letter(Kind.OFFER, "", due), *_news(state, now)]
        case Status.EXPIRED:
            return [Letter(Kind.OFFER_EXPIRED, "", calm)]
        case Status.MISSED:
            return [Letter(Kind.MISSED, "", calm)]
        case Status.CANCELLED:
            return _farewells(state, sent, now)
    return []


def _invitations(state: State, now: dt.datetime) -> list[Letter]:
    coming = (s for s in state.sessions if s.ends_at > now)
    return [Letter(Kind.INVITE, f"{s.number}.{s.sequence}", now) for s in coming]


def _news(state: State, now: dt.datetime) -> list[Letter]:
    if state.schedule <= state.schedule_known:
        return []
    return [Letter(Kind.MOVED, str(state.schedule), now)]


def _reminders(state: State, now: dt.datetime, policy: Policy) -> list[Letter]:
    """Some days before the first session, not to those who got their seat after that moment."""
    first = state.sessions[0]
    remind_at = reminder_at(first.starts_at, policy)
    if state.seated_at is None or state.seated_at >= remind_at or now >= first.starts_at:
        return []
    return [
        Letter(
            Kind.REMINDER,
            f"{first.number}.{first.sequence}",
            after_quiet_hours(max(now, remind_at)),
        )
    ]


def reminder_at(starts_at: dt.datetime, policy: Policy) -> dt.datetime:
    """Nine in the morning in Belgium, some days before the first session."""
    local = belgian(starts_at)
    day = local.date() - dt.timedelta(days=policy.reminder_days)
    return dt.datetime.combine(day, dt.time(REMINDER_HOUR), local.tzinfo).astimezone(dt.UTC)


def _farewells(state: State, sent: Sent, now: dt.datetime) -> list[Letter]:
    """Out of the calendar, session by session, whatever was in it; else one plain mail."""
    invited = {mark.partition(".")[0] for kind, mark in sent if kind == Kind.INVITE}
    if not invited:
        return [Letter(Kind.CANCELLED, "", now)]
    return [Letter(Kind.UNINVITE, number, now) for number in sorted(invited)]


def _afterwards(state: State, now: dt.datetime, policy: Policy) -> list[Letter]:
    """Only those who came are asked what they thought of it."""
    last = state.sessions[-1].ends_at
    if not state.attended or now >= last + policy.feedback:
        return []
    return [Letter(Kind.FEEDBACK, "", after_quiet_hours(max(now, last)))]
