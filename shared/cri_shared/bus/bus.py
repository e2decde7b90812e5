"""The bus of one service: its NATS connection, its relay and its consumers, in good order."""

import asyncio
import contextlib
import os
from typing import Any

from faststream import AckPolicy, BaseMiddleware
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.annotations import NatsMessage
from faststream.nats.security import NatsNKey, NatsSecurity
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from cri_shared.bus.access import inbox_of
from cri_shared.bus.connection import Trouble, options_of, security_of
from cri_shared.bus.consumer import Consumer
from cri_shared.bus.relay import Relay
from cri_shared.bus.topology import stream_of
from cri_shared.bus.turns import Tickets
from cri_shared.events import producers_heard, subjects_heard
from cri_shared.observe import log
from cri_shared.settings import ServiceSettings

PULL = PullSub(batch_size=50, timeout=5.0)
GRACE_SECONDS = 15.0
LOST_CONNECTION = 70  # exit status: the supervisor starts us again


class Bus:
    """Connects a service to NATS and keeps it connected.

    NATS may be down at the start and at any time after: what is to be published waits in the
    outbox, and `connected` tells readiness the truth.
    """

    def __init__(self, settings: ServiceSettings, consumer: Consumer, relay_url: str) -> None:
        self._service = settings.service
        self._consumer = consumer
        self._stopping = False
        trouble = Trouble(settings)
        self._broker = NatsBroker(
            settings.nats_servers,
            security=_security_of(settings),
            error_cb=trouble.tell,
            reconnected_cb=trouble.over,
            ack_policy=AckPolicy.MANUAL,  # the default drops a message whose handler raises
            graceful_timeout=GRACE_SECONDS,
            closed_cb=self._closed,
            middlewares=[_in_line(consumer.tickets)],
            logger=None,
            apply_types=False,  # its injection visits a thread for each message
            **options_of(self._service),
        )
        for producer in producers_heard(self._service):
            self._subscribe(producer)
        self.relay = Relay(
            relay_url, consumer.outbox, lambda: self.client, consumer.traces, settings.limits
        )
        self._connecting: asyncio.Task[None] | None = None
        # NATS is there, and lacks our streams or consumers: each try to begin ends at once.
        self.lacks_streams = False

    @property
    def client(self) -> Client | None:
        """The connection, once there is one."""
        return self._broker._connection

    @property
    def connected(self) -> bool:
        """Whether NATS answers at this moment."""
        return bool(self.client and self.client.is_connected)

    def start(self) -> None:
        """Begin in the background; the web side must come up whatever NATS does."""
        self._connecting = asyncio.create_task(self._connect(), name="bus")
        self.relay.start()

    async def stop(self) -> None:
        """Stop publishing first (rows stay), then let handlers finish; the database closes last."""
        self._stopping = True
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self.relay.stop()
        try:
            await self._broker.stop()
        except NatsError:  # away: there is nothing to drain, and nobody to wait for
            if self.client is not None:
                with contextlib.suppress(ConnectionError):  # what it would still have sent
                    await self.client.close()

    async def _connect(self) -> None:
        while not self._stopping:  # should a library swallow that it is cancelled
            try:
                await self._broker.start()
            except Exception as trouble:  # the edge of the bus: any failure to connect is retried
                log.warning("bus.connect.delayed", error=type(trouble).__name__)
                self.lacks_streams = isinstance(trouble, NotFoundError)
                with contextlib.suppress(Exception):
                    await self._broker.stop()
                await asyncio.sleep(1)
            else:
                log.info("bus.connected", service=self._service)
                self.lacks_streams = False
                return

    async def _closed(self) -> None:
        """A closed connection never opens again and FastStream would spin on it: start anew."""
        if not self._stopping and self._connecting and self._connecting.done():
            log.error("bus.connection.closed", service=self._service)
            os._exit(LOST_CONNECTION)

    def _subscribe(self, producer: str) -> None:
        # A stream declared by FastStream would be rewritten with its defaults, so we only bind;
        # the inbox prefix of the broker is not handed down to a subscriber's pulls.
        subscriber = self._broker.subscriber(
            stream=JStream(stream_of(producer), declare=False),
            durable=self._service,
            pull_sub=PULL,
            inbox_prefix=f"{inbox_of(self._service)}.".encode(),
            config=ConsumerConfig(filter_subjects=subjects_heard(self._service, producer)),
            decoder=_as_it_is,
            title=f"{producer} events",
        )

        @subscriber
        async def take(message: Any) -> None:
            await self._consumer.take(message)


def _security_of(settings: ServiceSettings) -> NatsSecurity:
    """The same in the words of FastStream."""
    told = security_of(settings)
    how = {"ssl_context": told["tls"], "tls_handshake_first": told["tls_handshake_first"]}
    seed = told.get("nkeys_seed_str")
    return NatsSecurity(**how) if seed is None else NatsNKey.from_seed(seed, **how)


def _in_line(tickets: Tickets) -> Any:
    """A middleware whose making, the first thing that happens to a message, draws its ticket."""

    class InLine(BaseMiddleware[Any]):
        def __init__(self, message: Any, /, *, context: Any) -> None:
            super().__init__(message, context=context)
            if isinstance(message, Msg):
                tickets.draw(message)

        async def after_processed(self, *failure: Any) -> bool | None:
            if isinstance(self.msg, Msg):
                tickets.leave(self.msg)
            return await super().after_processed(*failure)

    return InLine


async def _as_it_is(message: NatsMessage) -> Any:
    """The consumer validates bodies itself: a broken one must become a dead letter, not vanish."""
    return message.raw_message
