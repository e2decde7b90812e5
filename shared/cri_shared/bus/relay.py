"""The relay: takes rows from the outbox to JetStream, in order, and waits for each answer."""

import asyncio
from collections.abc import Callable
from typing import Any

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from sqlalchemy import Row, Select, Table, Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cri_shared import clock
from cri_shared.bus.numbering import Numbered, Numbering
from cri_shared.bus.outbox import Outbox
from cri_shared.bus.recall import recall
from cri_shared.bus.removal import leave_sweep
from cri_shared.bus.topology import stream_of
from cri_shared.db.engine import make_engine
from cri_shared.db.leadership import leadership, transaction
from cri_shared.db.limits import Limits
from cri_shared.db.notices import OUTBOX, listen, version_of
from cri_shared.events.headers import ERASED
from cri_shared.observe import log
from cri_shared.observe.traces import Traces
from cri_shared.points import reached
from cri_shared.privacy.vault import Unreadable
from cri_shared.resting import rest

BATCH = 200
POLL_SECONDS = 1.0
ACK_SECONDS = 5.0
_NEVER = (nats.errors.MaxPayloadError, nats.errors.BadSubjectError, Unreadable)


class Relay:
    """Publishes one service's outbox. Any number may run on a database: one of them leads.

    Rows are marked as published only up to the first failure, so their order is kept.
    """

    def __init__(
        self,
        url: str,
        outbox: Outbox,
        client: Callable[[], Client | None],
        traces: Traces,
        limits: Limits = Limits(),
    ) -> None:
        # Connections of its own: a busy pool of the web side must not starve the relay.
        self._engine: AsyncEngine = make_engine(url, limits, pooled=False)
        self._outbox = outbox
        self._numbering = Numbering(self._engine, outbox.tables)
        self._next, self._published, self._refused = _statements(outbox.tables.outbox)
        self._client = client
        self._traces = traces
        self._stream: tuple[Client, JetStreamContext] | None = None
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._knows_all = False  # what lies in the stream
        outbox.on_append(self._wake.set)

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Finish the batch at hand (at most five seconds); what is left stays in the outbox."""
        self._stopping.set()
        self._wake.set()
        if self._task:
            _, late = await asyncio.wait({self._task}, timeout=ACK_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._engine.dispose()

    @property
    def leading(self) -> bool:
        """Whether it is the one of all processes that publishes."""
        return self._outbox.relayed_here

    @property
    def running(self) -> bool:
        """Whether it publishes, or waits for its turn to."""
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        delay = 0.2
        while not self._stopping.is_set():
            try:
                async with leadership(self._engine, "relay") as connection:
                    if connection is not None:
                        self._outbox.relayed_here = True
                        await self._lead(connection)
                        delay = 0.2
                await self._rest(POLL_SECONDS)
            except Exception as trouble:  # the edge of the relay: it may be late, never dead
                log.warning("bus.relay.delayed", error=type(trouble).__name__)
                await self._rest(delay)
                delay = min(delay * 2, 5.0)
            finally:
                self._outbox.relayed_here = False

    async def _lead(self, connection: AsyncConnection) -> None:
        await listen(connection, OUTBOX, self._wake.set)
        version_now = await version_of(connection)
        self._knows_all = False
        seen: int | None = None
        while not self._stopping.is_set():
            self._wake.clear()
            client = self._client()
            if client is not None and client.is_connected:
                await self._learn(connection, client)
            version = version_now()
            if version is None or version != seen:
                full = await self.publish_batch(connection) == BATCH
                seen = None if full else version
                if full:
                    continue
            await rest(self._wake, POLL_SECONDS)

    async def _rest(self, seconds: float) -> None:
        """Wait without heeding appended rows: the leader publishes those, or a retry is due."""
        await rest(self._stopping, seconds)

    async def publish_batch(self, connection: AsyncConnection) -> int:
        """Publish up to one batch of waiting rows; gives how many there were.

        Raises what NATS or the database raised at the first row that could not be published.
        """
        rows = await self._waiting(connection)
        if not rows:
            return 0
        client = self._client()
        if client is None or not client.is_connected:
            raise nats.errors.ConnectionClosedError
        if await self._learn(connection, client):
            rows = await self._waiting(connection)
        numbered = await self._numbering.give(connection, rows)
        reached("relay.numbered")
        outcomes = await self._publish(client, numbered)
        reached("relay.published")
        await self._record(connection, rows, outcomes)
        reached("relay.recorded")
        return len(rows)

    async def _learn(self, connection: AsyncConnection, client: Client) -> bool:
        """Take back what the database does not know of, before a number is given twice."""
        if self._knows_all:
            return False
        recalled = await recall(connection, self._outbox, self._context(client))
        self._knows_all = True
        return recalled > 0

    async def _waiting(self, connection: AsyncConnection) -> list[Row[Any]]:
        return list((await connection.execute(self._next)).all())

    async def _publish(
        self, client: Client, numbered: list[Numbered]
    ) -> list[PubAck | BaseException]:
        js = self._context(client)
        stream = stream_of(self._outbox.service)
        sent: list[asyncio.Future[PubAck] | BaseException] = []
        for one in numbered:
            try:
                body, headers = self._message(one)
                subject = one.row.subject
                headers, follow = self._traces.publishing(subject, headers)
                answer = await js.publish_async(subject, body, ACK_SECONDS, stream, headers)
                sent.append(follow(answer))
            except _NEVER as never:
                sent.append(never)
        futures = [future for future in sent if isinstance(future, asyncio.Future)]
        if futures:
            _, late = await asyncio.wait(futures, timeout=ACK_SECONDS)
            for future in late:
                future.cancel()  # nats-py frees its slot only then
        outcomes = [_outcome(future) for future in sent]
        silent = next((n for n, one in enumerate(outcomes) if _is_silence(one)), None)
        if silent is not None and client.is_connected:
            outcomes[silent] = await self._ask_again(js, numbered[silent])
        return outcomes

    def _message(self, one: Numbered) -> tuple[bytes, dict[str, str]]:
        """Body and headers as they leave; of what was erased, only that there was something."""
        if one.row.erased_at is not None:
            return b"", {**one.headers, ERASED: "1"}
        return self._outbox.unseal(one.row.event_id, one.row.body), one.headers

    async def _ask_again(self, js: JetStreamContext, one: Numbered) -> PubAck | BaseException:
        """Publish the first row without an answer once more, and wait for it alone.

        nats-py 2.16 loses every refusal of an asynchronous publish: its reader raises it where
        nobody listens, and the future stays open. The plain call gives it to us.
        """
        body, headers = self._message(one)
        stream = stream_of(self._outbox.service)
        try:
            return await js.publish(one.row.subject, body, ACK_SECONDS, stream, headers)
        except (nats.errors.Error, TimeoutError) as refusal:
            return refusal

    def _context(self, client: Client) -> JetStreamContext:
        """One context per connection: each one subscribes to its own inbox for as long as it is."""
        if self._stream is None or self._stream[0] is not client:
            self._stream = (client, client.jetstream())
        return self._stream[1]

    async def _record(
        self,
        connection: AsyncConnection,
        rows: list[Row[Any]],
        outcomes: list[PubAck | BaseException],
    ) -> None:
        """Write down what became of each row.

        Nobody waits for the disk here: of what a machine forgets that loses its power, the next
        leader learns from the stream, before it gives a number.
        """
        jobs = self._outbox.tables.jobs
        done, refused, trouble = _sorted(rows, outcomes)
        async with transaction(connection, lasting=False):
            if done:
                now = clock.now()
                told = [{**_copy(row), "now": now, "sequence": ack.seq} for row, ack in done]
                await connection.execute(self._published, told)
            if refused:
                why = [{**_copy(row), "why": type(failure).__name__} for row, failure in refused]
                await connection.execute(self._refused, why)
            for row, _ in done:
                if row.erased_at is not None:
                    await leave_sweep(connection, jobs, row.subject, row.event_id)
        if trouble is not None:
            raise trouble


def _statements(table: Table) -> tuple[Select[Any], Update, Update]:
    """What waits, and the two things that can become of it; made once."""
    waiting = (table.c.published_at.is_(None), table.c.refused.is_(None))
    first = select(table).where(*waiting).order_by(table.c.id).limit(BATCH)
    # A row that was erased, or asked for again, since it was read has another copy to send.
    same = (table.c.id == bindparam("row_id")) & (table.c.copies == bindparam("copy"))
    this = update(table).where(same)
    published: dict[str, Any] = {
        "published_at": bindparam("now"),
        "stream_sequence": bindparam("sequence"),
    }
    return first, this.values(published), this.values(refused=bindparam("why"))


def _sorted(
    rows: list[Row[Any]], outcomes: list[PubAck | BaseException]
) -> tuple[
    list[tuple[Row[Any], PubAck]], list[tuple[Row[Any], BaseException]], BaseException | None
]:
    """What was published up to the first failure, what never will be, and that failure."""
    done, refused = [], []
    trouble: BaseException | None = None
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, PubAck):
            if trouble is None:
                done.append((row, outcome))
        elif _is_final(outcome):
            log.error("bus.relay.refused", event_id=row.event_id, subject=row.subject)
            refused.append((row, outcome))
        else:
            trouble = trouble or outcome
    return done, refused, trouble


def _copy(row: Row[Any]) -> dict[str, Any]:
    return {"row_id": row.id, "copy": row.copies}


def _outcome(future: "asyncio.Future[PubAck] | BaseException") -> PubAck | BaseException:
    if isinstance(future, BaseException):
        return future
    if future.cancelled() or not future.done():
        return nats.errors.TimeoutError()
    return future.exception() or future.result()


def _is_silence(outcome: PubAck | BaseException) -> bool:
    return isinstance(outcome, nats.errors.TimeoutError)


def _is_final(outcome: BaseException) -> bool:
    """Whether NATS will refuse this row for ever; one such row must not block those behind it."""
    return isinstance(outcome, _NEVER) or (
        isinstance(outcome, nats.js.errors.APIError) and outcome.code == 400
    )
