"""One process that leads, or several that skip what another has locked: PostgreSQL, same run.

No budget: these are the figures behind decision 8.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from cri_shared import clock
from cri_shared.clockwork import leave_job
from cri_shared.testing.processes import Child
from cri_shared.testing.waiting import eventually
from sqlalchemy import func, insert, select

from tests.bench import pair
from tests.bench.measuring import median
from tests.bench.pair import TEXT
from tests.bench.report import Row
from tests.bench.stage import Stage
from tests.shared.toy import Toy, build, cleared, messaging

THINGS = 50  # that the events are about: in a backlog each has several
SUBJECT = "cri.intake.question.cleared.v1"
outbox, jobs = messaging.outbox, messaging.jobs
RELAYS = (("leading", 1), ("leading", 3), ("sharing", 1), ("sharing", 3), ("bare", 1), ("bare", 3))
CLOCKWORKS = (("leading", 1), ("sharing", 1), ("sharing", 3))


async def measure(stage: Stage) -> list[Row]:
    """Throughput of a backlog and what became of its order; jobs; what a notice costs."""
    rows = [await _backlog(stage, way, processes) for way, processes in RELAYS]
    rows += [await _jobs(stage, way, processes) for way, processes in CLOCKWORKS]
    return [*rows, *await _notices(stage)]


@asynccontextmanager
async def _working(
    stage: Stage, what: str, way: str, processes: int, name: str
) -> AsyncIterator[Toy]:
    """Processes of one way on a fresh database, ready, and a toy that gives them work."""
    nats_url = await stage.nats_url()
    url = await stage.database_url("postgresql", name)
    await pair.make_tables("intake", url, nats_url)
    toy = build("intake", url, nats_url)
    async with toy.database.writing() as work:
        await work.session.execute(
            insert(messaging.counters).values(subject=SUBJECT, last_number=0)
        )
    children = [_start(stage, what, way, url, nats_url, f"{name}-{n}") for n in range(processes)]
    try:
        for _, ready in children:
            await eventually(ready.exists, timeout=60, what="ready")
        yield toy
    finally:
        for child, _ in children:
            await asyncio.to_thread(child.stop)
        await toy.database.close()


def _start(
    stage: Stage, what: str, way: str, url: str, nats_url: str, name: str
) -> tuple[Child, Path]:
    ready = stage.directory / f"{name}.ready"
    command = [sys.executable, "-m", "tests.bench.sharing", what, way, url, nats_url, str(ready)]
    return Child(command, stage.directory / f"{name}.log"), ready


async def _backlog(stage: Stage, way: str, processes: int) -> Row:
    """A transaction of many events, until the last is published."""
    count = 600 if stage.quick else 3000
    rates, inverted = [], []
    for repeat in range(stage.repeats):
        name = f"backlog-{way}{processes}-{repeat}"
        async with _working(stage, "relay", way, processes, name) as toy:
            events = [cleared(f"r{n % THINGS}", TEXT) for n in range(count)]
            async with toy.database.writing() as work:
                for event in events:
                    await work.emit(event, version=1)
            began = clock.now()
            await eventually(toy.all_left, timeout=120, what="published")
            async with toy.database.reading() as session:
                rows = (await session.execute(select(outbox).order_by(outbox.c.id))).all()
        ended = max(row.published_at for row in rows)
        rates.append(count / (ended - began).total_seconds())
        inverted.append(100 * _inversions(rows) / count)
    return Row(
        f"backlog of {count} events, {way}, {processes} process(es)",
        median(rates),
        "events/s",
        note=f"before an earlier one about the same thing: {median(inverted):.1f} % of the events",
    )


def _inversions(rows: Sequence[Any]) -> int:
    """How many events lie in the stream before one about the same thing that was earlier."""
    places: dict[str, list[int]] = {}
    for row in rows:
        places.setdefault(row.about, []).append(row.stream_sequence)
    return sum(later < before for one in places.values() for before, later in pairwise(one))


async def _jobs(stage: Stage, way: str, processes: int) -> Row:
    """Jobs that each wait five milliseconds for another part, until the last is done."""
    count = 100 if stage.quick else 400
    rates = []
    for repeat in range(stage.repeats):
        name = f"jobs-{way}{processes}-{repeat}"
        async with _working(stage, "jobs", way, processes, name) as toy:
            async with toy.database.writing() as work:
                for number in range(count):
                    await leave_job(work.session, jobs, "count", str(number))
            began = time.perf_counter()

            async def all_done(toy: Toy = toy) -> bool:
                async with toy.database.reading() as session:
                    left = select(func.count()).select_from(jobs)
                    return (await session.execute(left)).scalar_one() == 0

            await eventually(all_done, timeout=120, what="all done")
            rates.append(count / (time.perf_counter() - began))
    return Row(f"jobs of 5 ms, {way}, {processes} process(es)", median(rates), "jobs/s")


async def _notices(stage: Stage) -> list[Row]:
    """Commits with an event, eight at once, with a notice and without."""
    count = 400 if stage.quick else 2000
    rates: dict[bool, list[float]] = {True: [], False: []}
    for repeat in range(stage.repeats):
        for told in rates:
            url = await stage.database_url("postgresql", f"notices-{told}-{repeat}")
            rates[told].append(await _commits(url, count, told=told))
    return [
        Row("commits with an event and its notice, 8 at once", median(rates[True]), "commits/s"),
        Row("the same without the notice", median(rates[False]), "commits/s"),
    ]


async def _commits(url: str, count: int, *, told: bool) -> float:
    await pair.make_tables("intake", url, "nats://127.0.0.1:4222")
    toy = build("intake", url, "nats://127.0.0.1:4222")
    numbers = iter(range(count))

    async def commit() -> None:
        for number in numbers:
            async with toy.database.writing() as work:
                work._announced = not told
                await work.emit(cleared(f"r{number}", TEXT), version=1)

    began = time.perf_counter()
    await asyncio.gather(*(commit() for _ in range(8)))
    took = time.perf_counter() - began
    await toy.database.close()
    return count / took
