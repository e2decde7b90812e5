"""The load generator, in a process of its own: open loop (a rate, whatever the answers do) or
closed loop (so many at once, each waiting for its answer)."""

import asyncio
import collections
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

from tests.bench.client import Connection, request_bytes


@dataclass
class Load:
    """What to send where: the requests in turn, `count` of them."""

    port: int
    count: int
    requests: list[dict[str, Any]]
    rate: float | None = None  # requests a second; None: closed loop
    at_once: int = 8  # of the closed loop
    most: int | None = None  # on the way at a time, of the open loop; others wait, and it counts
    seconds: float | None = None  # after which nothing more is sent, of the open loop


@dataclass
class Result:
    """Latencies in ms (of the open loop: from the moment when the request was due).

    `once_sent` are those from the moment when it left: what it waited before is the generator's.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    once_sent: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    wire_bytes: int = 0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


async def generate(load: Load) -> Result:
    """Send the load from another process, so that the generator disturbs no loop of ours."""
    with tempfile.TemporaryFile() as out:  # of a pipe, asyncio in Python 3.11.2 may lose the end
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.load",
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
        )
        await process.communicate(json.dumps(vars(load)).encode())
        if process.returncode:
            raise RuntimeError("the load generator failed")
        out.seek(0)
        return Result(**json.load(out))


async def _run(load: Load) -> Result:
    wires = [
        request_bytes(
            one.get("method", "GET"),
            one["path"],
            one.get("headers"),
            one.get("body", "").encode(),
        )
        for one in load.requests
    ]
    result, statuses = Result(), collections.Counter[str]()
    free: list[Connection] = []

    async def one(number: int, due: float) -> None:
        connection = free.pop() if free else Connection(load.port)
        sent = time.perf_counter()
        try:
            answer = await connection.ask(wires[number % len(wires)])
            statuses[str(answer.status)] += 1
            result.wire_bytes += len(answer.body)
        except (OSError, EOFError) as trouble:
            statuses[type(trouble).__name__] += 1
        now = time.perf_counter()
        result.latencies.append((now - min(due, sent)) * 1000)  # a timer may ring a little early
        result.once_sent.append((now - sent) * 1000)
        free.append(connection)

    began = time.perf_counter()
    await (_open(load, one, began) if load.rate else _closed(load, one))
    result.seconds = time.perf_counter() - began
    result.statuses = dict(statuses)
    for connection in free:
        connection.close()
    return result


async def _open(load: Load, one: Any, began: float) -> None:
    assert load.rate
    room = asyncio.Semaphore(load.most or load.count)
    tasks = set()

    async def send(number: int, due: float) -> None:
        try:
            await one(number, due)
        finally:
            room.release()

    for number in range(load.count):
        due = began + number / load.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await room.acquire()
        if load.seconds is not None and time.perf_counter() - began > load.seconds:
            break
        tasks.add(task := asyncio.create_task(send(number, due)))
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


async def _closed(load: Load, one: Any) -> None:
    numbers = iter(range(load.count))

    async def worker() -> None:
        for number in numbers:
            await one(number, time.perf_counter())

    await asyncio.gather(*(worker() for _ in range(load.at_once)))


if __name__ == "__main__":
    told = Load(**json.loads(sys.stdin.read()))
    sys.stdout.write(json.dumps(vars(uvloop.run(_run(told)))))
