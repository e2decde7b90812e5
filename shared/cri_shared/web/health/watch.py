"""One look at a process: what its database, NATS and the other parts say, within two seconds."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared import clock
from cri_shared.bus.lag import NatsAway, NotProvisioned, lag_of
from cri_shared.bus.outbox import waits_since
from cri_shared.bus.seals import MISSING, OTHER
from cri_shared.db.engine import make_engine
from cri_shared.db.tables import Messaging
from cri_shared.events import producers_heard
from cri_shared.service import Service
from cri_shared.web.health.rules import Found, Kept, Working
from cri_shared.web.opening import Opening

Check = Callable[[], Awaitable[object]]
ANSWER_SECONDS = 1.5


class Watch:
    """Looks at one process, on a connection of its own: full pools are load, not an outage.

    `needs` and `helps` are checks by name, of parts without which the service cannot work, or not
    as well; a part is there unless its check raises, gives False or takes too long.
    """

    def __init__(
        self,
        service: Service,
        opening: Opening,
        *,
        needs: Mapping[str, Check],
        helps: Mapping[str, Check],
    ) -> None:
        settings = service.settings
        self.service = service
        self._opening = opening
        self._needs = dict(needs)
        self._helps = {"identity": service.identity.ping, **helps}
        limits = replace(settings.limits, wait=ANSWER_SECONDS)
        engine = make_engine(settings.database_url, limits, pooled=False)
        self._readers = engine.execution_options(sqlite_begin="DEFERRED")

    async def look(self) -> Found:
        """What there is to be found out now; takes two seconds at most."""
        kept, working, needs, helps = await asyncio.gather(
            self._kept(), self._working(), _all(self._needs), _all(self._helps)
        )
        exhausted, is_open = self.service.database.exhausted, self._opening.is_done
        return Found(kept, working, needs, helps, exhausted, is_open)

    async def close(self) -> None:
        """Give the connection back."""
        await self._readers.dispose()

    async def _kept(self) -> Kept | None:
        tables, service = self.service.database.outbox.tables, self.service.settings.service
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._readers.connect() as connection:
                kept = await _read(connection, tables, service)
                return replace(kept, unsealed=await self.service.trail.unsealed(connection))
        except Exception:  # the edge of health: whatever a driver raises, it is no answer
            return None

    async def _working(self) -> Working | None:
        if not (self.service.settings.runs_worker and self._opening.is_done):
            return None
        trouble: str | None = None
        lag: dict[str, int] | None = None
        try:
            lag = await lag_of(self.service.settings.service, self.service.bus.client)
        except NatsAway:
            lacking = self.service.bus.lacks_streams
            trouble = "nats-not-provisioned" if lacking else "nats-away"
        except NotProvisioned:
            trouble = "nats-not-provisioned"
        clockwork = self.service.clockwork
        relay_runs = self.service.bus.relay.running
        return Working(trouble, lag, relay_runs, clockwork.running, clockwork.stuck)


async def _all(checks: Mapping[str, Check]) -> dict[str, bool]:
    answers = await asyncio.gather(*(_is_there(check) for check in checks.values()))
    return dict(zip(checks, answers, strict=True))


async def _is_there(check: Check) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await check() is not False
    except Exception:  # the edge of health, as above
        return False


async def _read(connection: AsyncConnection, tables: Messaging, service: str) -> Kept:
    outbox, gaps = tables.outbox, tables.gaps
    waiting = select(func.count(), func.min(waits_since(outbox))).where(
        outbox.c.published_at.is_(None), outbox.c.refused.is_(None)
    )
    count, oldest = (await connection.execute(waiting)).one()
    differs = tables.seals.c.verdict.in_((MISSING, OTHER))

    async def by_producer(table: Table, *which: ColumnElement[bool]) -> dict[str, int]:
        rows = select(table.c.subject, func.count()).where(*which).group_by(table.c.subject)
        counts = Counter(dict.fromkeys(producers_heard(service), 0))
        for subject, number in (await connection.execute(rows)).all():
            counts[subject.split(".")[1]] += number
        return dict(counts)

    async def number(rows: Select[Any]) -> int:
        return int((await connection.execute(rows)).scalar_one())

    return Kept(
        waiting=count,
        age_seconds=(clock.now() - oldest).total_seconds() if oldest else 0.0,
        refused=await number(select(func.count()).where(outbox.c.refused.is_not(None))),
        dead=await by_producer(tables.dead_letters),
        gaps=await by_producer(gaps),
        gaps_asked=await number(select(func.count()).where(gaps.c.asked_at.is_not(None))),
        seals=await by_producer(tables.seals, differs),
    )
