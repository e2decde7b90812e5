"""The two ways in which processes on one PostgreSQL can share an outbox or jobs, one process each.

`leading` is what CRI does: one of the processes leads. `sharing` is the other way, as it is usually
built: each takes rows that no other has locked (FOR UPDATE SKIP LOCKED), numbers them under the
lock of their subject's counter, commits, and publishes them in a transaction that holds them.
`bare` is the same without numbers, which is as fast as that way can be.
"""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import uvloop
from cri_shared import clock
from cri_shared.bus import relay
from cri_shared.bus.numbering import Numbered
from cri_shared.bus.relay import BATCH, Relay
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db.database import Database
from cri_shared.db.leadership import transaction
from cri_shared.db.notices import OUTBOX, listen
from cri_shared.events.headers import NUMBER
from cri_shared.testing.waiting import eventually
from nats.js.api import PubAck
from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.shared.toy import Toy, build, messaging

JOB_SECONDS = 0.005  # what a job waits for: an index that writes, a mail server that answers
outbox, counters, jobs = messaging.outbox, messaging.counters, messaging.jobs
WAITING = outbox.c.published_at.is_(None) & outbox.c.refused.is_(None)


class SharingRelay(Relay):
    """A relay that leaves alone what another one has locked, instead of leading."""

    numbers = True

    async def _run(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await listen(connection, OUTBOX, self._wake.set)
            while not self._stopping.is_set():
                self._wake.clear()
                if not await self.publish_batch(connection):
                    await relay._within(relay.POLL_SECONDS, self._wake)

    async def publish_batch(self, connection: AsyncConnection) -> int:
        """Publish a batch of what no other process has locked; gives how many rows it was."""
        if self.numbers:
            await self._number(connection)
        async with transaction(connection):
            rows = await self._locked(connection, outbox.c.number.is_not(None) == self.numbers)
            client = self._client()
            if not rows or client is None:
                return 0
            ready = [Numbered(row, row.number or 0, _headers(row)) for row in rows]
            acks = await self._publish(client, ready)
            done = [
                {"row_id": row.id, "sequence": ack.seq}
                for row, ack in zip(rows, acks, strict=True)
                if isinstance(ack, PubAck)
            ]
            this = update(outbox).where(outbox.c.id == bindparam("row_id"))
            published = {"published_at": clock.now(), "stream_sequence": bindparam("sequence")}
            await connection.execute(this.values(**published), done)
        return len(rows)

    async def _number(self, connection: AsyncConnection) -> None:
        async with transaction(connection):
            rows = await self._locked(connection, outbox.c.number.is_(None))
            last = {}
            for subject, count in Counter(row.subject for row in rows).items():
                this = update(counters).where(counters.c.subject == subject)
                more = this.values(last_number=counters.c.last_number + count)
                given = await connection.execute(more.returning(counters.c.last_number))
                last[subject] = given.scalar_one() - count
            numbers = []
            for row in rows:
                last[row.subject] += 1
                numbers.append({"row_id": row.id, "given": last[row.subject]})
            if numbers:
                this = update(outbox).where(outbox.c.id == bindparam("row_id"))
                await connection.execute(this.values(number=bindparam("given")), numbers)

    async def _locked(self, connection: AsyncConnection, which: Any) -> list[Row[Any]]:
        rows = select(outbox).where(WAITING, which).order_by(outbox.c.id).limit(BATCH)
        return list((await connection.execute(rows.with_for_update(skip_locked=True))).all())


class BareRelay(SharingRelay):
    """The same, giving no numbers."""

    numbers = False


def _headers(row: Row[Any]) -> dict[str, str]:
    return {**row.headers, NUMBER: str(row.number or 0), "Nats-Msg-Id": row.event_id}


class SharingClockwork(Clockwork):
    """A clockwork that holds the lock of a job's row while it does the job."""

    async def _run(self) -> None:
        self.leading = True
        while not self._stopping.is_set():
            async with self._database.writing() as work:
                due = self._due.limit(1).with_for_update(skip_locked=True)
                asked = {"now": clock.now(), "kinds": list(self._handlers)}
                row = (await work.session.execute(due, asked)).first()
                if row is not None:
                    await self._handlers[row.kind](Job(row.kind, row.key, row.payload))
                    await work.session.execute(delete(jobs).where(jobs.c.id == row.id))
            if row is None:
                await self._pause(self._wake, 0.05)


RELAYS = {"leading": Relay, "sharing": SharingRelay, "bare": BareRelay}
CLOCKWORKS = {"leading": Clockwork, "sharing": SharingClockwork}


def relaying(way: str, url: str, nats_url: str) -> Toy:
    """A toy whose relay works in one of the ways."""
    toy = build("intake", url, nats_url)
    toy.bus.relay = RELAYS[way](
        url, toy.consumer.outbox, lambda: toy.bus.client, toy.consumer.traces
    )
    return toy


def doing_jobs(way: str, database: Database) -> Clockwork:
    """A clockwork that works in one of the ways; its jobs wait for another part."""

    async def wait(job: Job) -> None:
        await asyncio.sleep(JOB_SECONDS)

    clockwork = CLOCKWORKS[way](database)
    clockwork.handles("count", wait)
    return clockwork


async def run(what: str, way: str, url: str, nats_url: str, ready: Path) -> None:
    """Be one of the processes until killed."""
    toy = relaying(way, url, nats_url)
    if what == "jobs":
        doing_jobs(way, toy.database).start()
    else:
        toy.bus.start()
        await eventually(lambda: toy.bus.connected, what="connected")
    ready.touch()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:5], Path(sys.argv[5])))  # type: ignore[call-arg]
