"""What one question, event and entry leave on the disk, and what they take to get there.

The unit costs of `deploy/capacity.md`: real services, each step of its own code, fewer of
everything than elsewhere, because only what grows is counted.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import nats
import psutil
from cri_shared import clock
from cri_shared.bus.envelope import headers_for
from cri_shared.events import Event
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.research import AnswerApproved
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.waiting import eventually

from tests.bench.library import ENTRIES, fill
from tests.bench.load import Load, generate
from tests.bench.measuring import Spent, watching
from tests.bench.report import Row
from tests.bench.rows.record import TEXT, UNLIMITED, post
from tests.bench.sizes import asking, each, in_database, in_index, in_streams
from tests.bench.stage import Stage

KINDS = ("sqlite", "postgresql")
WARM_PAGES = 200
AT_ONCE = 4  # questions: as many a second as are taken, on a slow machine as well
MEGABYTE = 1 << 20
ANSWER = (
    "Two of the three pharmacies that we visited give it to adults who are registered at the "
    "polyclinic of their district. The passport and a certificate of the family doctor are needed "
    "on the first day; who has lived abroad registers first, which takes about ten days. "
) * 3


@dataclass
class Grown:
    """What each of a number of things took: bytes of databases and streams; CPU of all together.

    `memory` is what the service holds after it.
    """

    bytes: float = 0.0
    streamed: float = 0.0
    spent: Spent = field(default_factory=Spent)
    memory: int = 0


async def measure(stage: Stage) -> list[Row]:
    """Entries; then, on both databases, a question, a question heard and an answer heard.

    Of these as many come first that are not counted: what they leave free is used again.
    """
    count, entries = (300, 1_200) if stage.quick else (2_000, ENTRIES)
    rows = await shelved(stage, entries)
    for kind in KINDS:
        rows += await _asked(stage, kind, count)
        rows += await _heard(stage, kind, "research", count, _cleared)
        rows += await _heard(stage, kind, "publishing", count, _approved)
    return rows


async def _asked(stage: Stage, kind: str, count: int) -> list[Row]:
    nats_url = await stage.nats_url()
    intake, stores = await _service(stage, kind, "intake", nats_url, **UNLIMITED)
    key = intake.run("add-organisation", "Bench").strip()
    intake.start()
    try:
        await post(intake.port, key, "warm", count, rate=None, at_once=AT_ONCE)
        async with _growing(stage, nats_url, intake, stores, count) as grown:
            await post(intake.port, key, "grow", count, rate=None, at_once=AT_ONCE)
    finally:
        intake.stop()
    return _rows(stage, kind, "a question posted to intake", grown, intake, count)


async def _heard(
    stage: Stage, kind: str, service: str, count: int, make: Callable[[], Event]
) -> list[Row]:
    """Events of another service, all in the stream first, then taken in with their effects."""
    nats_url = await stage.nats_url()
    hearer, stores = await _service(stage, kind, service, nats_url)
    hearer.start()
    try:
        await _say(nats_url, [make() for _ in range(count)])
        await _all_in(stores[0], count)
        async with _growing(stage, nats_url, hearer, stores, count) as grown:
            await _say(nats_url, [make() for _ in range(count)])
            await _all_in(stores[0], 2 * count)
    finally:
        hearer.stop()
    what = f"{make().subject.removeprefix('cri.').removesuffix('.v1')} heard by {service}"
    streamed = Row(f"{what}, {kind}: stream", grown.streamed, "bytes each")
    return [*_rows(stage, kind, what, grown, hearer, count), streamed]


async def shelved(stage: Stage, count: int) -> list[Row]:
    """Entries in publishing, in search's copy and in an index; then a page of some, once."""
    index = await stage.empty_index("shelf-index")
    write, read = await asyncio.to_thread(index.keys)
    told = {"nats_url": await stage.nats_url(), "CRI_INDEX_URL": index.url}
    one = await stage.service("publishing", "shelf", **told, CRI_PUBLISHING_INDEX_KEY=write)
    other = await stage.service("search", "shelf", **told, CRI_SEARCH_INDEX_KEY=read)
    urls = (one.database_url, other.database_url)
    empty, _ = await in_index(index)
    before = [await in_database(url) for url in urls]
    await asyncio.to_thread(fill, *urls, count)
    await asyncio.to_thread(one.run, "rebuild-index")
    after = [await in_database(url) for url in urls]
    rows = await _read(other, index.pid, count)
    full, room = await in_index(index)
    kept = [each(then, now, count) for then, now in zip(before, after, strict=True)]
    return [
        Row("an entry of one language, publishing", kept[0], "bytes each"),
        Row("an entry of one language, search's copy", kept[1], "bytes each"),
        Row(
            f"an entry of one language, cri-index, of {count:,}",
            each(empty, full, count),
            "bytes each",
            note=f"its journal keeps {room / MEGABYTE:,.1f} MB for the next rebuild",
        ),
        *rows,
    ]


