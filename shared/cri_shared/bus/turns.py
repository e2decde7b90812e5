"""Turns: events about the same thing take effect in the order in which they were given out.

Within a process a message draws a ticket when it arrives. Between processes, and where one has to
be tried again, each message names those before it, and waits until they are done.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping

from nats.aio.msg import Msg
from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from cri_shared.bus.envelope import earlier
from cri_shared.db.database import Database
from cri_shared.events import REGISTRY

# Longer than all tries of a message take together: what is not done by then never came.
LOST_SECONDS = 1200.0


class OutOfTurn(Exception):
    """Events before this one about the same thing are not done yet."""


class Predecessors:
    """Whether what came before a message has taken effect here, or lies among the dead letters."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service
        self._waiting_since: dict[str, float] = {}

    async def are_done(self, headers: Mapping[str, str]) -> bool:
        """Whether it is a message's turn."""
        before = dict(self._heard(headers))
        if before and not await self._all_there(before):
            self._waiting_since.setdefault(headers.get("ce-id", ""), time.monotonic())
            return False
        self._waiting_since.pop(headers.get("ce-id", ""), None)
        return True

    def are_lost(self, headers: Mapping[str, str]) -> bool:
        """Whether a message waited so long that nothing before it can come any more."""
        event_id = headers.get("ce-id", "")
        since = self._waiting_since.get(event_id, time.monotonic())
        lost = time.monotonic() - since > LOST_SECONDS
        if lost:
            del self._waiting_since[event_id]
        return lost

    def _heard(self, headers: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        for subject, number in earlier(headers).items():
            event = REGISTRY.get(subject)
            if event is not None and self._service in event.heard_by:
                yield subject, number

    async def _all_there(self, before: Mapping[str, int]) -> bool:
        tables = self._database.outbox.tables
        async with self._database.reading() as session:
            done = await session.execute(_counted(tables.inbox, before))
            if done.scalar_one() >= len(before):
                return True
            dead = await session.execute(_counted(tables.dead_letters, before))
            done = await session.execute(_counted(tables.inbox, before))
            return done.scalar_one() + dead.scalar_one() >= len(before)


def _counted(table: Table, before: Mapping[str, int]) -> Select[int]:
    each: Iterator[ColumnElement[bool]] = (
        and_(table.c.subject == subject, table.c.number == number)
        for subject, number in before.items()
    )
    numbers = func.count(func.distinct(table.c.subject))
    return select(numbers).where(or_(*each))


class Tickets:
    """First come, first served per aggregate: a batch is handled concurrently, one thing in order.

    A ticket is drawn when a message arrives, before anything is awaited: FastStream hands the
    messages of a batch to their handlers in an order of its own.
    """

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}
        self._drawn: dict[int, tuple[str, asyncio.Event | None, asyncio.Event]] = {}

    def draw(self, message: Msg) -> None:
        """Put a message in line behind those about the same aggregate."""
        key = (message.headers or {}).get("ce-subject", "")
        mine = asyncio.Event()
        self._drawn[id(message)] = (key, self._last.get(key), mine)
        self._last[key] = mine

    def leave(self, message: Msg) -> None:
        """Give up a place in line that was never used, so that nobody waits behind it."""
        if id(message) in self._drawn:
            key, _before, mine = self._drawn.pop(id(message))
            self._done(key, mine)

    @contextlib.asynccontextmanager
    async def turn(self, message: Msg) -> AsyncIterator[None]:
        """Wait until everything in front of a message is done."""
        if id(message) not in self._drawn:
            self.draw(message)
        key, before, mine = self._drawn.pop(id(message))
        try:
            if before is not None:
                await before.wait()
            yield
        finally:
            self._done(key, mine)

    def _done(self, key: str, mine: asyncio.Event) -> None:
        mine.set()
        if self._last.get(key) is mine:
            del self._last[key]
