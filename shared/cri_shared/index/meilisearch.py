"""The search index over Meilisearch, or over cri-index, which speaks the same.

Searches are asked in the event loop; whatever else is done goes through the package.
"""

import asyncio
import datetime as dt
import re
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError, to_json

from cri_shared import clock
from cri_shared.index.asking import (
    filter_expressions,
    page_of,
    queries_of,
    without,
)
from cri_shared.index.comparison import Comparison, compared, digest_of
from cri_shared.index.documents import EntryDocument
from cri_shared.index.marks import in_one_line, unmarked
from cri_shared.index.port import (
    ChangedSince,
    Changes,
    Filters,
    IndexRefused,
    Page,
    Query,
    SearchUnavailable,
)
from cri_shared.index.search_settings import INDEX, WEIGHT, WEIGHTS, outdated, settings
from cri_shared.index.wire import Wire

if TYPE_CHECKING:
    from meilisearch.models.task import TaskInfo

    from cri_shared.index.connection import Connection

BATCH = 1_000
IDS_AT_ONCE = 500
READ_AT_ONCE = 500
# Batches of a rebuild that may wait in the engine while the next one is read. cri-index makes one
# segment of eight, for it would put smaller ones together again; more come while it writes that.
UNDER_WAY = 11
# Transactions that began before a rebuild may end after it began.
MARGIN = dt.timedelta(seconds=30)
MOST_CATCHING_UP = 20
# A rebuild takes minutes: what is so old was left by one that was killed.
LEFT_BEHIND = dt.timedelta(days=1)

_TASK_SECONDS = 60.0
_REBUILD_TASK_SECONDS = 600.0


