"""The envelope of an event: CloudEvents 1.0 attributes as NATS headers, the body as JSON."""

import os
import time
import uuid
from collections.abc import Mapping

from cri_shared import clock
from cri_shared.events import Event
from cri_shared.events.headers import AFTER, NUMBER, Envelope
from cri_shared.observe.traces import TRACEPARENT, beginning_of, traceparent_for

MAX_BODY = 200_000  # bytes
_KEPT = (  # of an event that is erased; the contract asks for each of them
    *("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time"),
    *("content-type", "Nats-Msg-Id"),
)


def uuid7() -> str:
    """A time-ordered id (RFC 9562); the standard library has it from Python 3.14."""
    milliseconds = time.time_ns() // 1_000_000
    raw = bytearray(milliseconds.to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def headers_for(event: Event, *, version: int | None) -> dict[str, str]:
    """The headers of a new event.

    Its trace is named after what the event is about: a hearer can follow one research question
    through every service, and nobody can follow it back to the request of its asker.
    """
    event_id = uuid7()
    envelope = Envelope(
        specversion="1.0",
        id=event_id,
        source=f"/cri/{event.producer}",
        type=event.subject,
        subject=event.aggregate_id,
        time=clock.now().isoformat(timespec="microseconds"),
        content_type="application/json",
        correlation=event.aggregate_id,
        traceparent=traceparent_for(event.aggregate_id),
        message=message_id(event_id, copies=0),
        sequence=None if version is None else str(version),
    )
    return envelope.model_dump(by_alias=True, exclude_none=True)


def tombstone_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an event that is erased: it is about itself, and in no other thing's trace."""
    event_id = headers["ce-id"]
    itself = {"ce-subject": event_id, "correlation_id": event_id}
    kept = {name: value for name, value in headers.items() if name in _KEPT}
    return {**kept, **itself, TRACEPARENT: beginning_of(event_id)}


def number_of(headers: Mapping[str, str]) -> int | None:
    """The gapless number that the producer's relay gave an event, where it has one."""
    number = headers.get(NUMBER, "")
    return int(number) if number.isascii() and number.isdigit() else None


def earlier(headers: Mapping[str, str]) -> dict[str, int]:
    """Subject -> number of the last event about the same thing that its producer gave out before.

    Raises `ValueError` where the header is not what a relay writes.
    """
    pairs = (one.split("=", 1) for one in headers.get(AFTER, "").split())
    return {subject: int(number) for subject, number in pairs}


def message_id(event_id: str, copies: int) -> str:
    """What NATS tells repeats by: a copy that was asked for is no repeat."""
    return f"{event_id}.{copies}" if copies else event_id


def copy_of(headers: Mapping[str, str]) -> int:
    """Which copy of an event a message is, as `message_id` wrote it."""
    number = headers.get("Nats-Msg-Id", "").removeprefix(f"{headers.get('ce-id', '')}.")
    return int(number) if number.isascii() and number.isdigit() else 0
