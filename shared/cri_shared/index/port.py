"""What publishing and search need of a search engine; no engine here."""

import datetime as dt
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cri_shared.errors import Unavailable
from cri_shared.index.comparison import Comparison
from cri_shared.index.documents import EntryDocument

AnyOf = Sequence[str | int]
Range = Mapping[str, int]  # {"gte": 2020, "lte": 2025}, either may be missing, both inclusive
Filters = Mapping[str, AnyOf | Range]


class SearchUnavailable(Unavailable):
    """The engine cannot be reached, is starting or is too busy; trying again later helps."""

    slug = "search-unavailable"
    message = "Searching does not work right now. Try again in a few minutes."


class IndexRefused(Exception):
    """The engine refused what we sent: wrong key, unknown setting, failed task.

    `code` is the engine's own word for it (`invalid_api_key`); a person can do nothing about it.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class Query:
    """One search.

    `text` may be empty (everything), hold "quoted phrases" (mandatory) and -words (excluded).
    `filters`: field -> any of these values, or a range of numbers; fields are and-ed, an empty
    sequence does not filter. `facets`: fields to count, each without its own filters, so the other
    values of a chosen facet keep their counts. `sort`: "information_date:desc" or ":asc", None
    ranks by relevance. `page` counts from 1. `languages`: what the words are probably written in
    (the visitor's interface language), only a hint.
    """

    text: str = ""
    filters: Filters = field(default_factory=dict)
    facets: Sequence[str] = ()
    sort: str | None = None
    page: int = 1
    per_page: int = 20
    languages: Sequence[str] = ()


class Hit(NamedTuple):
    """One found document: which entry it is of, and in which language.

    `title_html` (the question) and `snippet_html` (about 40 words of the answer, at most 240
    characters) are safe HTML: escaped text with `<mark>` around what matched. What else is said of
    an entry is for whoever knows whether it is still public.
    """

    id: str
    entry_id: str
    language: str
    title_html: str
    snippet_html: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits; `total` is exact up to 2,000; `facets`: field -> value -> count."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]]
    took_ms: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the public database: documents as they are now, and ids that are gone."""

    put: Sequence[EntryDocument] = ()
    delete: Sequence[str] = ()


ChangedSince = Callable[[dt.datetime], Awaitable[Changes]]


class SearchIndex(Protocol):
    """The index of public entries.

    Every method raises SearchUnavailable when trying again may help, IndexRefused when not.
    """

    async def ensure(self) -> None:
        """Create the index with its settings; harmless when it is there and up to date."""

    async def put(self, documents: Iterable[EntryDocument]) -> None:
        """Add or replace; found by searches that start after this returns."""

    async def delete(self, ids: Iterable[str]) -> None:
        """Remove; no search finds them after this returns. Unknown ids are no error."""

    async def delete_entry(self, entry_id: str) -> None:
        """Remove every language version of an entry."""

    async def search(self, query: Query) -> Page:
        """One page of hits with facet counts."""

    async def rebuild(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> int:
        """Index everything anew aside, then swap at once; searches go on meanwhile.

        `changed_since(instant)` is asked, before and after the swap, for what changed since the
        rebuild began (with some seconds to spare for transactions under way), and must answer
        with the state of that moment; it is asked again until its answer stays the same, so that
        no change made meanwhile is lost or overwritten by an older one. Answers the number of
        documents taken from `documents`. When it fails, the old index stays.
        """

    async def compare(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> Comparison:
        """What the index holds beside these documents, which are all that it should hold.

        What differs and changed meanwhile, by `changed_since`, is left out. Memory holds a digest
        of each.
        """

    async def count(self) -> int:
        """How many documents there are."""

    async def available(self) -> bool:
        """Whether the engine answers; never raises."""

    async def close(self) -> None:
        """Let go of connections."""
