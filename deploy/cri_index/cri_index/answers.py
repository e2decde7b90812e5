"""The answer to one search: hits with marks, totals, facet counts."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, TypedDict, TypeVar

import tantivy as tv
from cri_shared.index.text import fold, query_languages

from cri_index.engine import Snapshot
from cri_index.errors import bad_request
from cri_index.highlight import Highlighter
from cri_index.parameters import SearchParameters
from cri_index.ranking import condition, filtered, not_a_facet, preferring, relevance
from cri_index.schema import Document, language_of, part_of, reading_of
from cri_index.words import Meaning, understand

T = TypeVar("T")

# Enough for every value of a facet; the answer is cut to `maxValuesPerFacet` after sorting.
_BUCKETS = 10_000
_beside = ThreadPoolExecutor(1, thread_name_prefix="counting")


class _Manner(TypedDict):
    mark: bool
    crop: int | None


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
        self._relevance: tv.Query = like._relevance if like and same else self._any_of_it()
        self._matching = self._narrowed()
        self._shown = {*parameters.highlight, *parameters.crop}
        self._needed = _needed(parameters.retrieve, self._shown)
        self._counting = self._counts()
        self._searching = self._search()
        self._wait: Callable[[], Any] = bool

    @staticmethod
    def begin(answers: Sequence["Answer"]) -> None:
        """Let the engine do beside, in a thread, what marking hits can go on without.

        The engine works without the interpreter's lock, and marking needs nothing else. All of it
        goes over at once: to hand work to a thread and wake it takes time, too.
        """
        beside = _beside.submit(Answer._ahead, answers)
        for answer in answers:
            answer._wait = beside.result

    @staticmethod
    def _ahead(answers: Sequence["Answer"]) -> None:
        for answer in answers:
            if answer._asked.facets:
                answer._counting = partial(_known, answer._counting())
            if not answer._window()[1]:
                answer._searching = partial(_known, answer._searching())

    def _understood(self) -> Meaning:
        languages = self._asked.locales or query_languages(self._asked.q)
        return understand(self._asked.q, languages, self._snapshot.known)

    def _any_of_it(self) -> tv.Query:
        every = self._asked.all_words
        return relevance(self._meaning, self._fields, self._searcher.doc_freq, all_words=every)

    def _means_the_same(self, other: "Answer") -> bool:
        mine, theirs = self._asked, other._asked
        return self._snapshot == other._snapshot and (mine.q, mine.locales, mine.all_words) == (
            *(theirs.q, theirs.locales),
            theirs.all_words,
        )

    def _narrowed(self) -> tv.Query:
        tree = self._asked.filter
        return filtered(self._relevance, condition(tree, self._fields)) if tree else self._relevance

    def _ranked(self) -> tv.Query:
        """What matches, as hits are ranked: who only counts need not look at languages."""
        hinted = self._asked.locales and "language" in self._fields.filterable
        if not hinted or self._asked.sort or not self._window()[1]:
            return self._matching
        return preferring(self._matching, self._asked.locales[0], self._fields)

    def body(self) -> dict[str, Any]:
        """The JSON body of the response."""
        offset, limit = self._window()
        if not limit:
            self._wait()
        found = self._searching()
        hits = [self._hit(address) for _, address in found.hits[:limit]]
        self._wait()
        body: dict[str, Any] = {"hits": hits, "query": self._asked.q}
        body |= self._totals(min(_count(found), self._most), offset)
        if self._asked.facets:
            body |= self._facets()
        body["processingTimeMs"] = int((time.perf_counter() - self._started) * 1000)
        return body

    @property
    def _most(self) -> int:
        most: int = self._settings["pagination"]["maxTotalHits"]
        return most

    def _window(self) -> tuple[int, int]:
        return self._asked.window(self._most)

    def _search(self) -> Callable[[], tv.SearchResult]:
        offset, limit = self._window()
        page: Any = {"limit": max(1, limit), "offset": offset, "count": True, **self._order()}
        return partial(self._searcher.search, self._ranked(), **page)

    def _order(self) -> dict[str, Any]:
        if self._asked.sort:
            attribute, _, direction = self._asked.sort.rpartition(":")
            if attribute not in self._fields.sortable:
                raise bad_request(
                    "invalid_search_sort", f"Attribute `{attribute}` is not sortable."
                )
            order = tv.Order.Asc if direction == "asc" else tv.Order.Desc
            return {"order_by_field": self._fields.number(attribute), "order": order}
        if not self._window()[1] and self._fields.any_number:
            # Nobody looks at the ranking: half of the time goes without scores.
            return {"order_by_field": self._fields.any_number}
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
        found = self._searcher.doc(address)
        document = part_of(found, self._needed)
        wanted = self._asked.retrieve
        hit = (
            dict(document) if wanted is None else {k: document[k] for k in wanted if k in document}
        )
        if self._shown:
            formatted = {name: _as_text(value) for name, value in hit.items()}
            hit["_formatted"] = formatted | self._formatted(document, found)
        return hit

    def _formatted(self, document: Document, found: tv.Document) -> Document:
        language = language_of(document)
        runs, read = reading_of(found)
        matches = self._highlighter.matches(read, language)
        return {
            name: matches.show(value, runs[name], **self._manner(name))
            if name in runs
            else self._marked(name, value, language)
            for name, value in document.items()
            if name in self._shown or "*" in self._shown
        }

    def _marked(self, name: str, value: Any, language: str) -> Any:
        if isinstance(value, list):
            return [self._marked(name, each, language) for each in value]
        text = _as_text(value)
        if not isinstance(text, str):
            return text
        return self._highlighter.show(text, language, **self._manner(name))

    def _manner(self, name: str) -> _Manner:
        """How an attribute is shown."""
        mark = name in self._asked.highlight or "*" in self._asked.highlight
        return {"mark": mark, "crop": self._asked.crop.get(name, self._asked.crop.get("*"))}

    @cached_property
    def _highlighter(self) -> Highlighter:
        return Highlighter(self._meaning, self._asked.marks)

    def _counts(self) -> Callable[[], dict[str, Any]]:
        request: dict[str, Any] = {}
        for name in self._facet_names():
            if name not in self._fields.filterable:
                raise not_a_facet(name, self._fields)
            request[f"values.{name}"] = {
                "terms": {"field": self._fields.text(name), "size": _BUCKETS}
            }
        return partial(self._searcher.aggregate, self._matching, request)

    def _facet_names(self) -> Sequence[str]:
        return self._fields.filterable if "*" in self._asked.facets else self._asked.facets

    def _facets(self) -> dict[str, Any]:
        counted = self._counting()
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
            counts.sort(key=itemgetter(1), reverse=True)
        return dict(counts[: faceting["maxValuesPerFacet"]])

    def facet_hits(self, name: str, start: str) -> list[dict[str, Any]]:
        """Values of a facet of which a word begins with `start`, with counts."""
        folded = fold(start)
        counts = self._facets()["facetDistribution"][name]
        return [
            {"value": value, "count": count}
            for value, count in counts.items()
            if any(word.startswith(folded) for word in [fold(value), *fold(value).split()])
        ]


def _needed(retrieve: Sequence[str] | None, shown: set[str]) -> set[str] | None:
    """The attributes of a document that its hit is made of; None for all."""
    return None if retrieve is None or "*" in shown else shown.union(retrieve)


def _as_text(value: Any) -> Any:
    """Numbers become text among formatted values, as in Meilisearch."""
    return str(value) if type(value) in (int, float) else value


def _known(told: T) -> T:
    return told


def _count(found: tv.SearchResult) -> int:
    # The engine's type declarations leave this attribute out.
    count: int = found.count  # type: ignore[attr-defined]
    return count
