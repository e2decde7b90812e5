"""From the button that publishes an entry to the first search that finds it."""

import asyncio
import time

import httpx

from tests.bench.editors import Desk, unheard_of
from tests.bench.library import Library, library
from tests.bench.measuring import median
from tests.bench.report import Row
from tests.bench.stage import Stage

PATIENCE = 20.0
PAUSE = 0.01


async def measure(stage: Stage) -> list[Row]:
    """Publishing, the bus, search and the index as deployed; somebody searches all the time."""
    shelves = await stage.once(library)
    nats_url = await stage.nats_url()
    took = []
    async with shelves.open():
        desk = await Desk.open(shelves.publishing, nats_url)
        for number in range(4 if stage.quick else 12):
            took.append(await _published(shelves, desk, unheard_of(number)))
    return [
        Row(
            "publish in the console, then found by search, among 50,000",
            median(took),
            "ms",
            limit=1000.0,
            note=f"slowest of {len(took)}: {max(took):.0f} ms",
        )
    ]


async def _published(shelves: Library, desk: Desk, word: str) -> float:
    entry_id = await desk.prepare(word)
    began = time.perf_counter()
    searching = asyncio.create_task(_found(shelves.search.url, word, entry_id))
    await desk.publish(entry_id)
    return (await searching - began) * 1000


async def _found(url: str, word: str, entry_id: str) -> float:
    """The moment in which a search for the word gives the entry."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        began = time.perf_counter()
        while time.perf_counter() - began < PATIENCE:
            page = (await client.get("/api/v1/search", params={"q": word})).raise_for_status()
            if entry_id in (hit["entry_id"] for hit in page.json()["hits"]):
                return time.perf_counter()
            await asyncio.sleep(PAUSE)
    raise RuntimeError(f"the entry was not found within {PATIENCE:.0f} s")
