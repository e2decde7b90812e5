"""The search index over Meilisearch, or over cri-index, which speaks the same."""

import asyncio
import datetime as dt
import html
import re
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from meilisearch.errors import MeilisearchApiError
from meilisearch.models.task import TaskInfo

from cri_shared import clock
from cri_shared.index.connection import Connection
from cri_shared.index.documents import OWN_FILTERS, EntryDocument
from cri_shared.index.port import (
    AnyOf,
    ChangedSince,
    Changes,
    Filters,
    Hit,
    IndexRefused,
    Page,
    Query,
    Range,
    SearchUnavailable,
)
from cri_shared.index.search_settings import INDEX, WEIGHT, WEIGHTS, outdated, settings
from cri_shared.index.text import query_languages

# Private-use characters around matches: the text is escaped first, then they become <mark>.
MARK, END_OF_MARK = "\ue000", "\ue001"
_NO_MARKS = {ord(MARK): None, ord(END_OF_MARK): None}

SNIPPET_WORDS = 40
BATCH = 1_000
IDS_AT_ONCE = 500
# Batches of a rebuild that may wait in the engine while the next one is read.
UNDER_WAY = 3
# Transactions that began before a rebuild may end after it began.
MARGIN = dt.timedelta(seconds=30)
MOST_CATCHING_UP = 20

_TASK_SECONDS = 60.0
_REBUILD_TASK_SECONDS = 600.0
_NAME = re.compile(r"[a-z_]+")
_SHOWN = (
    *("id", "entry_id", "slug", "language", "readers", "question", "country", "region"),
    *("topics", "topic_groups", "outcome", "labels", "year"),
    *("information_date", "review_by", "status"),
)
# Languages of ours that Meilisearch takes as a hint; it refuses any it does not know.
_HINTS = frozenset(
    "am ar de el en es fa fr hi hy it ka ne nl pt ro ru tr vi".split(" ")  # noqa: SIM905
)


def marked(text: str | None) -> str:
    """Safe HTML of a text in which the engine put our marks: escaped, matches in `<mark>`."""
    escaped = html.escape(text or "")
    return escaped.replace(MARK, "<mark>").replace(END_OF_MARK, "</mark>")


def filter_expressions(filters: Filters) -> list[str]:
    """The filters in Meilisearch's language, to be and-ed; no value can become part of it."""
    return [
        expression
        for name, wanted in filters.items()
        for expression in _conditions(_checked_name(name), wanted)
    ]


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a filter names a field of the index")
    return name


def _conditions(name: str, wanted: AnyOf | Range) -> list[str]:
    if isinstance(wanted, Mapping):
        signs = {"gte": ">=", "lte": "<="}
        return [f"{name} {signs[end]} {int(value)}" for end, value in wanted.items()]
    values = [wanted] if isinstance(wanted, str) else wanted
    return [f"{name} IN [{', '.join(_quoted(value) for value in values)}]"] if values else []


def _quoted(value: str | int) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


