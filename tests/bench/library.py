"""Publishing, search and the index with 50,000 public entries: what several rows stand on.

Publishing's rows and search's copy are written into their databases; the index is then filled by
publishing's own command. Each entry has one language, so there are as many documents as entries.
"""

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cri_publishing import models as publishing
from cri_publishing.content import draft_plain
from cri_publishing.rules.draft import Draft, Source, Text
from cri_search import models as search
from cri_search.rules.spelling import Key, words_of
from cri_search.rules.standing import State
from cri_shared.db.engine import make_engine
from cri_shared.places import codes_over
from cri_shared.testing.commands import ServiceProcess
from sqlalchemy import Connection, Table, insert

from tests.bench.corpus import Synthetic, entries
from tests.bench.stage import Stage

ENTRIES = 50_000
NAME = "library"
_AT_ONCE = 2_000
_LONG_AGO = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
_FAR = dt.date(2099, 1, 1)  # time alone changes nothing about these entries


@dataclass
class Library:
    """The two services, stopped, with the same entries; `filled` is how long the index took."""

    publishing: ServiceProcess
    search: ServiceProcess
    filled: float

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Library"]:
        """Both run as `cri up` runs them, web and worker in one process each."""
        both = (self.publishing, self.search)
        try:
            await asyncio.gather(*(asyncio.to_thread(one.start) for one in both))
            yield self
        finally:
            for one in both:
                one.stop()

    async def rebuild(self) -> float:
        """Index every entry anew by publishing's command; gives the seconds that it took."""
        began = time.perf_counter()
        said = await asyncio.to_thread(self.publishing.run, "rebuild-index")
        took = time.perf_counter() - began
        if int(said.split()[0]) < ENTRIES - 100:
            raise RuntimeError(f"the rebuild took only {said.strip()}")
        return took


async def library(stage: Stage) -> Library:
    """The library of a run, to be asked for by `stage.once`."""
    index = await stage.index()
    write, read = await asyncio.to_thread(index.keys)
    common = {"nats_url": await stage.nats_url(), "CRI_INDEX_URL": index.url}
    one = await stage.service("publishing", NAME, **common, CRI_PUBLISHING_INDEX_KEY=write)
    other = await stage.service("search", NAME, **common, CRI_SEARCH_INDEX_KEY=read)
    await asyncio.to_thread(fill, one.database_url, other.database_url)
    made = Library(one, other, 0.0)
    made.filled = await made.rebuild()
    return made


def fill(publishing_url: str, search_url: str, count: int = ENTRIES) -> None:
    """Write so many entries into two databases, publishing's and search's copy."""
    asyncio.run(_fill(publishing_url, search_url, count))


async def _fill(publishing_url: str, search_url: str, count: int) -> None:
    engines = [make_engine(url, pooled=False) for url in (publishing_url, search_url)]
    known: Counter[Key] = Counter()
    shelves: Counter[tuple[str, str]] = Counter()
    async with engines[0].begin() as published, engines[1].begin() as copied:
        for batch in _batches(count):
            await published.run_sync(_write, [_published(one) for one in batch])
            await copied.run_sync(_write, [_copied(one) for one in batch])
            for one in batch:
                known.update(words_of([(one.language, f"{one.question} {one.answer}")]).keys())
                shelves.update((code, one.country) for code in codes_over(one.topics))
        await copied.run_sync(_write, [[_word(key, count)] for key, count in known.items()])
        await copied.run_sync(_write, [[_shelf(*each)] for each in shelves.items()])
    for engine in engines:
        await engine.dispose()


def _word(key: Key, count: int) -> tuple[Any, dict[str, Any]]:
    word, language = key
    of = {"word": word, "language": language, "initial": word[0]}
    return search.Word, {**of, "written": word, "entries": count}


def _shelf(key: tuple[str, str], count: int) -> tuple[Any, dict[str, Any]]:
    code, country = key
    of = {"code": code, "country": country}
    return search.ShelfCount, {**of, "entries": count, "changes": count}


def _batches(count: int) -> Iterator[list[Synthetic]]:
    every = entries(count)
    while batch := list(islice(every, _AT_ONCE)):
        yield batch


def _write(connection: Connection, rows: list[list[tuple[Any, dict[str, Any]]]]) -> None:
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for entry in rows:
        for model, values in entry:
            by_table.setdefault(model.__table__, []).append(values)
    for table, values in by_table.items():
        connection.execute(insert(table), values)


def _published(one: Synthetic) -> list[tuple[Any, dict[str, Any]]]:
    known = {"entry_id": one.entry_id, "country": one.country, "topics": list(one.topics)}
    times = {"changed_at": _LONG_AGO}
    entry = {
        "slug": f"bench-{one.entry_id}",
        "status": publishing.EntryStatus.PUBLISHED,
        "version": 1,
        "turn": 1,
        "information_date": one.information_date,
        "review_by": _FAR,
        "published_on": _LONG_AGO.date(),
        "wake_on": _FAR,
        "created_at": _LONG_AGO,
    }
    version = {
        "number": 1,
        "state": publishing.VersionState.PUBLISHED,
        "key_id": one.entry_id,
        "language": one.language,
        "sensitivity": "green",
        "embargo_days": 0,
        "content": draft_plain(_draft(one)),
        "started_at": _LONG_AGO,
        "published_at": _LONG_AGO,
    }
    return [
        (publishing.Entry, known | times | entry),
        (publishing.Version, known | times | version),
    ]


def _draft(one: Synthetic) -> Draft:
    return Draft(
        country=one.country,
        topics=one.topics,
        outcome=one.outcome,
        information_date=one.information_date,
        texts=(Text(one.language, one.question, one.answer, version=1),),
        sources=(
            Source("visit", "Three pharmacies", consulted_on=one.information_date),
            Source("interview", "Health worker", consulted_on=one.information_date),
        ),
    )


def _copied(one: Synthetic) -> list[tuple[Any, dict[str, Any]]]:
    entry = {
        "entry_id": one.entry_id,
        "version": 1,
        "state": State.PUBLISHED,
        "slug": f"bench-{one.entry_id}",
        "country": one.country,
        "topics": list(one.topics),
        "outcome": one.outcome,
        "information_date": one.information_date,
        "review_by": _FAR,
        "published_on": _LONG_AGO.date(),
        "changed_on": _LONG_AGO.date(),
        "languages": one.language,
    }
    text = {
        "entry_id": one.entry_id,
        "language": one.language,
        "position": 0,
        "question": one.question,
        "answer": one.answer,
        "stale": False,
    }
    place = {
        "entry_id": one.entry_id,
        "country": one.country,
        "information_date": one.information_date,
        "changed_on": _LONG_AGO.date(),
    }
    shelves = [(search.OnShelf, {**place, "code": code}) for code in codes_over(one.topics)]
    return [(search.Entry, entry), (search.EntryText, text), *shelves]
