"""The consumer: inbox row and effect in one transaction, acknowledged only after the commit."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy import delete

from cri_shared import clock
from cri_shared.bus.dead_letters import DeadLetters, Letter
from cri_shared.bus.envelope import number_of
from cri_shared.bus.erasure import leave_scrub
from cri_shared.bus.outbox import Outbox
from cri_shared.bus.turns import OutOfTurn, Predecessors, Tickets
from cri_shared.db.database import Database, Work
from cri_shared.db.inserting import insert_into
from cri_shared.db.puts import Put
from cri_shared.db.trouble import is_outage
from cri_shared.errors import Kind, Refusal
from cri_shared.events import REGISTRY, Event
from cri_shared.events.headers import ERASED
from cri_shared.observe import log, metrics
from cri_shared.observe.traces import Traces
from cri_shared.points import reached

E = TypeVar("E", bound=Event)
Handler = Callable[[Any, Work], Awaitable[None]]

MAX_TRIES = 6
BACKOFF_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
HEARTBEAT_SECONDS = 10.0
TURN_SECONDS = 3.0  # so long a message waits here for those before it; then in the stream
TURN_POLL_SECONDS = 0.05
SHORT_WAIT = 3  # of the back-off's steps, the longest where the message itself did not fail


class Consumer:
    """Hands the events that one service hears to its handlers, each exactly once in effect."""

    def __init__(
        self,
        service: str,
        database: Database,
        letters: DeadLetters,
        traces: Traces = Traces(),
    ) -> None:
        self.service = service
        self.traces = traces
        self._database = database
        self._letters = letters
        inbox = database.outbox.tables.inbox
        new = insert_into(database.engine, inbox).on_conflict_do_nothing()
        self._into_inbox = Put(new.returning(inbox.c.event_id))
        self._handlers: dict[str, Handler] = {}
        self.tickets = Tickets()
        self._predecessors = Predecessors(database, service)
        self._failures: Counter[str] = Counter()
        self._delayed: dict[str, tuple[str, int | None]] = {}

    @property
    def outbox(self) -> Outbox:
        """The outbox of the same database."""
        return self._database.outbox

    def on(
        self, event: type[E]
    ) -> Callable[[Callable[[E, Work], Awaitable[None]]], Callable[[E, Work], Awaitable[None]]]:
        """Register the handler of one event; it gets the event and the transaction."""

        def register(
            handler: Callable[[E, Work], Awaitable[None]],
        ) -> Callable[[E, Work], Awaitable[None]]:
            if self.service not in event.heard_by:
                raise ValueError(f"{self.service} does not hear {event.subject}")
            self._handlers[event.subject] = handler
            return handler

        return register

    @property
    def hears(self) -> frozenset[str]:
        """The subjects that have a handler."""
        return frozenset(self._handlers)

    @property
    def delayed(self) -> set[tuple[str, int | None]]:
        """Subject and number of what came to this process and waits for another try."""
        return set(self._delayed.values())

    async def take(self, message: Msg) -> None:
        """Handle one message of a stream to its end: acknowledged, delayed or buried."""
        headers = dict(message.headers or {})
        heartbeat = asyncio.create_task(_heartbeat(message))
        if message.metadata.num_delivered > 1:
            metrics.redelivered.labels(message.subject).inc()
        try:
            async with self.tickets.turn(message):
                new = await self._in_order(message, headers)
            reached("consumer.committed")
            with contextlib.suppress(NatsError):  # lost connection: it comes again, as a duplicate
                await message.ack()
            outcome = "done" if new else "duplicate"
            metrics.consumed.labels(message.subject, outcome).inc()
            self._settled(headers.get("ce-id", ""))
        except asyncio.CancelledError:
            raise  # stopping: without an ack it comes again
        except OutOfTurn:
            await self._wait_shortly(message, headers)
        except Exception as trouble:  # the edge of the bus: whatever failed, the message is kept
            await self._failed(message, headers, trouble)
        finally:
            heartbeat.cancel()

    async def retry(self, letter: Letter) -> bool:
        """Handle a dead letter again; False where its effect was there already."""
        return await self._process(letter.subject, letter.headers, letter.body)

    async def _in_order(self, message: Msg, headers: Mapping[str, str]) -> bool:
        """Process a message once those before it about the same thing are done.

        Another process may have them, or they wait for another try: a moment is waited for here,
        and longer in the stream. Raises `OutOfTurn`.
        """
        moment = time.monotonic() + TURN_SECONDS
        while not await self._predecessors.are_done(headers):
            if time.monotonic() > moment:
                if not self._predecessors.are_lost(headers):
                    raise OutOfTurn
                log.error("bus.consumer.out_of_turn", event_id=headers.get("ce-id"))
                break
            await asyncio.sleep(TURN_POLL_SECONDS)
        return await self._process(message.subject, headers, message.data)

    async def _process(self, subject: str, headers: Mapping[str, str], body: bytes) -> bool:
        with metrics.handling.labels(subject).time(), self.traces.handling(subject, headers):
            return await self._take_effect(subject, headers, body)

    async def _take_effect(self, subject: str, headers: Mapping[str, str], body: bytes) -> bool:
        kind = headers.get("ce-type", subject)
        handler = None if ERASED in headers else self._handlers.get(kind)
        event = REGISTRY[kind].model_validate_json(body) if handler else None
        async with self._database.writing() as work:
            first = await self._first_time(work, subject, headers)
            # After the line above, which waits for a burial that happens at this moment.
            if ERASED in headers and await self._letters.forget_erased(
                work.session, headers["ce-id"], subject
            ):
                await leave_scrub(work)
            if not first:
                return False
            if handler and event:  # a newer release may publish what this one does not know
                await handler(event, work)
                self.traces.touch(subject, event.touches)
            reached("consumer.effect")
        return True

    async def _first_time(self, work: Work, subject: str, headers: Mapping[str, str]) -> bool:
        row = {
            "event_id": headers["ce-id"],
            "subject": subject,
            "number": number_of(headers),
            "processed_at": clock.now(),
        }
        return bool(await work.put(self._into_inbox, row))

    async def _failed(self, message: Msg, headers: dict[str, str], trouble: Exception) -> None:
        # The server also counts deliveries that only waited for their turn. A database that is away
        # says nothing of the message: that is no try, and it may be back at any moment.
        outage = is_outage(trouble)
        self._failures[headers.get("ce-id", "")] += not outage
        tries = self._failures[headers.get("ce-id", "")]
        metrics.consumed.labels(message.subject, "failed").inc()
        log.warning(
            "bus.consumer.failed",
            event_id=headers.get("ce-id"),
            subject=message.subject,
            tries=tries,
            error=type(trouble).__name__,
        )
        if outage:
            await self._wait_shortly(message, headers)
        elif _is_final(trouble) or tries >= MAX_TRIES:
            await self._bury(message, headers, trouble, tries)
        else:
            await self._delay(message, headers, tries)

    async def _wait_shortly(self, message: Msg, headers: Mapping[str, str]) -> None:
        """Let a message come again soon that has nothing to answer for."""
        await self._delay(message, headers, min(message.metadata.num_delivered, SHORT_WAIT))

    async def _delay(self, message: Msg, headers: Mapping[str, str], tries: int) -> None:
        self._delayed[headers.get("ce-id", "")] = (message.subject, number_of(headers))
        delay = BACKOFF_SECONDS[min(tries - 1, len(BACKOFF_SECONDS) - 1)]
        with contextlib.suppress(NatsError):  # connection lost: it comes again by itself
            await message.nak(delay=delay * random.uniform(0.8, 1.2))

    def _settled(self, event_id: str) -> None:
        self._failures.pop(event_id, None)
        self._delayed.pop(event_id, None)

    async def _bury(
        self, message: Msg, headers: dict[str, str], trouble: Exception, tries: int
    ) -> None:
        sequence = message.metadata.sequence.stream
        event_id = headers.setdefault("ce-id", f"{message.metadata.stream}-{sequence}")
        letter = Letter(event_id, message.subject, headers, message.data)
        try:
            kept = await self._keep(letter, sequence, tries, describe(trouble))
            self._settled(event_id)
            reached("consumer.buried")
        except Exception as again:  # nothing was buried, so nothing may be forgotten
            log.warning("bus.consumer.burial_delayed", error=type(again).__name__)
            await self._wait_shortly(message, headers)
            return
        if kept:
            metrics.dead_letters.labels(message.subject).inc()
            log.error(
                "bus.consumer.buried", event_id=event_id, subject=message.subject, tries=tries
            )
        with contextlib.suppress(NatsError):  # lost connection: it comes again and is buried again
            await message.term()

    async def _keep(self, letter: Letter, sequence: int, tries: int, reason: str) -> bool:
        """Keep a letter, unless its event was heard meanwhile, because its tombstone came.

        The inbox row of a moment makes a tombstone wait that comes at this moment.
        """
        async with self._database.writing() as work:
            if not await self._first_time(work, letter.subject, letter.headers):
                return False
            inbox = work.tables.inbox
            await work.session.execute(delete(inbox).where(inbox.c.event_id == letter.event_id))
            await self._letters.keep(
                work.session, letter, sequence=sequence, tries=tries, reason=reason
            )
            return True


def _is_final(trouble: Exception) -> bool:
    """Whether trying again can never help: a broken contract or rule, not a part that is away."""
    if isinstance(trouble, Refusal):
        return trouble.kind not in (Kind.UNAVAILABLE, Kind.TOO_MANY)
    return isinstance(trouble, ValidationError | KeyError | ValueError)


def describe(trouble: Exception) -> str:
    """What failed, without what was in it: pydantic's own text quotes the input."""
    if isinstance(trouble, ValidationError):
        errors = trouble.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in errors)[:300]
    if isinstance(trouble, Refusal):
        return trouble.slug
    return type(trouble).__name__


async def _heartbeat(message: Msg) -> None:
    """Tell the server that a long handler is alive, or it would deliver the message again."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        with contextlib.suppress(NatsError):
            await message.in_progress()