class MeilisearchIndex:
    """SearchIndex by the package `meilisearch`, whose calls block: each runs in a thread.

    `seconds` bounds every single request.
    """

    def __init__(self, url: str, key: str, uid: str = INDEX, *, seconds: float = 5.0) -> None:
        self._connection = Connection(url, key, seconds)
        self._uid = uid

    async def ensure(self) -> None:
        """Create the index with its settings, or update those that differ."""
        await self._connection.run(lambda: self._ensure(self._uid))

    def _ensure(self, uid: str) -> None:
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

    def _create(self, task: TaskInfo) -> None:
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

    def _enqueue(self, uid: str, documents: Sequence[EntryDocument]) -> TaskInfo:
        return self._connection.index(uid).add_documents([_prepared(each) for each in documents])

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
        queries = self._queries(query)
        try:
            results = await self._search(queries)
        except IndexRefused as refused:
            # An older engine knows fewer languages.
            if refused.code != "invalid_search_locales":
                raise
            results = await self._search([_without(each, "locales") for each in queries])
        return _page(query, results)

    async def _search(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = await self._connection.run(lambda: self._connection.client().multi_search(queries))
        return answer["results"]

    def _queries(self, query: Query) -> list[dict[str, Any]]:
        """The page, then the counts of every chosen facet without its own filters."""
        common: dict[str, Any] = {
            "indexUid": self._uid,
            "q": query.text,
            "matchingStrategy": "frequency",
        }
        hints = [tag for tag in query_languages(query.text, query.languages) if tag in _HINTS]
        if query.text and hints:
            common["locales"] = hints
        page = {
            **common,
            "filter": filter_expressions(query.filters),
            "facets": [name for name in query.facets if not _own_filters(query, name)],
            "page": query.page,
            "hitsPerPage": query.per_page,
            "attributesToRetrieve": list(_SHOWN),
            "attributesToHighlight": ["question", "answer"],
            "attributesToCrop": ["answer"],
            "cropLength": SNIPPET_WORDS,
            "cropMarker": "…",
            "highlightPreTag": MARK,
            "highlightPostTag": END_OF_MARK,
        }
        if query.sort:
            page["sort"] = [query.sort]
        return [page, *({**common, **counting} for counting in _counting(query))]

    async def rebuild(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> int:
        """Index everything anew aside, catch up, swap at once, catch up again."""
        began = clock.now() - MARGIN
        aside = f"{self._uid}_{uuid.uuid4().hex[:12]}"
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
            waiting.append(
                await self._connection.run(lambda batch=batch: self._enqueue(uid, batch))  # type: ignore[misc]
            )
            if len(waiting) > UNDER_WAY:
                await self._finish(waiting.pop(0))
        for task in waiting:
            await self._finish(task)
        return count

    async def _finish(self, task: TaskInfo) -> None:
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

    def _drop(self, uid: str) -> None:
        self._connection.finish(self._connection.index(uid).delete(), _TASK_SECONDS)

    async def count(self) -> int:
        """How many documents there are."""
        stats = await self._connection.run(lambda: self._connection.index(self._uid).get_stats())
        return int(stats.number_of_documents)

    async def available(self) -> bool:
        """Whether the engine answers; never raises."""
        try:
            health = await self._connection.run(
                lambda: self._connection.client().http.get("health"), repeat=False
            )
        except (SearchUnavailable, IndexRefused):
            return False
        return bool(health.get("status") == "available")

    async def close(self) -> None:
        """Let go of connections."""
        self._connection.close()


def _prepared(document: EntryDocument) -> dict[str, Any]:
    """The document as the engine gets it: with its weight, without characters that we mark with."""
    return {
        **document,
        "question": document["question"].translate(_NO_MARKS),
        "answer": document["answer"].translate(_NO_MARKS),
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


def _own_filters(query: Query, facet: str) -> tuple[str, ...]:
    """The filters in use that choose among the values of a facet."""
    own = OWN_FILTERS.get(facet, (facet,))
    return tuple(name for name in own if query.filters.get(name))


def _counting(query: Query) -> list[dict[str, Any]]:
    """What to ask for the counts of chosen facets: one query for those that leave out the same."""
    together: dict[tuple[str, ...], list[str]] = {}
    for facet in query.facets:
        if own := _own_filters(query, facet):
            together.setdefault(own, []).append(facet)
    return [
        {
            "filter": filter_expressions(
                {name: wanted for name, wanted in query.filters.items() if name not in own}
            ),
            "facets": facets,
            "hitsPerPage": 0,
        }
        for own, facets in together.items()
    ]


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def _page(query: Query, results: list[dict[str, Any]]) -> Page:
    counted: dict[str, dict[str, int]] = {}
    for result in results:
        counted |= result.get("facetDistribution") or {}
    return Page(
        hits=[_hit(each) for each in results[0]["hits"]],
        total=int(results[0]["totalHits"]),
        facets={name: counted.get(name, {}) for name in query.facets},
        took_ms=sum(int(result["processingTimeMs"]) for result in results),
    )


def _hit(found: dict[str, Any]) -> Hit:
    shown = found.get("_formatted") or {}
    return Hit(
        id=str(found["id"]),
        document=_without(found, "_formatted"),
        title_html=marked(shown.get("question")),
        snippet_html=marked(shown.get("answer")),
    )
