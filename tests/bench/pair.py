"""Two services in processes of their own, one that publishes and one that hears, timing commits.

Both stamp the moment after a commit with the machine's monotonic clock, which processes share.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from cri_shared.db import Work
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.processes import Child
from cri_shared.testing.waiting import eventually

from tests.shared.toy import Toy, build, cleared, keep_effect, metadata

TEXT = "Which hospital in Gyumri gives insulin without payment, and which papers are needed? " * 2


def start(role: str, url: str, nats_url: str, told: Path, **plan: Any) -> Child:
    """Start one of the two; it writes what it found to `told` and then stays until it is ended."""
    told.with_suffix(".plan").write_text(json.dumps(plan))
    command = [sys.executable, "-m", "tests.bench.pair", role, url, nats_url, str(told)]
    return Child(command, told.with_suffix(".log"))


async def told_by(told: Path, seconds: float) -> dict[str, int]:
    """What a process found: name -> instant in ns."""
    await eventually(told.exists, timeout=seconds, what=f"{told.stem} done")
    found: dict[str, int] = json.loads(told.read_text())
    return found


async def make_tables(service: str, url: str, nats_url: str) -> None:
    """The tables of one of the two."""
    toy = build(service, url, nats_url)
    async with toy.database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await toy.database.close()


async def publish(toy: Toy, plan: dict[str, Any]) -> dict[str, int]:
    """Commit `count` events at `rate` a second (or all at once), each a transaction."""
    committed: dict[str, int] = {}
    began = time.perf_counter()

    async def one(number: int) -> None:
        async with toy.database.writing() as work:
            await work.emit(cleared(f"{plan['run']}-{number}", TEXT), version=1)
            work.after_commit(lambda: committed.update({f"{plan['run']}-{number}": _now()}))

    tasks = []
    for number in range(plan["count"]):
        if plan["rate"]:
            await asyncio.sleep(max(0.0, began + number / plan["rate"] - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number)))
        else:
            await one(number)
    await asyncio.gather(*tasks)
    return committed


async def run(role: str, url: str, nats_url: str, told: Path) -> None:
    """Be one of the two until killed."""
    plan = json.loads(told.with_suffix(".plan").read_text())
    heard: dict[str, int] = {}

    async def on_cleared(event: QuestionCleared, work: Work) -> None:
        await keep_effect(event, work)
        work.after_commit(lambda: heard.update({event.research_id: _now()}))

    toy = build(role, url, nats_url, on_cleared)
    toy.bus.start()
    await eventually(lambda: toy.bus.connected, what="connected")
    told.with_suffix(".ready").touch()
    if role == "intake":
        await eventually(lambda: toy.bus.relay.leading, what="leading")
        await asyncio.sleep(plan["after"])
        found = await publish(toy, plan)

        async def all_out() -> bool:
            return await toy.waiting() == 0

        await eventually(all_out, timeout=60, what="published")
    else:
        await eventually(lambda: len(heard) >= plan["count"], timeout=120, what="all heard")
        found = heard
    told.with_suffix(".part").write_text(json.dumps(found))
    told.with_suffix(".part").rename(told)
    await asyncio.Event().wait()


def _now() -> int:
    return time.monotonic_ns()


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
