"""Traces: what became of one thing in every service, under a trace id that follows from its id.

An event about a research question carries that id and no other, so its trace begins at the desk:
nothing of the request that caused an event is in reach here, and HTTP requests have no spans.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Follow = Callable[[asyncio.Future[Any]], asyncio.Future[Any]]
TRACEPARENT = "traceparent"


@dataclass(frozen=True)
class Place:
    """The span in which a task works, and what it is about."""

    about: str
    traceparent: str


here: ContextVar[Place | None] = ContextVar("here", default=None)


def trace_of(about: str) -> str:
    """The trace id of everything that happens to one thing: 32 hexadecimal digits."""
    return uuid.uuid5(uuid.NAMESPACE_OID, about).hex


def beginning_of(about: str) -> str:
    """The W3C trace context in which something happens for no reason that the trace knows.

    Its span is nobody's: half of the trace id, so that it is known again.
    """
    trace = trace_of(about)
    return f"00-{trace}-{trace[16:]}-01"


def traceparent_for(about: str) -> str:
    """The trace context of a new event: the handler at work, if that is about the same thing."""
    place = here.get()
    return place.traceparent if place and place.about == about else beginning_of(about)


class Traces:
    """The spans of one service; this one keeps none: without a collector tracing is off."""

    def handling(
        self, subject: str, headers: Mapping[str, str]
    ) -> AbstractContextManager[object | None]:
        """A span for the handling of a message, below the one that published it."""
        return nullcontext()

    def touch(self, subject: str, others: Iterable[str]) -> None:
        """Leave a span in the trace of each other thing that the message at hand tells about.

        It links to the handling of that message, so that a trace leads on to the next one.
        """

    def doing(self, kind: str, about: str) -> AbstractContextManager[object | None]:
        """A span for a job, in the trace of what it is about."""
        return nullcontext()

    def publishing(self, subject: str, headers: Mapping[str, str]) -> tuple[dict[str, str], Follow]:
        """Begin a span for the publishing of a message.

        Gives the headers with which the message has to leave, and what ends the span when the
        answer is there.
        """
        return dict(headers), lambda answer: answer

    async def close(self) -> None:
        """Send what was kept, as far as the collector takes it at once."""


def open_traces(service: str, collector: str | None) -> Traces:
    """The traces of a service, sent to a collector by OTLP over HTTP where there is one."""
    if collector is None:
        return Traces()
    from cri_shared.observe.export import ExportedTraces  # 15 MB that nobody else should hold

    return ExportedTraces(service, collector)