class MeilisearchIndex:
    """SearchIndex by the package `meilisearch`, whose calls block: each runs in a thread.

    `seconds` bounds every single request.
    """

    def __init__(self, url: str, key: str, uid: str = INDEX, *, seconds: float = 5.0) -> None:
        self._wire = Wire(url, key, seconds)
        self._told = (url, key, seconds)
        self._uid = uid

    @cached_property
    def _connection(self) -> "Connection":
        """The package's way to the server; who only searches never loads it (5 MB)."""
        from cri_shared.index.connection import Connection

        return Connection(*self._told)

    async def ensure(self) -> None:
        """Create the index with its settings, or update those that differ."""
        await self._connection.run(lambda: self._ensure(self._uid))

    def _ensure(self, uid: str) -> None:
        from meilisearch.errors import MeilisearchApiError

        client, index = self._connection.client(), self._connection.index(uid)
        try:
            found = index.get_settings()
        except MeilisearchApiError as error:
            if error.code != "index_not_found":
                raise
            self._create(client.create_index(uid, {"primaryKey": "id"}))
            found = index.get_settings()
        changes = outdated(settings(), found)
        if changes:
            self._connection.finish(index.update_settings(changes), _REBUILD_TASK_SECONDS)

    def _create(self, task: "TaskInfo") -> None:
        try:
            self._connection.finish(task, _TASK_SECONDS)
        except IndexRefused as refused:
            # Another process was faster.
            if refused.code != "index_already_exists":
                raise

    async def put(self, documents: Iterable[EntryDocument]) -> None:
        """Add or replace; found by searches that start after this returns."""
        await self._put(self._uid, list(documents))

    async def _put(self, uid: str, documents: Sequence[EntryDocument]) -> None:
        for start in range(0, len(documents), BATCH):
            batch = documents[start : start + BATCH]
            await self._connection.run(lambda batch=batch: self._add(uid, batch))  # type: ignore[misc]

    def _add(self, uid: str, documents: Sequence[EntryDocument]) -> None:
        self._connection.finish(self._enqueue(uid, documents), _TASK_SECONDS)

    def _enqueue(self, uid: str, documents: Sequence[EntryDocument]) -> "TaskInfo":
        index, prepared = self._connection.index(uid), [_prepared(each) for each in documents]
        try:
            return index.add_documents_json(to_json(prepared))
        except PydanticSerializationError:  # half a character: the engine refuses it, and says so
            return index.add_documents(prepared)

    async def delete(self, ids: Iterable[str]) -> None:
        """Remove; unknown ids are no error."""
        await self._delete(self._uid, list(ids))

    async def _delete(self, uid: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), IDS_AT_ONCE):
            await self._delete_where(uid, {"id": ids[start : start + IDS_AT_ONCE]})

    async def delete_entry(self, entry_id: str) -> None:
        """Remove every language version of an entry."""
        await self._delete_where(self._uid, {"entry_id": [entry_id]})

    async def _delete_where(self, uid: str, filters: Filters) -> None:
        expressions: list[str | list[str]] = [*filter_expressions(filters)]

        def remove() -> None:
            task = self._connection.index(uid).delete_documents(filter=expressions)
            self._connection.finish(task, _TASK_SECONDS)

        await self._connection.run(remove)

    async def search(self, query: Query) -> Page:
        """One page of hits; facets are counted by further queries of the same request."""
        queries = queries_of(query, self._uid)
        try:
            results = await self._search(queries)
        except IndexRefused as refused:
            # An older engine knows fewer languages.
            if refused.code != "invalid_search_locales":
                raise
            results = await self._search([without(each, "locales") for each in queries])
        return page_of(query, results)

    async def _search(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = await self._wire.post("multi-search", {"queries": queries})
        found: list[dict[str, Any]] = answer["results"]
        return found

    async def rebuild(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> int:
        """Index everything anew aside, catch up, swap at once, catch up again."""
        began = clock.now() - MARGIN
        aside = f"{self._uid}_{uuid.uuid4().hex[:12]}"
        with suppress(IndexRefused):  # another rebuild swept first
            await self._connection.run(self._sweep)
        try:
            await self._connection.run(lambda: self._ensure(aside))
            count = await self._fill(aside, documents)
            await self._catch_up(aside, changed_since, began)
            await self.ensure()
            # Not repeated: a swap that arrives twice is none.
            await self._connection.run(lambda: self._swap(aside), repeat=False)
        finally:
            # Left behind where the engine fails now: an index that nobody searches.
            with suppress(SearchUnavailable, IndexRefused):
                await self._connection.run(lambda: self._drop(aside))
        await self._catch_up(self._uid, changed_since, began)
        return count

    async def _fill(self, uid: str, documents: AsyncIterable[EntryDocument]) -> int:
        count = 0
        waiting: list[TaskInfo] = []
        async for batch in _batches(documents):
            count += len(batch)
            if len(waiting) == UNDER_WAY:
                await self._finish(waiting.pop(0))
            waiting.append(
                await self._connection.run(lambda batch=batch: self._enqueue(uid, batch))  # type: ignore[misc]
            )
        for task in waiting:
            await self._finish(task)
        return count

    async def _finish(self, task: "TaskInfo") -> None:
        await asyncio.to_thread(self._connection.finish, task, _REBUILD_TASK_SECONDS)

    async def _catch_up(self, uid: str, changed_since: ChangedSince, began: dt.datetime) -> None:
        """Apply changes until nothing changes while they are applied.

        Then no newer state can have been overwritten by an older one that was read before it.
        """
        applied = Changes()
        for _ in range(MOST_CATCHING_UP):
            changes = await changed_since(began)
            if changes == applied:
                return
            await self._put(uid, changes.put)
            await self._delete(uid, changes.delete)
            applied = changes

    def _swap(self, aside: str) -> None:
        task = self._connection.client().swap_indexes([{"indexes": [self._uid, aside]}])
        self._connection.finish(task, _REBUILD_TASK_SECONDS)

    def _sweep(self) -> None:
        """Remove what rebuilds left that were killed."""
        ours = re.compile(rf"{re.escape(self._uid)}_[0-9a-f]{{12}}")
        for one in self._connection.client().http.get("indexes?limit=1000")["results"]:
            since = dt.datetime.fromisoformat(one["createdAt"])
            if ours.fullmatch(one["uid"]) and since < clock.now() - LEFT_BEHIND:
                self._drop(one["uid"])

    def _drop(self, uid: str) -> None:
        self._connection.finish(self._connection.index(uid).delete(), _TASK_SECONDS)

    async def compare(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> Comparison:
        """What the index holds beside these documents; of each a digest is kept in memory."""
        began = clock.now() - MARGIN
        found = await self._digests()
        wanted = {each["id"]: digest_of(_prepared(each)) async for each in documents}
        changes = await changed_since(began)
        changing = (*(each["id"] for each in changes.put), *changes.delete)
        return compared(wanted, found, changing)

    async def _digests(self) -> dict[str, bytes]:
        """Of every document that the index holds, by its id."""
        digests: dict[str, bytes] = {}
        read, total = 0, 1
        while read < total:
            path = f"indexes/{self._uid}/documents?offset={read}&limit={READ_AT_ONCE}"
            page = await self._connection.run(
                lambda path=path: self._connection.client().http.get(path)  # type: ignore[misc]
            )
            digests |= {str(each["id"]): digest_of(each) for each in page["results"]}
            # Where some are removed meanwhile, there are fewer than it said.
            read, total = read + READ_AT_ONCE, page["total"]
        return digests

    async def count(self) -> int:
        """How many documents there are."""
        stats = await self._connection.run(lambda: self._connection.index(self._uid).get_stats())
        return int(stats.number_of_documents)

    async def available(self) -> bool:
        """Whether the engine answers; never raises."""
        try:
            health = await self._wire.get("health")
        except (SearchUnavailable, IndexRefused):
            return False
        return bool(health.get("status") == "available")

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()
        if "_connection" in self.__dict__:
            self._connection.close()


def _prepared(document: EntryDocument) -> dict[str, Any]:
    """The document as the engine gets it: weighed, in one line, without what we mark with."""
    return {
        **document,
        "question": unmarked(document["question"]),
        "answer": in_one_line(unmarked(document["answer"])),
        WEIGHT: WEIGHTS[document["status"]],
    }


async def _batches(
    documents: AsyncIterable[EntryDocument],
) -> AsyncIterator[list[EntryDocument]]:
    batch: list[EntryDocument] = []
    async for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
