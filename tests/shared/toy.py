"""Two small services on one bus: one clears questions, the other counts the effects it sees."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cri_shared.bus.bus import Bus
from cri_shared.bus.consumer import Consumer
from cri_shared.bus.dead_letters import DeadLetters
from cri_shared.bus.erasure import scrub_after_erasures
from cri_shared.bus.outbox import Outbox
from cri_shared.bus.removal import Removal
from cri_shared.bus.upkeep import Upkeep
from cri_shared.clockwork import Clockwork
from cri_shared.db import NAMING, Database, Messaging, Work
from cri_shared.events.intake import QuestionCleared
from cri_shared.observe.traces import Traces
from cri_shared.settings import ServiceSettings
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select

KEY = b"k" * 32
metadata = MetaData(naming_convention=NAMING)
messaging = Messaging(metadata)
# No unique key on purpose: a second effect must show.
effects = Table(
    "effects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("research_id", String(40)),
    Column("text", String(200)),
)


def cleared(research_id: str, text: str = "Is there a school?") -> QuestionCleared:
    """A released question."""
    return QuestionCleared(
        research_id=research_id,
        text=text,
        language="en",
        country="AM",
        topics=("education.school",),
    )


@dataclass
class Toy:
    """A service without a web side."""

    database: Database
    consumer: Consumer
    letters: DeadLetters
    bus: Bus
    upkeep: Upkeep
    clockwork: Clockwork

    async def append(self, *events: QuestionCleared) -> None:
        """Commit events as one transaction."""
        async with self.database.writing() as work:
            for event in events:
                await work.emit(event, version=1)

    async def effects(self) -> list[str]:
        """The effects so far, in the order they happened."""
        async with self.database.reading() as session:
            rows = await session.execute(select(effects.c.research_id).order_by(effects.c.id))
            return list(rows.scalars())

    async def waiting(self) -> int:
        """How many events wait in the outbox."""
        table = messaging.outbox
        pending = select(func.count()).where(table.c.published_at.is_(None))
        async with self.database.reading() as session:
            return (await session.execute(pending)).scalar_one()

    async def all_left(self) -> bool:
        """Whether the outbox holds nothing that has not been published."""
        return await self.waiting() == 0

    async def dead(self) -> int:
        """How many dead letters there are."""
        async with self.database.reading() as session:
            return await self.letters.count(session)


_INTO_EFFECTS = insert(effects)


async def keep_effect(event: QuestionCleared, work: Work) -> None:
    """The effect of a cleared question in the hearing toy."""
    row = {"research_id": event.research_id, "text": event.text}
    await work.session.execute(_INTO_EFFECTS, row)


Handler = Callable[[QuestionCleared, Work], Awaitable[None]]


def build(
    service: str,
    url: str,
    nats_url: str,
    handler: Handler = keep_effect,
    traces: Traces = Traces(),
    **told: Any,
) -> Toy:
    """A toy intake or research on a database; `told` are more of its settings."""
    outbox = Outbox(messaging, service=service, key=KEY)
    database = Database(url, outbox)
    letters = DeadLetters(messaging, KEY)
    consumer = Consumer(service, database, letters, traces)
    if service == "research":
        consumer.on(QuestionCleared)(handler)
    settings = ServiceSettings(
        service=service,
        public_url="http://127.0.0.1:8001",
        port=8001,
        database_url=url,
        identity_database_url=url,
        key_dir=Path("."),
        identity_key_dir=Path("."),
        nats_url=nats_url,
        **told,
    )
    clockwork = Clockwork(database)
    upkeep = Upkeep(service, consumer, clockwork)
    bus = Bus(settings, consumer, url)
    Removal(service, clockwork, lambda: bus.client)
    scrub_after_erasures(clockwork, database)
    return Toy(database, consumer, letters, bus, upkeep, clockwork)


@asynccontextmanager
async def prepared(
    service: str,
    url: str,
    nats_url: str,
    handler: Handler = keep_effect,
    traces: Traces = Traces(),
    **told: Any,
) -> AsyncIterator[Toy]:
    """A toy with its tables, not started."""
    toy = build(service, url, nats_url, handler, traces, **told)
    async with toy.database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield toy
    finally:
        await toy.database.close()


@asynccontextmanager
async def started(
    service: str,
    url: str,
    nats_url: str,
    handler: Handler = keep_effect,
    traces: Traces = Traces(),
    **told: Any,
) -> AsyncIterator[Toy]:
    """A toy whose relay and consumers run."""
    async with prepared(service, url, nats_url, handler, traces, **told) as toy:
        toy.bus.start()
        try:
            yield toy
        finally:
            await asyncio.shield(toy.bus.stop())
