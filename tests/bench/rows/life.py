"""Load that looks like life: everybody uses all five services at once, for minutes.

A hundred questions a second come through the API while officers work at their queue and desk,
partners answer, editors publish, a trainer holds a workshop and fifty readers search. Real
processes, one of each service, on one kind of database.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cri_shared.events import SERVICES
from cri_shared.testing.index import IndexServer
from cri_shared.testing.postgres import PostgresServer

from tests.bench.library import fill
from tests.bench.living.late import Lateness
from tests.bench.living.people import People
from tests.bench.living.watch import LATE_SECONDS, Vitals, Watch
from tests.bench.load import Load, Result, generate
from tests.bench.measuring import percentile
from tests.bench.report import Row
from tests.bench.rows.record import UNLIMITED, request_of
from tests.bench.rows.search import addresses
from tests.bench.sizes import in_database, in_streams
from tests.bench.stage import Stage
from tests.faults.house import House
from tests.forking import Forge

READERS = 50
SEARCHES = 10.0  # a second, of all readers together: each reads for five seconds
ON_THE_WAY = 200  # questions: an organisation with more of them waits
LIMIT_MB_PER_HOUR = 60.0
FEWEST_MINUTES = 5.0  # before which memory is still warming up: growth is shown, and not judged
LIMITS = {  # of p99 in ms, by surface; the API's from DESIGN.md section 6
    "intake: API: a question": 50.0,
    "search: 50 readers": 50.0,
}
OTHER_LIMIT = 1000.0  # p99 of pages that people wait for


@dataclass
class Plan:
    """How much of everything."""

    minutes: float = 10.0
    database: str = "sqlite"
    rate: float = 100.0
    entries: int = 5_000
    every: float = 5.0  # seconds between two looks at the processes


@dataclass
class Lived:
    """What a run left."""

    plan: Plan
    watch: Watch = field(default_factory=Watch)
    vitals: Vitals = field(default_factory=Vitals)
    posted: Result = field(default_factory=Result)
    searched: Result = field(default_factory=Result)
    done: Mapping[str, int] = field(default_factory=dict)
    grown: dict[str, int] = field(default_factory=dict)  # bytes, by where

    @property
    def questions(self) -> int:
        """How many were recorded."""
        return self.posted.statuses.get("201", 0)

    @property
    def failures(self) -> dict[str, int]:
        """Everything that failed, by what it was and how often."""
        bad = {
            f"{name}: {status}": times
            for name, result in (("API", self.posted), ("search", self.searched))
            for status, times in result.statuses.items()
            if not status.startswith(("2", "3"))
        }
        return bad | dict(self.watch.failures)


async def measure(stage: Stage) -> list[Row]:
    """The rows of a run as the command line wants it."""
    plan = Plan(minutes=stage.minutes, database=stage.database)
    if stage.quick:
        plan = Plan(0.5, stage.database, rate=10.0, entries=500, every=1.0)
    return rows(await live(plan, stage.directory / "life"))


async def live(plan: Plan, directory: Path, forge: Forge | None = None) -> Lived:
    """Let everybody use a platform of its own for so many minutes."""
    postgres = None
    directory.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as ends:
        if plan.database == "postgresql":
            postgres = PostgresServer(directory / "postgres", durable=True)
            await asyncio.to_thread(postgres.start)
            ends.callback(postgres.stop)
        index = IndexServer(directory / "index")
        await asyncio.to_thread(index.start)
        ends.callback(index.stop)
        write, read = await asyncio.to_thread(index.keys)
        keys = {"CRI_PUBLISHING_INDEX_KEY": write, "CRI_SEARCH_INDEX_KEY": read}
        house = House(
            directory,
            services=SERVICES,
            postgres=postgres,
            forge=forge,
            small_disks=False,
            **UNLIMITED,
            **keys,
            CRI_INDEX_URL=index.url,
        )
        ends.callback(house.close)
        await house.open()
        await _shelve(house, plan.entries)
        beside = {"cri-index": index.pid, "nats-server": house.nats.pid}
        return await _lived(plan, house, beside)


async def _shelve(house: House, entries: int) -> None:
    """Give readers something to search."""
    urls = [house.services[name][0].database_url for name in ("publishing", "search")]
    await asyncio.to_thread(fill, *urls, entries)
    await asyncio.to_thread(house.services["publishing"][0].run, "rebuild-index")


async def _lived(plan: Plan, house: House, beside: Mapping[str, int]) -> Lived:
    lived, seconds = Lived(plan), plan.minutes * 60
    people = People(house, lived.watch)
    parts = await people.arrive()
    urls = {name: processes[0].url for name, processes in house.services.items()}
    pids = {name: processes[0].pid for name, processes in house.services.items()} | dict(beside)
    why = {
        name: Lateness(process, house.nats).story for name, (process, *_) in house.services.items()
    }
    before = await _sizes(house)
    looking = asyncio.create_task(lived.vitals.look(urls, pids, plan.every, why))
    try:
        lived.posted, lived.searched, _ = await asyncio.gather(
            generate(_questions(house, plan, seconds)),
            generate(_searches(house, seconds)),
            people.work(parts, seconds),
        )
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
    after = await _sizes(house)
    lived.done = people.done
    lived.grown = {where: after[where] - before[where] for where in after}
    return lived


def _questions(house: House, plan: Plan, seconds: float) -> Load:
    wanted = int(plan.rate * seconds)
    requests = [request_of(house.key, f"life-{n:012d}") for n in range(wanted)]
    return Load(
        house.intake.port, wanted, requests, rate=plan.rate, most=ON_THE_WAY, seconds=seconds
    )


def _searches(house: House, seconds: float) -> Load:
    wanted = int(SEARCHES * seconds)
    asked = [{"path": path} for path in islice(addresses(seed=23), wanted)]
    port = house.services["search"][0].port
    return Load(port, wanted, asked, rate=SEARCHES, most=READERS, seconds=seconds)


async def _sizes(house: House) -> dict[str, int]:
    """Bytes of each service's database and of the streams."""
    found = {"streams": await in_streams(house.nats.url)}
    for name, (process, *_) in house.services.items():
        found[name] = await in_database(process.database_url)
    return found


