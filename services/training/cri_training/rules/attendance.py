"""Attendance: how somebody was there, how many minutes that makes, when a mark needs a reason."""

import datetime as dt
from enum import StrEnum

from cri_shared import clock
from cri_shared.errors import Kind, Refusal
from cri_shared.words import N_

OPENS_BEFORE = dt.timedelta(hours=1)  # people come before it begins
AHEAD = dt.timedelta(minutes=5)  # how far the clock of a phone may run before ours


class Presence(StrEnum):
    """How somebody was at one session."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    ABSENT = "absent"
    EXCUSED = "excused"  # absent, and they told us


CAME = frozenset({Presence.PRESENT, Presence.LATE, Presence.LEFT_EARLY})


class NotOpenYet(Refusal):
    """Nobody came yet to what is still to begin."""

    slug = "session-not-open"
    message = N_("You can note who comes from an hour before the session on.")


class MinutesWanted(Refusal):
    """How long somebody was there is not known."""

    slug = "minutes-wanted"
    kind = Kind.INVALID
    message = N_("Write how many minutes this person missed, fewer than the session has")


class ReasonWanted(Refusal):
    """A mark of a day that is over changes only with a reason."""

    slug = "reason-wanted"
    kind = Kind.INVALID
    message = N_("That day is over. Write why you change the mark")


class SentBefore(Refusal):
    """The same page was sent with another mark before."""

    slug = "mark-sent-before"
    message = N_("This page was sent before. Look at the list, and press again there.")


def minutes_between(starts_at: dt.datetime, ends_at: dt.datetime) -> int:
    """The whole minutes of a session."""
    return int((ends_at - starts_at).total_seconds() // 60)


def believed(told: dt.datetime | None, starts_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """When a mark was made: as the phone tells it, where that can be; otherwise now."""
    if told is None or not starts_at - OPENS_BEFORE <= told <= now + AHEAD:
        return now
    return min(told, now)


def missed_by(
    presence: Presence,
    typed: int | None,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    made_at: dt.datetime,
) -> int:
    """The minutes of a session that somebody missed.

    Who is noted late or gone while the session runs missed what was over, or is left, at that
    moment, where nobody typed another number. Raises `MinutesWanted`.
    """
    whole = minutes_between(starts_at, ends_at)
    if presence is Presence.PRESENT:
        return 0
    if presence not in CAME:
        return whole
    missed = typed
    if missed is None and starts_at < made_at < ends_at:
        late = presence is Presence.LATE
        missed = minutes_between(starts_at, made_at) if late else minutes_between(made_at, ends_at)
    if missed is None or not 0 <= missed < whole:
        raise MinutesWanted
    return missed


def is_correction(starts_at: dt.datetime, made_at: dt.datetime) -> bool:
    """Whether a change comes after the Belgian day of the session, when it needs a reason."""
    return clock.belgian(made_at).date() > clock.belgian(starts_at).date()
