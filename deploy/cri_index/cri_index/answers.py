"""The answer to one search: hits with marks, totals, facet counts."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import tantivy as tv
from cri_shared.index.text import fold, query_languages

from cri_index.engine import Snapshot, read
from cri_index.errors import bad_request
from cri_index.highlight import Highlighter
from cri_index.parameters import SearchParameters
from cri_index.ranking import condition, filtered, not_a_facet, preferring, relevance
from cri_index.schema import Document, language_of
from cri_index.words import Meaning, understand

# Enough for every value of a facet; the answer is cut to `maxValuesPerFacet` after sorting.
_BUCKETS = 10_000
_threads = ThreadPoolExecutor(2, thread_name_prefix="counting")


class Answer:
    """Answers one search on the documents as they are at its beginning."""

    def __init__(
        self, snapshot: Snapshot, parameters: SearchParameters, like: "Answer | None" = None
    ) -> None:
        """`like` answers the same words at the same time: what they mean is known from it."""
        self._started = time.perf_counter()
        self._fields = snapshot.fields
        self._settings = snapshot.settings
        self._searcher = snapshot.searcher
        self._asked = parameters
        self._snapshot = snapshot
        same = like is not None and like._means_the_same(self)
        self._meaning: Meaning = like._meaning if like and same else self._understood()
        self._query = self._whole_query()
        self._highlighters: dict[str, Highlighter] = {}

    def _understood(self) -> Meaning:
        languages = self._asked.locales or query_languages(self._asked.q)
        return understand(self._asked.q, languages, self._snapshot.known)

    def _means_the_same(self, other: "Answer") -> bool:
        mine, theirs = self._asked, other._asked
        same_words = (mine.q, mine.locales) == (theirs.q, theirs.locales)
        return same_words and self._snapshot.known == other._snapshot.known

    def _whole_query(self) -> tv.Query:
        query = relevance(self._meaning, self._fields, all_words=self._asked.all_words)
        if self._asked.locales and "language" in self._fields.filterable and not self._asked.sort:
            query = preferring(query, self._asked.locales[0], self._fields)
        tree = self._asked.filter
        return filtered(query, condition(tree, self._fields)) if tree else query

    def body(self) -> dict[str, Any]:
        """The JSON body of the response."""
        most = self._settings["pagination"]["maxTotalHits"]
        offset, limit = self._asked.window(most)
        counting = self._counting(beside=limit > 0)
        found: Any = self._searcher.search(
            self._query, limit=max(1, limit), offset=offset, count=True, **self._order()
        )
        hits = [self._hit(address) for _, address in found.hits[:limit]]
        body: dict[str, Any] = {"hits": hits, "query": self._asked.q}
        body |= self._totals(min(_count(found), most), offset)
        if counting:
            body |= self._facets(counting)
        body["processingTimeMs"] = int((time.perf_counter() - self._started) * 1000)
        return body

    def _order(self) -> dict[str, Any]:
        if self._asked.sort:
            attribute, _, direction = self._asked.sort.rpartition(":")
            if attribute not in self._fields.sortable:
                raise bad_request(
                    "invalid_search_sort", f"Attribute `{attribute}` is not sortable."
                )
            order = tv.Order.Asc if direction == "asc" else tv.Order.Desc
            return {"order_by_field": self._fields.number(attribute), "order": order}
        return {"weight_by_field": self._fields.weight} if self._fields.weight else {}

    def _totals(self, total: int, offset: int) -> dict[str, Any]:
        if self._asked.page is None:
            return {"limit": self._asked.limit, "offset": offset, "estimatedTotalHits": total}
        per_page = self._asked.per_page
        return {
            "hitsPerPage": per_page,
            "page": self._asked.page,
            "totalPages": math.ceil(total / per_page) if per_page else 0,
            "totalHits": total,
        }

    def _hit(self, address: tv.DocAddress) -> Document:
        document = read(self._searcher, address)
        wanted = self._asked.retrieve
        hit = (
            dict(document) if wanted is None else {k: document[k] for k in wanted if k in document}
        )
        shown = {*self._asked.highlight, *self._asked.crop}
        if shown:
            hit["_formatted"] = self._formatted(document, hit, shown)
        return hit

    def _formatted(self, document: Document, hit: Document, shown: set[str]) -> Document:
        language = language_of(document)
        everything = "*" in shown
        formatted: Document = {}
        for name, value in document.items():
            if everything or name in shown:
                formatted[name] = self._shown(name, value, language)
            elif name in hit:
                formatted[name] = _as_text(value)
        return formatted

    def _shown(self, name: str, value: Any, language: str) -> Any:
        if isinstance(value, list):
            return [self._shown(name, each, language) for each in value]
        text = _as_text(value)
        if not isinstance(text, str):
            return text
        mark = name in self._asked.highlight or "*" in self._asked.highlight
        crop = self._asked.crop.get(name, self._asked.crop.get("*"))
        return self._highlighter(language).show(text, mark=mark, crop=crop)

    def _highlighter(self, language: str) -> Highlighter:
        if language not in self._highlighters:
            made = Highlighter(self._meaning, language, self._asked.marks)
            self._highlighters[language] = made
        return self._highlighters[language]

    def _counting(self, *, beside: bool = False) -> Callable[[], dict[str, Any]] | None:
        """What gives the counts of the facets; `beside` the hits, in a thread, from now on.

        The engine counts without the interpreter's lock, and marking the hits needs nothing else.
        """
        if not self._asked.facets:
            return None
        request: dict[str, Any] = {}
        for name in self._facet_names():
            if name not in self._fields.filterable:
                raise not_a_facet(name, self._fields)
            request[f"values.{name}"] = {
                "terms": {"field": self._fields.text(name), "size": _BUCKETS}
            }
        count = partial(self._searcher.aggregate, self._query, request)
        return _threads.submit(count).result if beside else count

    def _facet_names(self) -> Sequence[str]:
        return self._fields.filterable if "*" in self._asked.facets else self._asked.facets

    def _facets(self, counting: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        counted = counting()
        return {
            "facetDistribution": {
                name: self._distribution(name, counted[f"values.{name}"]["buckets"])
                for name in self._facet_names()
            },
            "facetStats": {},
        }

    def _distribution(self, name: str, buckets: list[dict[str, Any]]) -> dict[str, int]:
        faceting = self._settings["faceting"]
        orders = faceting["sortFacetValuesBy"]
        counts = sorted((bucket["key"], bucket["doc_count"]) for bucket in buckets)
        if orders.get(name, orders["*"]) == "count":
            counts.sort(key=lambda pair: -pair[1])
        return dict(counts[: faceting["maxValuesPerFacet"]])

    def facet_hits(self, name: str, start: str) -> list[dict[str, Any]]:
        """Values of a facet of which a word begins with `start`, with counts."""
        folded = fold(start)
        counting = self._counting()
        counts = self._facets(counting)["facetDistribution"][name] if counting else {}
        return [
            {"value": value, "count": count}
            for value, count in counts.items()
            if any(word.startswith(folded) for word in [fold(value), *fold(value).split()])
        ]


def _as_text(value: Any) -> Any:
    """Numbers become text among formatted values, as in Meilisearch."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _count(found: tv.SearchResult) -> int:
    # The engine's type declarations leave this attribute out.
    count: int = found.count  # type: ignore[attr-defined]
    return count
