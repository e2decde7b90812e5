"""Searching: hits come from the index, and only what the own copy knows as public is shown."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from cri_shared import clock
from cri_shared.db import Database, Glance
from cri_shared.index.documents import READERS, best_language
from cri_shared.index.port import Hit, IndexRefused, Page, Query, SearchUnavailable
from cri_shared.observe import log
from cri_shared.places import GROUPS, TOPICS
from markupsafe import Markup, escape
from pydantic_core import from_json
from sqlalchemy import Text, bindparam, cast, select

from cri_search.models import Entry
from cri_search.queries import spelling
from cri_search.queries.entries import excerpts, shown
from cri_search.queries.fitting import fitting
from cri_search.rig import Rig
from cri_search.rules.asked import FACETS, OUTCOMES, Asked, searched_language
from cri_search.rules.standing import State, is_due, labels_of

# Where nothing is found in one language: so many hits in all languages are looked through.
ELSEWHERE = 100


class Facts(NamedTuple):
    """What the own copy says of a public entry; the language of the original stands first."""

    slug: str
    country: str
    region: str | None
    topics: tuple[str, ...]
    information_date: dt.date
    review_by: dt.date
    outcome: str
    single_source: bool
    answered_by: str | None
    languages: tuple[str, ...]


class Found(NamedTuple):
    """An entry that was found, in one language; both HTML texts are safe, matches in `<mark>`."""

    entry_id: str
    language: str
    question_html: str
    excerpt_html: str
    labels: tuple[str, ...]
    facts: Facts

    @property
    def slug(self) -> str:
        """What its address ends with."""
        return self.facts.slug

    @property
    def country(self) -> str:
        """Its code."""
        return self.facts.country

    @property
    def topics(self) -> tuple[str, ...]:
        """Their codes, the chief one first."""
        return self.facts.topics

    @property
    def information_date(self) -> dt.date:
        """The day on which the answer was true."""
        return self.facts.information_date

    @property
    def question_shown(self) -> Markup:
        """The question as a page shows it."""
        return shown(self.question_html, self.language)

    @property
    def excerpt_shown(self) -> Markup:
        """The excerpt as a page shows it."""
        return shown(self.excerpt_html, self.language)


@dataclass(frozen=True)
class Results:
    """One page of what was found; facets count entries, zeros included."""

    asked: Asked
    total: int
    pages: int
    hits: list[Found]
    facets: dict[str, dict[str, int]]
    took_ms: int
    meant: str | None = None  # the words without their spelling mistakes


async def find(rig: Rig, asked: Asked, reader: str, *, per_page: int) -> Results:
    """Search for a reader; raises SearchUnavailable.

    Every entry is found once. The words are looked for in the reader's version of each entry (or
    in that of the language they are written in), and where nobody wrote them there, in all.
    """
    searched = searched_language(asked.q, reader)
    page, meant = await asyncio.gather(
        _page(rig, asked, searched, per_page), _meant(rig, asked, reader)
    )
    pages = max(1, -(-page.total // per_page))
    if asked.page > pages:
        return await find(rig, replace(asked, page=pages), reader, per_page=per_page)
    copy = rig.service.database
    hits = await _shown(copy, page.hits, asked, reader)
    if not page.total:
        meant = await spelling.meant(copy, rig.spellings, asked.q, reader, in_vain=True)
    if meant and asked.filtered and not await _finds(rig, replace(asked, q=meant), reader):
        meant = None
    facets = _with_zeros(page.facets)
    total = page.total - (len(page.hits) - len(hits))
    return Results(asked, total, pages, hits, facets, page.took_ms, meant)


async def _page(rig: Rig, asked: Asked, searched: str, per_page: int) -> Page:
    """What the index has, in the language that is searched, or else in all."""
    page = await _search(rig, _query(asked, searched, per_page))
    if not page.total and asked.q and not asked.language:
        return await _elsewhere(rig, asked, searched, per_page)
    return page


async def _meant(rig: Rig, asked: Asked, reader: str) -> str | None:
    """What is meant by misspelt words, looked up while the index searches."""
    await asyncio.sleep(0)  # the question to the index leaves first
    return await spelling.meant(rig.service.database, rig.spellings, asked.q, reader)


async def _finds(rig: Rig, asked: Asked, reader: str) -> bool:
    """Whether a search would find any answer, contact or programme that its filters leave."""
    searched = searched_language(asked.q, reader)
    query = replace(_query(asked, searched, 1), facets=(), page=1)
    return bool((await _search(rig, query)).total or await fitting(rig, asked, reader))


def _query(asked: Asked, searched: str, per_page: int) -> Query:
    return Query(
        text=asked.q,
        filters=asked.filters(searched),
        facets=FACETS,
        sort="information_date:desc" if asked.by_date else None,
        page=asked.page,
        per_page=per_page,
        languages=[searched],
    )


async def _search(rig: Rig, query: Query) -> Page:
    try:
        return await rig.index.search(query)
    except IndexRefused as refused:
        # A key, a setting or an index is missing: an operator's business, and down for readers.
        log.error("search.index.refused", code=refused.code)
        raise SearchUnavailable from refused


async def _elsewhere(rig: Rig, asked: Asked, searched: str, per_page: int) -> Page:
    """What all language versions hold, each entry once by its best hit."""
    query = _query(replace(asked, page=1), searched, ELSEWHERE)
    filters = {name: wanted for name, wanted in query.filters.items() if name != "readers"}
    page = await _search(rig, replace(query, filters=filters, facets=()))
    once: dict[str, Hit] = {}
    for hit in page.hits:
        once.setdefault(hit.entry_id, hit)
    public = await _public(rig.service.database, list(once))
    hits = [hit for entry_id, hit in once.items() if entry_id in public]
    start = (asked.page - 1) * per_page
    facets = _counted((hit, public[hit.entry_id]) for hit in hits)
    return Page(hits[start : start + per_page], len(hits), facets, page.took_ms)


def _counted(hits: Iterable[tuple[Hit, Facts]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for hit, known in hits:
        counts["country"][known.country] += 1
        counts["topics"].update(known.topics)
        counts["topic_groups"].update({code.split(".")[0] for code in known.topics})
        counts["language"][hit.language] += 1
        counts["year"][str(known.information_date.year)] += 1
        counts["outcome"][known.outcome] += 1
    return {name: dict(counted) for name, counted in counts.items()}


def _with_zeros(counted: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    every = {"topic_groups": GROUPS, "topics": TOPICS, "language": READERS, "outcome": OUTCOMES}
    return {
        name: {**dict.fromkeys(every.get(name, ()), 0), **counts}
        for name, counts in counted.items()
    }


_PUBLIC = Glance(
    # What is public is sorted out here: asked for the state as well, SQLite reads all that have it.
    select(
        *(Entry.entry_id, Entry.state, Entry.version, Entry.slug, Entry.country, Entry.region),
        *(cast(each, Text) for each in (Entry.topics, Entry.information_date, Entry.review_by)),
        *(Entry.outcome, Entry.single_source, Entry.answered_by, Entry.languages),
    ).where(Entry.entry_id.in_(bindparam("ids", expanding=True))),
    "ids",
)


async def _shown(copy: Database, hits: Sequence[Hit], asked: Asked, reader: str) -> list[Found]:
    """The hits that are public, each in the version that its reader gets."""
    public = await _public(copy, [hit.entry_id for hit in hits])
    today = clock.today()
    found = [
        _found(hit, known, today) for hit in hits if (known := public.get(hit.entry_id)) is not None
    ]
    if asked.language:
        return found
    return await _in_the_readers_language(copy, found, reader)


async def _public(copy: Database, ids: Sequence[str]) -> dict[str, Facts]:
    """What is known of those entries that may be found."""
    public: dict[str, Facts] = {}
    for row in await copy.glance(_PUBLIC, ids):
        entry_id, state, version, slug, country, region, topics, checked, review_by, *rest = row
        outcome, single, partner, languages = rest
        if state == State.PUBLISHED and version > 0:
            public[entry_id] = Facts(
                *(slug, country, region, _topics(topics), _day(checked), _day(review_by)),
                *(outcome, bool(single), partner, _tags(languages)),
            )
    return public


@lru_cache(4096)
def _topics(written: str) -> tuple[str, ...]:
    return tuple(from_json(written))


@lru_cache(4096)
def _tags(written: str) -> tuple[str, ...]:
    return tuple(written.split())


@lru_cache(4096)
def _day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def _found(hit: Hit, facts: Facts, today: dt.date) -> Found:
    due = is_due(facts.review_by, today)
    labels = labels_of(facts.outcome, single_source=facts.single_source, due=due)
    return Found(hit.entry_id, hit.language, hit.title_html, hit.snippet_html, labels, facts)


async def _in_the_readers_language(copy: Database, found: list[Found], reader: str) -> list[Found]:
    """What was found in another language, in the reader's where there is a version."""
    better = {
        each.entry_id: best
        for each in found
        if each.language != reader
        and len(each.facts.languages) > 1
        and (best := best_language(reader, each.facts.languages)) != each.language
    }
    if not better:
        return found
    async with copy.glancing() as connection:
        texts = await excerpts(connection, better)
    return [
        each._replace(
            language=better[each.entry_id],
            question_html=str(escape(texts[each.entry_id][0])),
            excerpt_html=texts[each.entry_id][1],
        )
        if each.entry_id in texts
        else each
        for each in found
    ]
