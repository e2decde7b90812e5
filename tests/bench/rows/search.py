"""Searching 50,000 entries in 8 languages: a word with a typo, facets, 20 highlighted hits."""

import json
import random
from collections.abc import Iterator
from itertools import cycle, islice
from urllib.parse import quote

import httpx
from cri_search.rules.asked import FACETS, READER, Asked, searched_language
from cri_shared.index.asking import queries_of
from cri_shared.index.port import Query
from cri_shared.index.search_settings import INDEX

from tests.bench.corpus import LANGUAGES, misspelt, sought
from tests.bench.library import ENTRIES, library
from tests.bench.load import Load, Result, generate
from tests.bench.measuring import Spent, median, percentile, watching
from tests.bench.report import Row
from tests.bench.stage import Stage

RATE = 20.0
SAMPLE = 40
REPEATED = 10_000  # takes longer than an answer is kept


async def measure(stage: Stage) -> list[Row]:
    """At the search service as `cri up` runs it: every query a new one, then one repeated."""
    shelves = await stage.once(library)
    engine = (await stage.index()).pid
    count = 200 if stage.quick else 400
    asked = addresses()
    async with shelves.open():
        port, pid = shelves.search.port, shelves.search.pid
        await _check(shelves.search.url, list(islice(asked, SAMPLE)))
        runs: dict[float | None, list[tuple[Result, Spent]]] = {RATE: [], None: []}
        for rate, repeats in runs.items():
            for _ in range(stage.repeats):
                with watching(pid, engine) as spent:
                    repeats.append((await _ask(port, list(islice(asked, count)), rate), spent))
        steady, crowd = runs.values()
        cached = [await _ask(port, [next(asked)], times=REPEATED) for _ in range(stage.repeats)]
        told = shelves.search.env
        url, key = told["CRI_INDEX_URL"], told["CRI_SEARCH_INDEX_KEY"]
        alone = await engine_alone(url, key, count, seed=13)
    return [
        _latency("p50", 50, 15.0, steady),
        _latency("p99", 99, 50.0, steady),
        _added("8 at once", [spent for _, spent in crowd], pid, engine, count, limit=3.0),
        _added(f"{RATE:.0f}/s", [spent for _, spent in steady], pid, engine, count),
        _rate("8 at once, every query a new one", [result for result, _ in crowd], 150.0),
        _rate("8 at once, one query again and again (cached)", cached, 2000.0),
        *alone,
    ]


def addresses(seed: int = 7) -> Iterator[str]:
    """Searches without end, the languages in turn: one misspelt word each, none twice."""
    for word in _words(seed):
        yield f"/api/v1/search?q={quote(word)}&per_page=20"


def _words(seed: int) -> Iterator[str]:
    dice = random.Random(seed)
    seen: set[str] = set()
    for language in cycle(LANGUAGES):
        word = misspelt(dice.choice(sought(language)), language, dice)
        if word not in seen:
            seen.add(word)
            yield word


async def engine_alone(url: str, key: str, count: int, seed: int) -> list[Row]:
    """cri-index over HTTP, asked what the search service asks of it: one, then 8 at once."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    words = list(islice(_words(seed), 2 * count))
    requests = [
        {"method": "POST", "path": "/multi-search", "headers": headers, "body": _question(word)}
        for word in words
    ]
    port, rows = int(url.rsplit(":", 1)[1]), []
    for asked, at_once in ((requests[:count], 1), (requests[count:], 8)):
        result = await generate(Load(port, count, asked, at_once=at_once))
        if result.statuses != {"200": count}:
            raise RuntimeError(f"not every search was answered: {result.statuses}")
        rows.append(result)
    one, crowd = rows
    what = f"cri-index over HTTP, {ENTRIES:,} entries"
    return [
        Row(f"{what}, one at a time: p50", percentile(one.latencies, 50), "ms"),
        Row(f"{what}, 8 at once", crowd.per_second, "answers/s"),
    ]


def _question(word: str) -> str:
    asked = Asked(q=word)
    searched = searched_language(word, READER)
    query = Query(word, asked.filters(searched), FACETS, page=1, per_page=20, languages=[searched])
    return json.dumps({"queries": queries_of(query, INDEX)})


async def _check(url: str, asked: list[str]) -> None:
    """What is measured is what was meant: nearly every page has 20 hits, marked, and facets."""
    full = 0
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        for address in asked:
            page = (await client.get(address)).raise_for_status().json()
            marked = sum("<mark>" in str(hit["highlights"]) for hit in page["hits"])
            full += marked == 20 and sum(page["facets"]["country"].values()) > 0
    if full < 0.8 * len(asked):
        raise RuntimeError(f"only {full} of {len(asked)} searches gave 20 highlighted hits")


async def _ask(port: int, asked: list[str], rate: float | None = None, *, times: int = 1) -> Result:
    count = len(asked) * times
    result = await generate(Load(port, count, [{"path": one} for one in asked], rate=rate))
    if result.statuses != {"200": count} or result.wire_bytes < 5_000 * count:
        raise RuntimeError(f"not every search was answered in full: {result.statuses}")
    return result


def _latency(name: str, percent: float, limit: float, steady: list[tuple[Result, Spent]]) -> Row:
    return Row(
        f"search in {ENTRIES:,} entries, a typo, facets, 20 hits, {RATE:.0f}/s: {name}",
        median(percentile(result.latencies, percent) for result, _ in steady),
        "ms",
        limit=limit,
    )


def _added(
    how: str, spent: list[Spent], pid: int, engine: int, count: int, limit: float | None = None
) -> Row:
    """CPU of the service for each answer, beside that of its engine."""
    return Row(
        f"CPU that the search service adds to its engine, {how}",
        median(one.cpu[pid] * 1000 / count for one in spent),
        "ms",
        limit=limit,
        raw=median(one.cpu[engine] * 1000 / count for one in spent),
        raw_what="ms CPU, its engine",
    )


def _rate(what: str, results: list[Result], limit: float) -> Row:
    rate = median(result.per_second for result in results)
    return Row(f"search, {what}", rate, "answers/s", limit=limit, at_least=True)