async def _read(search: ServiceProcess, index_pid: int, entries: int) -> list[Row]:
    count = min(2_000, entries // 2)
    pages = [{"path": f"/en/entries/bench-{number:032x}"} for number in range(WARM_PAGES + count)]
    search.start()
    try:
        await generate(Load(search.port, WARM_PAGES, pages[:WARM_PAGES], at_once=1))
        with watching(search.pid) as spent:
            read = await generate(Load(search.port, count, pages[WARM_PAGES:], at_once=1))
        if read.statuses != {"200": count}:
            raise RuntimeError(f"not every entry was shown: {read.statuses}")
        memory = [psutil.Process(pid).memory_info().rss for pid in (search.pid, index_pid)]
    finally:
        search.stop()
    return [
        Row(
            "a page of an entry, search, one at a time, none twice",
            spent.cpu_total * 1000 / count,
            "ms CPU",
            note=f"{read.wire_bytes / count:,.0f} bytes each, not compressed",
        ),
        Row(f"search after that, {entries:,} entries", memory[0] / MEGABYTE, "MB RSS"),
        Row(f"cri-index after that, {entries:,} entries", memory[1] / MEGABYTE, "MB RSS"),
    ]


async def _service(
    stage: Stage, kind: str, service: str, nats_url: str, **settings: str
) -> tuple[ServiceProcess, list[str]]:
    """A service on databases of a kind, and where they are: its own, and that of its keys."""
    name = f"grow-{kind}-{service}"
    stores = [await stage.database_url(kind, f"{name}-{store}") for store in ("data", "keys")]
    mine = f"CRI_{service.upper()}_"
    urls = {f"{mine}DATABASE_URL": stores[0], f"{mine}KEYSTORE_URL": stores[1]}
    made = await stage.service(service, name, nats_url=nats_url, **urls, **settings)
    return made, stores


@asynccontextmanager
async def _growing(
    stage: Stage, nats_url: str, service: ServiceProcess, stores: list[str], count: int
) -> AsyncIterator[Grown]:
    grown = Grown()
    before, streamed = await _settled(stores), await in_streams(nats_url)
    with watching(service.pid, *stage.beside.values()) as grown.spent:
        yield grown
        await _all_out(stores[0])
    grown.memory = psutil.Process(service.pid).memory_info().rss
    grown.bytes = each(before, await _settled(stores), count)
    grown.streamed = each(streamed, await in_streams(nats_url), count)


async def _settled(stores: list[str]) -> int:
    """Bytes of the databases once all that waited to leave has left."""
    await _all_out(stores[0])
    return sum([await in_database(url) for url in stores])


def _rows(
    stage: Stage, kind: str, what: str, grown: Grown, service: ServiceProcess, count: int
) -> list[Row]:
    cpu = grown.spent.cpu
    own = next(milli for pid, milli in cpu.items() if pid not in stage.beside.values())
    beside = ", ".join(
        f"{name} {cpu[pid] * 1000 / count:.2f}" for name, pid in stage.beside.items() if pid in cpu
    )
    return [
        Row(f"{what}, {kind}: databases", grown.bytes, "bytes each"),
        Row(f"{what}, {kind}", own * 1000 / count, "ms CPU", note=f"beside it, ms CPU: {beside}"),
        Row(f"{service.service} after that, {kind}", grown.memory / MEGABYTE, "MB RSS"),
    ]


async def _say(nats_url: str, events: list[Event]) -> None:
    """Say events in the name of the service that says such."""
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    for event in events:
        body = event.model_dump_json().encode()
        await stream.publish(event.subject, body, headers=headers_for(event, version=1))
    await client.close()


async def _all_in(url: str, count: int) -> None:
    async def so_many() -> bool:
        return await asking(url, "SELECT count(*) FROM inbox") >= count

    await eventually(so_many, timeout=300, what=f"{count} events taken in")


async def _all_out(url: str) -> None:
    async def none_waits() -> bool:
        return not await asking(url, "SELECT count(*) FROM outbox WHERE published_at IS NULL")

    await eventually(none_waits, timeout=300, what="every event published")


def _cleared() -> QuestionCleared:
    return QuestionCleared(
        research_id=str(uuid.uuid4()),
        text=TEXT,
        language="en",
        country="AM",
        region="Shirak",
        topics=("health.medication",),
    )


def _approved() -> AnswerApproved:
    today: dt.date = clock.today()
    return AnswerApproved(
        research_id=str(uuid.uuid4()),
        question=TEXT,
        question_language="en",
        country="AM",
        region="Shirak",
        topics=("health.medication",),
        sensitivity="green",
        outcome="found",
        text=ANSWER,
        language="en",
        information_date=today,
        sources=[  # type: ignore[arg-type]
            {"kind": "visit", "label": "Three offices", "consulted_on": str(today)},
            {"kind": "interview", "label": "Health worker", "consulted_on": str(today)},
        ],
        approved_on=today,
    )
