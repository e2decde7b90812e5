"""Streams and durable consumers as code, derived from who publishes and who hears each event."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from cri_shared.events import REGISTRY, SERVICES, producers_heard, subjects_heard

DAY = 86_400.0
KEEP_DAYS = 30
MB = 1 << 20
ROOM = 512 * MB  # of a stream, where nobody says otherwise


class StreamRefused(Exception):
    """A stream cannot be made as it is wanted; says which and why, in words for an operator."""


class HoldsMore(StreamRefused):
    """It would be full at once; no stream was changed."""


def stream_of(service: str) -> str:
    """The name of the stream that holds a service's events."""
    return service.upper()


def streams(max_bytes: int = ROOM, replicas: int = 1) -> Iterator[StreamConfig]:
    """One stream per publishing service; a full one refuses, and the outbox keeps the rest.

    Of a cluster, `replicas` servers keep each; 3 go on while one of them is away.
    """
    for service in SERVICES:
        if any(event.producer == service for event in REGISTRY.values()):
            yield StreamConfig(
                name=stream_of(service),
                subjects=[f"cri.{service}.>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                max_age=KEEP_DAYS * DAY,
                max_bytes=max_bytes,
                max_msg_size=256 * 1024,
                duplicate_window=600.0,
                num_replicas=replicas,
                allow_direct=True,
            )


def durables() -> Iterator[tuple[str, ConsumerConfig]]:
    """(stream, durable) for each pair of services that talk, filtered to the subjects heard."""
    for consumer in SERVICES:
        for producer in producers_heard(consumer):
            yield (
                stream_of(producer),
                ConsumerConfig(
                    name=consumer,
                    durable_name=consumer,
                    filter_subjects=subjects_heard(consumer, producer),
                    deliver_policy=DeliverPolicy.ALL,
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=30.0,
                    max_deliver=-1,  # the consumer itself counts tries and buries the dead
                    max_ack_pending=256,
                    max_waiting=64,
                ),
            )


async def provision(
    js: JetStreamContext, *, max_bytes: int | None = None, replicas: int | None = None
) -> dict[str, str]:
    """Create or correct every stream and durable; gives what was done to each. Safe to repeat.

    Of `max_bytes` and `replicas` that are None a stream keeps what it has; a new one gets `ROOM`
    and one server. Raises `StreamRefused`; `HoldsMore` before anything is done.
    """
    pairs = [await _beside(js, stream, max_bytes, replicas) for stream in streams()]
    done = {}
    for want, have in pairs:
        done[str(want.name)] = await _ensure_stream(js, want, have)
    for name, durable in durables():
        done[f"{name}/{durable.durable_name}"] = await _ensure_durable(js, name, durable)
    return done


async def _beside(
    js: JetStreamContext, usual: StreamConfig, max_bytes: int | None, replicas: int | None
) -> tuple[StreamConfig, StreamConfig | None]:
    """A stream as it is wanted, and as it is; None where there is none."""
    try:
        there = await js.stream_info(str(usual.name))
    except NotFoundError:
        given = {"max_bytes": max_bytes or ROOM, "num_replicas": replicas or 1}
        return usual.evolve(**given), None
    have, held = there.config, there.state.bytes
    if max_bytes is not None and held > max_bytes:
        raise HoldsMore(
            f"{usual.name} holds {-(-held // MB)} MB and would take no event more with"
            f" {max_bytes // MB} MB: nothing was changed"
        )
    kept = {"max_bytes": max_bytes or have.max_bytes, "num_replicas": replicas or have.num_replicas}
    return usual.evolve(**kept), have


async def _ensure_stream(
    js: JetStreamContext, want: StreamConfig, have: StreamConfig | None
) -> str:
    if have is not None and not _differs(want, have):
        return "unchanged"
    try:
        await (js.add_stream(want) if have is None else js.update_stream(want))
    except APIError as refused:
        asked = f"{(want.max_bytes or 0) // MB} MB on {want.num_replicas} server(s)"
        raise StreamRefused(f"{want.name} with {asked}: {refused.description}") from None
    return "created" if have is None else "updated"


async def _ensure_durable(js: JetStreamContext, stream: str, want: ConsumerConfig) -> str:
    try:
        have = (await js.consumer_info(stream, str(want.durable_name))).config
    except NotFoundError:
        await js.add_consumer(stream, want)
        return "created"
    if not _differs(want, have):
        return "unchanged"
    await js.add_consumer(stream, want)  # without an action of "create" this updates in place
    return "updated"


def _differs(want: Any, have: Any) -> bool:
    """Whether a field that we set has another value on the server; what it adds is its own."""
    unset: tuple[Any, ...] = (None, False, 0, -1, [])
    for field in fields(want):
        wanted, had = getattr(want, field.name), getattr(have, field.name)
        if wanted is None or field.name in ("metadata", "name") or wanted == had:
            continue
        if wanted in unset and had in unset:
            continue
        return True
    return False
