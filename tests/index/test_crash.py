"""Killed at any moment, cri-index loses nothing that it acknowledged and does nothing by half."""

import threading
from functools import partial
from pathlib import Path

import meilisearch
import pytest
import requests
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query
from cri_shared.testing.entries import entry
from cri_shared.testing.index import IndexServer
from cri_shared.testing.waiting import eventually, until
from meilisearch.errors import MeilisearchError

TASKS_BEFORE_KILL = (1, 7, 23, 60)
DOCUMENTS = 5


class Writer(threading.Thread):
    """Adds documents, one task after the other, until the server is gone."""

    def __init__(self, server: IndexServer, uid: str, name: str) -> None:
        super().__init__()
        self._index = meilisearch.Client(server.url, server.master_key, timeout=5).index(uid)
        self._name = name
        self.acknowledged: list[str] = []

    def run(self) -> None:
        for number in range(100_000):
            documents = [
                {**entry(f"{self._name}-{number}-{part}", year=number), "rank_weight": 1.0}
                for part in range(DOCUMENTS)
            ]
            try:
                self._index.add_documents(documents)
            except (MeilisearchError, requests.RequestException):  # also in the midst of an answer
                return
            self.acknowledged += [str(document["id"]) for document in documents]

    def has_acknowledged(self, tasks: int) -> bool:
        return len(self.acknowledged) >= tasks * DOCUMENTS


@pytest.fixture
def server(tmp_path: Path) -> IndexServer:
    server = IndexServer(tmp_path / "data")
    server.start()
    return server


async def test_no_acknowledged_task_is_lost(server: IndexServer) -> None:
    index = MeilisearchIndex(server.url, server.master_key)
    await index.ensure()
    acknowledged: list[str] = []
    for round_, tasks in enumerate(TASKS_BEFORE_KILL):
        writer = Writer(server, "entries_v1", f"round{round_}")
        writer.start()
        until(partial(writer.has_acknowledged, tasks))
        server.kill()
        writer.join()
        server.start()
        acknowledged += writer.acknowledged
    client = meilisearch.Client(server.url, server.master_key, timeout=5)
    unfinished = {"statuses": ["enqueued", "processing"]}
    await eventually(lambda: not client.get_tasks(unfinished).results, what="all tasks done")
    assert not client.get_tasks({"statuses": ["failed"]}).results
    assert await index.count() >= len(acknowledged)
    for start in range(0, len(acknowledged), 200):
        part = acknowledged[start : start + 200]
        page = await index.search(Query(filters={"id": part}, per_page=1))
        assert page.total == len(part)
    # No task was carried out by half.
    years = (await index.search(Query(facets=["year"]))).facets["year"]
    assert all(count % DOCUMENTS == 0 for count in years.values())
    await index.close()
    server.stop()


async def test_no_swap_is_done_twice(server: IndexServer) -> None:
    """After any kill, the names stand where an even or odd number of swaps puts them."""
    client = meilisearch.Client(server.url, server.master_key, timeout=5)
    for uid in ("one", "other"):
        client.create_index(uid, {"primaryKey": "id"})
    client.index("one").add_documents([{"id": "a"}])
    for swaps in (1, 2, 5, 9, 14):
        for _ in range(swaps):
            client.swap_indexes([{"indexes": ["one", "other"]}])
        server.kill()
        server.start()
    unfinished = {"statuses": ["enqueued", "processing"]}
    await eventually(lambda: not client.get_tasks(unfinished).results, what="all tasks done")
    tasks = client.get_tasks({"limit": 100, "statuses": ["succeeded"]}).results
    swapped = sum(task.type == "indexSwap" for task in tasks)
    assert swapped == 1 + 2 + 5 + 9 + 14
    where = "other" if swapped % 2 else "one"
    assert client.index(where).get_stats().number_of_documents == 1
    server.stop()