def rows(lived: Lived) -> list[Row]:
    """What a run found, beside its limits."""
    plan, kind = lived.plan, lived.plan.database
    done = ", ".join(f"{times:,} {what}" for what, times in sorted(lived.done.items()))
    failed = ", ".join(f"{times} x {what}" for what, times in sorted(lived.failures.items()))
    rate = lived.questions / lived.posted.seconds
    return [
        Row(
            f"life, {kind}, {plan.minutes:g} minutes: questions recorded",
            rate,
            "a second",
            limit=plan.rate,
            at_least=True,
            note=f"{lived.questions:,} in all; meanwhile {done}",
        ),
        Row("failures", float(sum(lived.failures.values())), "", limit=0.0, note=failed),
        *_latencies(lived),
        *(
            Row(
                f"{name}: oldest event that waited to leave",
                seconds,
                "s",
                limit=LATE_SECONDS,
                note=lived.vitals.late.get(name, ""),
            )
            for name, seconds in lived.vitals.age.items()
        ),
        *(
            Row(f"{name}: events that waited to be taken in, at most", number, "")
            for name, number in lived.vitals.lag.items()
        ),
        *_memory(lived),
        *(
            Row(f"{name}: processor", 100 * share, "% of a core")
            for name, share in lived.vitals.shares().items()
        ),
        *(
            Row(f"{name} grew for each question", grown / max(lived.questions, 1), "bytes")
            for name, grown in lived.grown.items()
        ),
    ]


def _latencies(lived: Lived) -> list[Row]:
    surfaces = {
        "intake: API: a question": lived.posted.latencies,
        "intake: API: a question, once it was sent": lived.posted.once_sent,
        "search: 50 readers": lived.searched.latencies,
        **dict(sorted(lived.watch.latencies.items())),
    }
    return [
        Row(
            f"{name}: p99 of {len(seen):,}",
            percentile(seen, 99),
            "ms",
            limit=LIMITS.get(name, OTHER_LIMIT),
            note=f"p50 {percentile(seen, 50):.0f}, p95 {percentile(seen, 95):.0f} ms",
        )
        for name, seen in surfaces.items()
        if seen
    ]


def _memory(lived: Lived) -> list[Row]:
    judged = LIMIT_MB_PER_HOUR if lived.plan.minutes >= FEWEST_MINUTES else None
    return [
        Row(
            f"{name}: memory, had it gone on growing for an hour",
            lived.vitals.per_hour(name),
            "MB",
            limit=judged,
            note=f"{seen[0]:.0f} MB at first, {seen[-1]:.0f} MB at last",
        )
        for name, seen in lived.vitals.memory.items()
    ]
