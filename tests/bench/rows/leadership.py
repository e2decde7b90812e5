"""What one process that leads publishes and does on PostgreSQL, and whether others disturb it.

No budget: decision 8 compares it with processes that share.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from cri_shared import clock
from cri_shared.clockwork import leave_job
from cri_shared.testing.processes import Child
from cri_shared.testing.waiting import eventually
from sqlalchemy import func, insert, select

from tests.bench import pair
from tests.bench.measuring import watching
from tests.bench.pair import TEXT
from tests.bench.report import Row
from tests.bench.stage import Stage
from tests.shared.toy import Toy, build, cleared, messaging

THINGS = 50  # that the events are about: in a backlog each has several
SUBJECT = "cri.intake.question.cleared.v1"
outbox, jobs = messaging.outbox, messaging.jobs
PROCESSES = (1, 3)
NOWHERE = "nats://127.0.0.1:4222"  # nobody connects: nothing is started


@dataclass(frozen=True)
class Drained:
    """How a backlog was published: events a second, per cent out of order, CPU ms of each."""

    rate: float
    inverted: float
    cpu_ms: float


async def measure(stage: Stage) -> list[Row]:
    """Throughput of a backlog and what became of its order; jobs; what a notice costs.

    They take turns, and the best of the repeats counts: what else the machine does makes each
    of them slower, never faster.
    """
    backlogs: dict[int, list[Drained]] = {processes: [] for processes in PROCESSES}
    jobs_done: list[float] = []
    commits: dict[bool, list[float]] = {True: [], False: []}
    for repeat in range(stage.repeats):
        for processes in PROCESSES:
            backlogs[processes].append(await _backlog(stage, processes, repeat))
        jobs_done.append(await _jobs(stage, repeat))
        for told in commits:
            commits[told].append(await _commits(stage, repeat, told=told))
    return [
        *(_drained(processes, found) for processes, found in backlogs.items()),
        Row("jobs of 5 ms", max(jobs_done), "jobs/s"),
        Row("commits with an event and its notice, 8 at once", max(commits[True]), "commits/s"),
        Row("the same without the notice", max(commits[False]), "commits/s"),
    ]


def _drained(processes: int, found: Sequence[Drained]) -> Row:
    worst = max(one.inverted for one in found)
    return Row(
        f"backlog of events, one of {processes} process(es) leads",
        max(one.rate for one in found),
        "events/s",
        cpu_ms=min(one.cpu_ms for one in found),
        note=f"before an earlier one about the same thing: up to {worst:.1f} % of the events",
    )


@asynccontextmanager
async def _working(
    stage: Stage, what: str, processes: int, name: str
) -> AsyncIterator[tuple[Toy, list[int]]]:
    """A toy that gives work, and the ids of processes that wait for it."""
    nats_url = await stage.nats_url()
    url = await stage.database_url("postgresql", name)
    await pair.make_tables("intake", url, nats_url)
    toy = build("intake", url, nats_url)
    async with toy.database.writing() as work:
        await work.session.execute(
            insert(messaging.counters).values(subject=SUBJECT, last_number=0)
        )
    children = [_start(stage, what, url, nats_url, f"{name}-{n}") for n in range(processes)]
    try:
        for _, ready in children:
            await eventually(ready.exists, timeout=60, what="ready")
        yield toy, [child.process.pid for child, _ in children]
    finally:
        for child, _ in children:
            await asyncio.to_thread(child.stop)
        await toy.database.close()


def _start(stage: Stage, what: str, url: str, nats_url: str, name: str) -> tuple[Child, Path]:
    ready = stage.directory / f"{name}.ready"
    command = [sys.executable, "-m", "tests.bench.peer", what, url, nats_url, str(ready)]
    return Child(command, stage.directory / f"{name}.log"), ready


async def _backlog(stage: Stage, processes: int, repeat: int) -> Drained:
    """A transaction of many events, until the last is published."""
    count = 600 if stage.quick else 2000
    name = f"backlog-{processes}-{repeat}"
    async with _working(stage, "relay", processes, name) as (toy, pids):
        events = [cleared(f"r{n % THINGS}", TEXT) for n in range(count)]
        async with toy.database.writing() as work:
            for event in events:
                await work.emit(event, version=1)
        began = clock.now()
        with watching(*pids) as spent:
            await eventually(toy.all_left, timeout=120, what="published")
        async with toy.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.id))).all()
    took = (max(row.published_at for row in rows) - began).total_seconds()
    inverted = 100 * _inversions(rows) / count
    return Drained(count / took, inverted, 1000 * spent.cpu_total / count)


def _inversions(rows: Sequence[Any]) -> int:
    """How many events lie in the stream before one about the same thing that was earlier."""
    places: dict[str, list[int]] = {}
    for row in rows:
        places.setdefault(row.about, []).append(row.stream_sequence)
    return sum(later < before for one in places.values() for before, later in pairwise(one))


async def _jobs(stage: Stage, repeat: int) -> float:
    """Jobs that each wait five milliseconds for another part: how many are done a second."""
    count = 100 if stage.quick else 400
    async with _working(stage, "jobs", 1, f"jobs-{repeat}") as (toy, _pids):
        async with toy.database.writing() as work:
            for number in range(count):
                await leave_job(work.session, jobs, "count", str(number))
        began = time.perf_counter()

        async def all_done() -> bool:
            async with toy.database.reading() as session:
                left = select(func.count()).select_from(jobs)
                return (await session.execute(left)).scalar_one() == 0

        await eventually(all_done, timeout=120, what="all done")
        return count / (time.perf_counter() - began)


async def _commits(stage: Stage, repeat: int, *, told: bool) -> float:
    """Commits with an event a second, eight at once, with a notice or without."""
    count = 400 if stage.quick else 2000
    url = await stage.database_url("postgresql", f"notices-{told}-{repeat}")
    await pair.make_tables("intake", url, NOWHERE)
    toy = build("intake", url, NOWHERE)
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
