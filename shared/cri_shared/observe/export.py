"""Spans as OpenTelemetry's SDK keeps and sends them; imported only where a collector is set.

A span carries ids, its subject and the type of an error. The SDK's globals are never set: whoever
else in the process speaks OpenTelemetry, FastAPI for one, would send what a request holds.
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from importlib.metadata import version
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from cri_shared.observe.traces import (
    TRACEPARENT,
    Follow,
    Place,
    Traces,
    beginning_of,
    here,
    trace_of,
)

EXPORT_SECONDS = 3.0
CLOSE_SECONDS = 2.0
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")  # what an id looks like; all else stays here

_next_trace: ContextVar[int] = ContextVar("next_trace")


class _Ids(RandomIdGenerator):
    """A span without a parent begins the trace of what it is about."""

    def generate_trace_id(self) -> int:
        return _next_trace.get()

    def is_trace_id_random(self) -> bool:
        return False


class ExportedTraces(Traces):
    """Keeps at most 2,048 spans and sends them from a thread of its own.

    A collector that is away costs spans and nothing else.
    """

    def __init__(self, service: str, collector: str) -> None:
        told = {"service.name": f"cri-{service}", "service.version": version("cri-shared")}
        self._provider = TracerProvider(
            ALWAYS_ON, Resource(told), shutdown_on_exit=False, id_generator=_Ids()
        )
        exporter = OTLPSpanExporter(collector, timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("cri")

    @contextlib.contextmanager
    def handling(self, subject: str, headers: Mapping[str, str]) -> Iterator[None]:
        span = self._message_span("handle", SpanKind.CONSUMER, subject, headers)
        with _inside(span, headers.get("ce-subject", "")):
            yield

    def touch(self, subject: str, others: Iterable[str]) -> None:
        if (place := here.get()) is None:
            return
        for other in others:
            told = {"messaging.system": "nats", "messaging.destination.name": subject}
            name, beginning = f"touched by {subject}", beginning_of(other)
            span = self._span(name, SpanKind.INTERNAL, other, beginning, told)
            span.add_link(_context_of(place.traceparent))
            span.end()

    @contextlib.contextmanager
    def doing(self, kind: str, about: str) -> Iterator[None]:
        span = self._span(f"do {kind}", SpanKind.INTERNAL, about, beginning_of(about), {})
        with _inside(span, about):
            yield

    def publishing(self, subject: str, headers: Mapping[str, str]) -> tuple[dict[str, str], Follow]:
        span = self._message_span("publish", SpanKind.PRODUCER, subject, headers)

        def follow(answer: asyncio.Future[Any]) -> asyncio.Future[Any]:
            answer.add_done_callback(lambda done: _end(span, done))
            return answer

        return {**headers, TRACEPARENT: _traceparent(span)}, follow

    async def close(self) -> None:
        loop, closed = asyncio.get_running_loop(), asyncio.Event()

        def close() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # nobody waits for it any more
                loop.call_soon_threadsafe(closed.set)

        # No thread of the loop's: that would wait for a collector which does not answer.
        threading.Thread(target=close, name="traces", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closed.wait(), CLOSE_SECONDS)

    def _message_span(
        self, verb: str, kind: SpanKind, subject: str, headers: Mapping[str, str]
    ) -> Span:
        told = {
            "messaging.system": "nats",
            "messaging.destination.name": subject,
            "messaging.message.id": headers.get("ce-id", ""),
        }
        about, parent = headers.get("ce-subject", ""), headers.get(TRACEPARENT, "")
        return self._span(f"{verb} {subject}", kind, about, parent, told)

    def _span(
        self, name: str, kind: SpanKind, about: str, parent: str, told: Mapping[str, str]
    ) -> Span:
        _next_trace.set(int(trace_of(about), 16))
        ids = {key: value for key, value in {**told, "cri.about": about}.items() if _is_id(value)}
        return self._tracer.start_span(name, _below(parent, about), kind, ids)


def _is_id(value: str) -> bool:
    return _ID.fullmatch(value) is not None


def _below(parent: str, about: str) -> Context:
    """The context under a parent, where that is a span of this thing's own trace."""
    found = _PARENT.fullmatch(parent)
    if found is None or found[1] != trace_of(about) or parent == beginning_of(about):
        return Context()
    return set_span_in_context(NonRecordingSpan(_context_of(parent)), Context())


def _context_of(traceparent: str) -> SpanContext:
    _, trace, span, _ = traceparent.split("-")
    ids = int(trace, 16), int(span, 16)
    return SpanContext(*ids, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _traceparent(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


@contextlib.contextmanager
def _inside(span: Span, about: str) -> Iterator[None]:
    token = here.set(Place(about, _traceparent(span)))
    try:
        yield
    except BaseException as trouble:
        _fail(span, trouble)
        raise
    finally:
        here.reset(token)
        span.end()


def _end(span: Span, answer: asyncio.Future[Any]) -> None:
    trouble = asyncio.CancelledError() if answer.cancelled() else answer.exception()
    if trouble is not None:
        _fail(span, trouble)
    span.end()


def _fail(span: Span, trouble: BaseException) -> None:
    """Say what kind of error it was; its text may quote what failed."""
    span.set_attribute("error.type", type(trouble).__name__)
    span.set_status(StatusCode.ERROR)
