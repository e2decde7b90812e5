"""What the bare parts do without us: a published message, a durable insert."""

import asyncio
import sqlite3
import time

import asyncpg
import nats

from tests.bench.measuring import percentile

BODY = b"x" * 600


async def jetstream(url: str, count: int) -> tuple[float, float]:
    """(ms of one publish with its acknowledgement, p50; publishes a second, 100 on the way)."""
    client = await nats.connect(url)
    js = client.jetstream()
    walls = []
    for _ in range(count):
        began = time.perf_counter()
        await js.publish("cri.intake.bare", BODY)
        walls.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    for _ in range(count // 100):
        await asyncio.gather(*[await js.publish_async("cri.intake.bare", BODY) for _ in range(100)])
    rate = count // 100 * 100 / (time.perf_counter() - began)
    await client.close()
    return percentile(walls, 50), rate


async def transactions(url: str, count: int) -> float:
    """Durable transactions of two small rows (inbox and effect) a second, one after another."""
    driver, _, place = url.partition(":///" if url.startswith("sqlite") else "://")
    began = time.perf_counter()
    if driver.startswith("sqlite"):
        await asyncio.to_thread(_sqlite, f"{place}.bare", count)
    else:
        await _postgresql(f"postgresql://{place}", count)
    return count / (time.perf_counter() - began)


def _sqlite(path: str, count: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body BLOB)")
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (body) VALUES (?)", (BODY[:40],))
        connection.execute("INSERT INTO bare (body) VALUES (?)", (BODY,))
        connection.execute("COMMIT")
    connection.close()


async def _postgresql(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial, body bytea)")
    for _ in range(count):
        async with connection.transaction():
            await connection.execute("INSERT INTO bare (body) VALUES ($1)", BODY[:40])
            await connection.execute("INSERT INTO bare (body) VALUES ($1)", BODY)
    await connection.close()
