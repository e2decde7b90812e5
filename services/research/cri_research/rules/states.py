"""The states of a research question and of an assignment, and which of them are open."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """Where a research question is."""

    NEW = "new"
    WITH_PARTNER = "with_partner"
    ASKED_BACK = "asked_back"
    TO_REVIEW = "to_review"
    RETURNED = "returned"  # to the desk, which may clear it again
    APPROVED = "approved"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """Where an assignment is."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    RETURNED = "returned"  # to the partner, with a note
    DECLINED = "declined"
    CANCELLED = "cancelled"
    APPROVED = "approved"


WORKABLE = frozenset({Status.NEW, Status.WITH_PARTNER, Status.ASKED_BACK, Status.TO_REVIEW})
OPEN = frozenset({Step.SENT, Step.ACCEPTED, Step.RETURNED})
LIVE = OPEN | {Step.ANSWERED}  # the partner can still look at it
CLOSED = frozenset({Status.UNANSWERED, Status.WITHDRAWN})


def listed(states: Iterable[str]) -> str:
    """These in SQL, in one order."""
    return ", ".join(f"'{one}'" for one in sorted(states))


def status_of(steps: list[Step], *, waiting: bool) -> Status:
    """The status of a workable question from its assignments; `waiting` for a reply of the desk."""
    if Step.ANSWERED in steps:
        return Status.TO_REVIEW
    if not OPEN.intersection(steps):
        return Status.NEW
    return Status.ASKED_BACK if waiting else Status.WITH_PARTNER
