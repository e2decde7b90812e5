"""The envelope of an event: CloudEvents 1.0 attributes as NATS headers, the body as JSON."""

import os
import time
import uuid
from collections.abc import Mapping

from cri_shared import clock
from cri_shared.events import Event

MAX_BODY = 200_000  # bytes
NUMBER = "cri-seq"


def uuid7() -> str:
    """A time-ordered id (RFC 9562); the standard library has it from Python 3.14."""
    milliseconds = time.time_ns() // 1_000_000
    raw = bytearray(milliseconds.to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def headers_for(event: Event, *, version: int | None) -> dict[str, str]:
    """The headers of a new event.

    The trace starts here, named after what the event is about: a hearer can follow one research
    question through every service, and nobody can follow it back to the request of its asker.
    """
    event_id = uuid7()
    headers = {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-source": f"/cri/{event.producer}",
        "ce-type": event.subject,
        "ce-subject": event.aggregate_id,
        "ce-time": clock.now().isoformat(timespec="microseconds"),
        "content-type": "application/json",
        "correlation_id": event.aggregate_id,
        "traceparent": traceparent(event.aggregate_id),
        "Nats-Msg-Id": event_id,
    }
    if version is not None:
        headers["ce-sequence"] = str(version)
    return headers


def number_of(headers: Mapping[str, str]) -> int | None:
    """The gapless number that the producer's relay gave an event, where it has one."""
    number = headers.get(NUMBER, "")
    return int(number) if number.isascii() and number.isdigit() else None


def traceparent(correlation_id: str) -> str:
    """A W3C trace context whose trace id is derived from the correlation id."""
    trace = uuid.uuid5(uuid.NAMESPACE_OID, correlation_id).hex
    return f"00-{trace}-{os.urandom(8).hex()}-01"
