"""A full rebuild of 50,000 entries: searches are answered, and what changes meanwhile is kept."""

import asyncio
import time
from itertools import count

from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query

from tests.bench.client import Connection, request_bytes
from tests.bench.editors import Desk, unheard_of
from tests.bench.library import ENTRIES, Library, library
from tests.bench.measuring import median, percentile
from tests.bench.report import Row
from tests.bench.rows.search import addresses
from tests.bench.stage import Stage

PER_SECOND = 10.0
CHANGES = 3  # entries published and as many withdrawn, spread over a rebuild
_numbers = count(9000)


async def measure(stage: Stage) -> list[Row]:
    """Publishing's command, once with nobody there, then beside a console and searching people."""
    shelves = await stage.once(library)
    nats_url = await stage.nats_url()
    server = await stage.index()
    index = MeilisearchIndex(server.url, (await asyncio.to_thread(server.keys))[1])
    seconds, latencies, lost = [], [], 0
    async with shelves.open():
        desk = await Desk.open(shelves.publishing, nats_url)
        for repeat in range(1 if stage.quick else 2):
            new = [await desk.prepare(unheard_of(next(_numbers))) for _ in range(CHANGES)]
            old = [f"{repeat * CHANGES + n:032x}" for n in range(CHANGES)]
            searching = asyncio.create_task(_search(shelves))
            changing = asyncio.create_task(_change(desk, new, old, shelves.filled))
            seconds.append(await shelves.rebuild())
            searching.cancel()
            latencies += await searching
            await changing
            await asyncio.sleep(1)  # the last change may have come after the rebuild
            lost += [await _has(index, entry_id) for entry_id in new].count(False)
            lost += [await _has(index, entry_id) for entry_id in old].count(True)
    await index.close()
    return [
        Row(f"rebuild of {ENTRIES:,} entries, alone, the index empty", shelves.filled, "s"),
        Row(
            f"rebuild of {ENTRIES:,} entries, {PER_SECOND:.0f} searches/s meanwhile",
            median(seconds),
            "s",
            limit=60.0,
            note=f"searches meanwhile: {len(latencies)} answered, "
            f"p50 {percentile(latencies, 50):.0f} ms, p99 {percentile(latencies, 99):.0f} ms",
        ),
        Row(
            f"changes during a rebuild that were lost, of {len(seconds) * 2 * CHANGES}",
            float(lost),
            "",
            limit=0.0,
        ),
    ]


async def _search(shelves: Library) -> list[float]:
    """Search steadily until cancelled; a search that is not answered ends the measurement."""
    connection = Connection(shelves.search.port)
    latencies: list[float] = []
    try:
        for address in addresses(seed=11):
            began = time.perf_counter()
            answer = await connection.ask(request_bytes("GET", address))
            if answer.status != 200:
                raise RuntimeError(f"a search during the rebuild: {answer.status}")
            latencies.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(max(0.0, 1 / PER_SECOND - latencies[-1] / 1000))
    except asyncio.CancelledError:
        connection.close()
    return latencies


async def _change(desk: Desk, new: list[str], old: list[str], seconds: float) -> None:
    """Publish and withdraw entries in turn, spread over so many seconds."""
    for published, withdrawn in zip(new, old, strict=True):
        await asyncio.sleep(seconds / (CHANGES + 1))
        await desk.publish(published)
        await desk.withdraw(withdrawn)


async def _has(index: MeilisearchIndex, entry_id: str) -> bool:
    return bool((await index.search(Query(filters={"entry_id": [entry_id]}))).total)
