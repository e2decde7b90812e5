"""Intake's decisions that need no I/O: what may be asked, who may read what, what comes next."""

from enum import StrEnum

MAX_TEXT = 6000
MIN_TEXT = 10
REPLAY_DAYS = 3
CONSENT_VERSION = "2026-1"


class Status(StrEnum):
    """Where a question is, in the words of the API."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    CLARIFICATION_NEEDED = "clarification_needed"
    WITH_PARTNER = "with_partner"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


OPEN = frozenset(
    {Status.RECEIVED, Status.IN_REVIEW, Status.CLARIFICATION_NEEDED, Status.WITH_PARTNER}
)

# The four steps that an asker sees, and the statuses that have reached each of them.
STEPS = (
    frozenset(Status),
    frozenset(Status) - {Status.RECEIVED},
    frozenset({Status.WITH_PARTNER, Status.ANSWERED, Status.CLOSED}),
    frozenset({Status.ANSWERED, Status.CLOSED}),
)


def current_step(status: Status) -> int:
    """The step (0 to 3) at which an asker sees a question."""
    return max(index for index, reached in enumerate(STEPS) if status in reached)
