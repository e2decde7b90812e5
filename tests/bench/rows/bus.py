"""From the commit in one service to the committed effect in the next, on both databases."""

import asyncio

from tests.bench import bare, pair
from tests.bench.measuring import median, percentile, watching
from tests.bench.report import Row
from tests.bench.stage import Stage

RATE = 100
LIMITS = {"postgresql": (100.0, 500.0), "sqlite": (200.0, 300.0)}  # p99 in ms, events a second


async def measure(stage: Stage) -> list[Row]:
    """Latency at a steady rate and throughput of a backlog, on PostgreSQL and on SQLite."""
    published, pipelined = await bare.jetstream(await stage.nats_url(), 300)
    rows = []
    for kind, (p99, rate) in LIMITS.items():
        latencies = [await _latencies(stage, kind, n) for n in range(stage.repeats)]
        for name, percent, limit in (("p50", 50, 10.0), ("p99", 99, p99)):
            rows.append(
                Row(
                    f"commit to committed effect, {kind}, {RATE}/s: {name}",
                    median(percentile(one, percent) for one in latencies),
                    "ms",
                    limit=limit,
                    raw=published,
                    raw_what="ms, one publish with its ack",
                )
            )
        rows.append(await _throughput(stage, kind, rate))
    return [
        *rows,
        Row("bare JetStream, synced always, 100 on the way", pipelined, "publishes/s"),
    ]


async def _latencies(stage: Stage, kind: str, repeat: int) -> list[float]:
    nats_url = await stage.nats_url()
    count = 300 if stage.quick else 1000
    ends = await _databases(stage, kind, f"latency{repeat}", nats_url)
    folder = stage.directory
    hearer_told = folder / f"hearer-{kind}{repeat}.json"
    teller_told = folder / f"teller-{kind}{repeat}.json"
    warm = 100
    hearer = pair.start("research", ends[1], nats_url, hearer_told, count=count + warm)
    teller = pair.start(
        "intake", ends[0], nats_url, teller_told, count=count + warm, rate=RATE, run="r", after=1.0
    )
    try:
        committed = await pair.told_by(teller_told, 120)
        heard = await pair.told_by(hearer_told, 120)
    finally:
        await asyncio.to_thread(teller.stop)
        await asyncio.to_thread(hearer.stop)
    return [(heard[f"r-{n}"] - committed[f"r-{n}"]) / 1e6 for n in range(warm, count + warm)]


async def _throughput(stage: Stage, kind: str, limit: float) -> Row:
    """A backlog in the stream, then one hearer: a transaction for each event, inbox included."""
    count = 600 if stage.quick else 2000
    rates, costs = [], []
    for repeat in range(stage.repeats):
        nats_url = await stage.nats_url()
        ends = await _databases(stage, kind, f"backlog{repeat}", nats_url)
        told = stage.directory / f"backlog-{kind}{repeat}.json"
        out = stage.directory / f"backlog-out-{kind}{repeat}.json"
        teller = pair.start(
            "intake", ends[0], nats_url, out, count=count, rate=0, run="b", after=0.0
        )
        await pair.told_by(out, 120)
        await asyncio.to_thread(teller.stop)
        hearer = pair.start("research", ends[1], nats_url, told, count=count)
        try:
            with watching(hearer.process.pid) as spent:
                instants = sorted((await pair.told_by(told, 120)).values())
        finally:
            await asyncio.to_thread(hearer.stop)
        rates.append(count / ((instants[-1] - instants[0]) / 1e9))
        costs.append(spent.cpu_total * 1000 / count)
    return Row(
        f"a transaction for each event, inbox included, {kind}",
        median(rates),
        "events/s",
        limit=limit,
        at_least=True,
        raw=await bare.transactions(ends[1], count),
        raw_what="bare transactions/s",
        cpu_ms=median(costs),
        note="CPU includes the start of the process",
    )


async def _databases(stage: Stage, kind: str, name: str, nats_url: str) -> tuple[str, str]:
    teller = await stage.database_url(kind, f"{name}-intake")
    hearer = await stage.database_url(kind, f"{name}-research")
    await pair.make_tables("intake", teller, nats_url)
    await pair.make_tables("research", hearer, nats_url)
    return teller, hearer
