"""`cri up`, the whole platform on one machine: until it is ready, while nobody uses it, its end."""

import asyncio
import os
import time
from pathlib import Path

import psutil
from cri_shared.processes import script
from cri_shared.testing.processes import Child, free_base
from cri_shared.testing.waiting import eventually

from tests.bench.report import Row
from tests.bench.stage import Stage

UP_SECONDS = 120.0
MEGABYTE = 1 << 20


async def measure(stage: Stage) -> list[Row]:
    """From nothing, then again on the same data; memory and CPU are of that second time."""
    command = [script("cri"), "up", "--var", str(stage.directory / "up")]
    command += ["--port-base", str(free_base())]
    rows: list[Row] = []
    child = await _started(stage, command, "from nothing", rows)
    await _stopped(child, "at once", rows)
    child = await _started(stage, command, "again", rows)
    try:
        await asyncio.sleep(8 if stage.quick else 20)
        rows += await _at_rest(child, 10 if stage.quick else 30)
    finally:
        await _stopped(child, "after a rest", rows)
    return rows


async def _started(stage: Stage, command: list[str], how: str, rows: list[Row]) -> Child:
    """Start it; adds how long it took, and what it took of both cores."""
    said = stage.directory / f"up-{how.replace(' ', '-')}.log"
    environment = {name: v for name, v in os.environ.items() if not name.startswith("CRI_")}
    began = time.perf_counter()
    child = Child(command, said, environment)
    await eventually(
        lambda: "CRI is up" in said.read_text() or child.process.poll() is not None,
        timeout=UP_SECONDS,
        what="CRI is up",
    )
    took = time.perf_counter() - began
    everyone = _processes(child.process.pid)
    spent = sum(_cpu_seconds(one.pid) for one in everyone)
    ended = everyone[0].cpu_times()  # verbs that prepare ended meanwhile
    spent += ended.children_user + ended.children_system
    resident = sum(one.memory_info().rss for one in everyone) / MEGABYTE
    note = f"{spent:.1f} s of processors, {resident:.0f} MB RSS then"
    rows.append(Row(f"`cri up` {how}: until all of it is ready", took, "s", limit=10.0, note=note))
    return child


async def _stopped(child: Child, when: str, rows: list[Row]) -> None:
    """Stop it; adds how long it was until none of its processes was there."""
    everyone = _processes(child.process.pid)
    began = time.perf_counter()
    await asyncio.to_thread(child.stop)
    await asyncio.to_thread(psutil.wait_procs, everyone, timeout=UP_SECONDS)
    took = time.perf_counter() - began
    rows.append(Row(f"`cri up` stopped {when}: until all are gone", took, "s", limit=5.0))


async def _at_rest(child: Child, seconds: int) -> list[Row]:
    """All its processes for a while: memory, and CPU by the kernel's own account."""
    everyone = _processes(child.process.pid)
    before = {one.pid: _cpu_seconds(one.pid) for one in everyone}
    await asyncio.sleep(seconds)
    used = {one.pid: _cpu_seconds(one.pid) - before[one.pid] for one in everyone}
    memory = {one.pid: one.memory_full_info() for one in everyone}
    names = {one.pid: _name(one) for one in everyone}
    each = ", ".join(f"{names[pid]} {memory[pid].rss / MEGABYTE:.0f}" for pid in names)
    busy = ", ".join(f"{names[pid]} {used[pid] / seconds:.2%}" for pid in names)
    return [
        Row(
            f"`cri up` idle, {len(names)} processes: RSS",
            sum(one.rss for one in memory.values()) / MEGABYTE,
            "MB",
            limit=800.0,
            note=each,
        ),
        Row(
            "`cri up` idle: PSS, which counts shared pages once",
            sum(one.pss for one in memory.values()) / MEGABYTE,
            "MB",
        ),
        Row(
            f"`cri up` idle: CPU over {seconds} s",
            sum(used.values()) / seconds * 100,
            "% of a core",
            limit=2.0,
            note=busy,
        ),
    ]


def _processes(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def _cpu_seconds(pid: int) -> float:
    """Time on a processor of all threads; the clock ticks of `cpu_times` are too coarse here."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _name(process: psutil.Process) -> str:
    """The command that a process is."""
    words = [Path(word).name for word in process.cmdline()]
    return next((word for word in words if word.startswith(("cri", "nats"))), words[0])
