"""A question recorded through the API on SQLite, durable before the 201."""

import json
import sqlite3
import time
from typing import Any

from cri_shared import clock

from tests.bench.load import Load, Result, generate
from tests.bench.measuring import Spent, median, percentile, watching
from tests.bench.report import Row
from tests.bench.stage import Stage

RATE = 100.0
AT_ONCE = 8  # as the peer that the budget names was measured
UNLIMITED = {  # one key sends all of it
    "CRI_INTAKE_KEY_PER_MINUTE": "1000000",
    "CRI_INTAKE_KEY_PER_DAY": "1000000",
}
TEXT = (
    "A man of 58 with diabetes returns to Gyumri. Which hospital gives insulin without payment, "
    "and which papers does he need on the first day? His sister can go and ask."
)


async def measure(stage: Stage) -> list[Row]:
    """CPU and latency of the process that answers, as `cri up` runs it: web and worker in one."""
    nats_url = await stage.nats_url()
    intake = await stage.service("intake", "record", nats_url=nats_url, **UNLIMITED)
    key = intake.run("add-organisation", "Bench").strip()
    intake.start()
    await post(intake.port, key, "warm", 200)
    count = 200 if stage.quick else 1000
    runs = [
        await _watched(intake.port, intake.pid, key, f"all{n}", count) for n in range(stage.repeats)
    ]
    intake.stop()
    web = await stage.service("intake", "record", role="web", nats_url=nats_url, **UNLIMITED)
    web.start()
    await post(web.port, key, "warmweb", 200)
    alone = [await _watched(web.port, web.pid, key, f"web{n}", count) for n in range(stage.repeats)]
    full = [
        await _watched(web.port, web.pid, key, f"full{n}", count, rate=None)
        for n in range(stage.repeats)
    ]
    web.stop()
    bare = _bare_insert(str(stage.directory / "bare.db"))
    with_worker = _cpu_each(runs, count)
    return [
        Row(
            f"recorded on SQLite, {AT_ONCE} at once: CPU of the web process",
            _cpu_each(full, count),
            "ms",
            limit=4.0,
            raw=bare.cpu_total * 1000,
            raw_what="ms CPU, bare insert",
            note=f"{median(result.per_second for result, _ in full):.0f} a second",
        ),
        Row(
            f"the same at {RATE:.0f}/s, asleep between two questions",
            _cpu_each(alone, count),
            "ms",
            note=f"with the worker in the same process {with_worker:.2f} ms: "
            "Argon2id of receipts comes after the answer",
        ),
        _latency("p50", 50, runs, None, bare),
        _latency("p99", 99, runs, 50.0, bare),
    ]


def _cpu_each(runs: list[tuple[Result, Spent]], count: int) -> float:
    return median(spent.cpu_total * 1000 / count for _, spent in runs)


def _latency(
    name: str, percent: float, runs: list[tuple[Result, Spent]], limit: float | None, bare: Spent
) -> Row:
    return Row(
        f"recorded on SQLite at {RATE:.0f}/s: {name}",
        median(percentile(result.latencies, percent) for result, _ in runs),
        "ms",
        limit=limit,
        raw=bare.wall * 1000,
        raw_what="ms, bare insert",
    )


async def _watched(
    port: int, pid: int, key: str, run: str, count: int, *, rate: float | None = RATE
) -> tuple[Result, Spent]:
    with watching(pid) as spent:
        result = await post(port, key, run, count, rate=rate)
    return result, spent


async def post(
    port: int, key: str, run: str, count: int, *, rate: float | None = RATE, at_once: int = AT_ONCE
) -> Result:
    """Post so many questions at a steady rate, or without one so many at once.

    Raises where one was not recorded.
    """
    requests = [request_of(key, f"{run}-{n:012d}") for n in range(count)]
    load = Load(port, count, requests, rate=rate, at_once=at_once)
    result = await generate(load)
    if result.statuses != {"201": count}:
        raise RuntimeError(f"not every question was recorded: {result.statuses}")
    return result


def request_of(key: str, idempotency_key: str) -> dict[str, Any]:
    """A request that posts a question, for the load generator."""
    body = {
        "text": TEXT,
        "language": "en",
        "country": "AM",
        "topics": ["health.medication"],
        "asker_role": "organisation",
        "contact": {"email": "someone@example.org", "safe_to_write": True},
        "reference": "R-1",
        "consent": {"version": "2026-1", "given_at": clock.now().isoformat()},
    }
    headers = {
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": idempotency_key,
        "Content-Type": "application/json",
    }
    return {
        "method": "POST",
        "path": "/api/v1/questions",
        "headers": headers,
        "body": json.dumps(body),
    }


def _bare_insert(path: str, count: int = 200) -> Spent:
    """One durable transaction with one row of a question's size, by the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (id TEXT PRIMARY KEY, body BLOB)")
    walls, cpu = [], time.process_time()
    for n in range(count):
        began = time.perf_counter()
        connection.execute("INSERT INTO bare VALUES (?, ?)", (f"{n:032d}", b"x" * 1500))
        walls.append(time.perf_counter() - began)
    each = (time.process_time() - cpu) / count
    connection.close()
    return Spent(percentile(walls, 50), {0: each})
