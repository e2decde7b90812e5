"""Lag: how many events a service has still to take in, by producer; the durables know."""

import asyncio

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from cri_shared.bus.topology import stream_of
from cri_shared.events import producers_heard

ANSWER_SECONDS = 1.0


class NatsAway(Exception):
    """NATS is not connected, or does not answer within a second."""


class NotProvisioned(Exception):
    """A durable of this service is missing: an operator has to provision."""


async def lag_of(service: str, client: Client | None) -> dict[str, int]:
    """Producer -> events that wait for this service or are being handled by it.

    Raises `NatsAway` or `NotProvisioned`, and takes a second at most.
    """
    if client is None or not client.is_connected:
        raise NatsAway
    producers = producers_heard(service)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            counts = await asyncio.gather(*(_behind(client, service, p) for p in producers))
    except NotFoundError:
        raise NotProvisioned from None
    except (NatsError, OSError, TimeoutError):
        raise NatsAway from None
    return dict(zip(producers, counts, strict=True))


async def _behind(client: Client, service: str, producer: str) -> int:
    info = await client.jetstream().consumer_info(stream_of(producer), service)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
