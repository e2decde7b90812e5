"""The states of editions and sign-ups, and the words for places that are left."""

import re
from enum import StrEnum
from typing import Literal

Places = Literal["free", "few", "waiting_list"]

MAX_SESSIONS = 6
FEW = 3


class EditionStatus(StrEnum):
    """Where an edition is in its life; `closed` takes no new sign-ups but still goes ahead."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    HELD = "held"
    CANCELLED = "cancelled"


GOING_AHEAD = frozenset({EditionStatus.PUBLISHED, EditionStatus.CLOSED})


class Status(StrEnum):
    """Where a sign-up is: `requested` holds nothing until its e-mail address is proved."""

    REQUESTED = "requested"
    TO_APPROVE = "to_approve"  # proved, and a trainer decides first
    WAITING = "waiting"
    OFFERED = "offered"
    SEATED = "seated"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"  # the offer was not answered in time
    MISSED = "missed"  # the waiting list closed before there was a place
    REFUSED = "refused"  # by a trainer
    HANDED_ON = "handed_on"  # somebody else comes instead
    WITHDRAWN = "withdrawn"  # whoever named this person named another, or comes after all
    MERGED = "merged"  # the same person was signed up already
    WALKED_IN = "walked_in"  # came without a sign-up; holds no place, because nobody is sent away


ROLES = (  # what people who sign up do, as far as reports tell them apart
    "social_work",
    "reception",
    "local_government",
    "legal_aid",
    "interpreter",
    "volunteer",
    "other",
)
LIVE = frozenset({Status.TO_APPROVE, Status.WAITING, Status.OFFERED, Status.SEATED})
HOLDING = frozenset({Status.OFFERED, Status.SEATED})
ATTENDING = frozenset({Status.SEATED, Status.WALKED_IN})  # who is expected, or came


def places_word(capacity: int, free: int) -> Places:
    """How many places are free for everybody, as the public may know it: never a number."""
    if free <= 0:
        return "waiting_list"
    return "few" if free <= max(FEW, capacity // 5) else "free"


def same_code(typed: str) -> str:
    """The digits of a typed code, however they were grouped."""
    return re.sub(r"\D", "", typed)
