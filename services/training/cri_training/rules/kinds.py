"""The sorts of mail; a mail to one person is known by its kind and its mark and goes once."""

from enum import StrEnum


class Kind(StrEnum):
    """What a mail is for."""

    INVITE = "invite"  # a session in the calendar: at first the confirmation, later a new date
    UNINVITE = "uninvite"  # a session out of the calendar again
    TO_APPROVE = "to_approve"
    REFUSED = "refused"
    WAITING = "waiting"
    OFFER = "offer"
    OFFER_EXPIRED = "offer_expired"
    MOVED = "moved"  # for those who have no seat, so nothing in their calendar
    CANCELLED = "cancelled"  # likewise
    MISSED = "missed"
    REMINDER = "reminder"
    LAST_REMINDER = "last_reminder"
    MATERIALS = "materials"
    FEEDBACK = "feedback"
    FEEDBACK_AGAIN = "feedback_again"
    CERTIFICATE = "certificate"  # marked with which one, so that a new one goes again


REMINDERS = frozenset({Kind.REMINDER, Kind.LAST_REMINDER})
