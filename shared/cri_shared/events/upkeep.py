"""Events by which services make sure that nothing is lost, and nothing kept that was erased.

Every producer seals each day with what it gave out; whoever hears it compares, and asks for what it
misses. Who hears them follows from the other contracts, so this module is imported after them.
"""

import datetime as dt
import types
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import Field

from cri_shared.events.base import SERVICES, SUBJECT, Event, Part, ResearchId, producers_heard
from cri_shared.events.intake import QuestionErased
from cri_shared.privacy.classes import C1

ASKED_AT_ONCE = 500  # numbers that one request may name

Subject = Annotated[
    str, Field(pattern=f"^{SUBJECT}$", examples=["cri.intake.question.cleared.v1"]), C1
]
Number = Annotated[int, Field(ge=1), C1]
E = TypeVar("E", bound=Event)


class Range(Part):
    """The numbers of one subject on one day, and the SHA-256 over `number:event_id` lines."""

    subject: Annotated[Subject, Field(description="the subject that is told of")]
    first: Annotated[Number, Field(description="the lowest number of the day")]
    last: Annotated[Number, Field(description="the highest; none between is missing")]
    digest: Annotated[
        str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, in hexadecimal"), C1
    ]


class AuditHead(Part):
    """How far the producer's audit trail was: others keep it, so that its end cannot be cut off."""

    number: Annotated[Number, Field(description="of the newest sealed entry")]
    mac: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="its mac, in hexadecimal"), C1]


class DaySealed(Event):
    """A producer tells what it gave out on a day (UTC), once that day can no longer change."""

    day: Annotated[dt.date, Field(description="the day that is told of"), C1]
    ranges: Annotated[tuple[Range, ...], Field(description="one per subject with events that day")]
    audit: Annotated[
        AuditHead | None, Field(description="the head of the audit trail, once there is one")
    ] = None


class ResendAsked(Event):
    """A hearer misses events of a producer and asks it to publish them again."""

    wanted: Annotated[Subject, Field(description="the producer's subject")]
    numbers: Annotated[
        tuple[Number, ...],
        Field(min_length=1, max_length=ASKED_AT_ONCE, description="the ones that are missing"),
        C1,
    ]


class ErasureConfirmed(Event):
    """A service has erased what it had of a research question, but for what is public."""

    research_id: ResearchId


def _each(
    shape: type[E], what: str, about: str, heard: Mapping[str, tuple[str, ...]]
) -> dict[str, type[E]]:
    """One event of this shape for each service that is `heard`, by producer."""
    made: dict[str, type[E]] = {}
    for service, others in heard.items():
        told = {"subject": f"cri.{service}.{what}.v1", "heard_by": others, "about": about}
        made[service] = types.new_class(
            shape.__name__,
            (shape,),
            told,
            lambda space: space.update(__module__=__name__, __doc__=shape.__doc__),
        )
    return made


# Who hears a service, and whom it hears: a request goes one way, what was asked for the other.
_neighbours = {
    one: tuple(
        other
        for other in SERVICES
        if other in producers_heard(one) or one in producers_heard(other)
    )
    for one in SERVICES
}
RESEND_ASKED = _each(ResendAsked, "resend.asked", "wanted", _neighbours)
DAY_SEALED = _each(DaySealed, "day.sealed", "day", _neighbours)
ERASURE_CONFIRMED = _each(
    ErasureConfirmed,
    "erasure.confirmed",
    "research_id",
    {hearer: ("intake",) for hearer in QuestionErased.heard_by},
)
