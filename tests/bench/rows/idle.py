"""`cri up`, the whole platform on one machine, while nobody uses it."""

import asyncio
import os
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
    """All processes from `cri up` on: memory, and CPU by the kernel's own account."""
    var, said = stage.directory / "up", stage.directory / "up.log"
    command = [script("cri"), "up", "--var", str(var), "--port-base", str(free_base())]
    environment = {name: v for name, v in os.environ.items() if not name.startswith("CRI_")}
    child = Child(command, said, environment)
    try:
        await eventually(
            lambda: "CRI is up" in said.read_text() or child.process.poll() is not None,
            timeout=UP_SECONDS,
            what="CRI is up",
        )
        await asyncio.sleep(8 if stage.quick else 20)
        everyone = _processes(child.process.pid)
        seconds = 10 if stage.quick else 30
        before = {one.pid: _cpu_seconds(one.pid) for one in everyone}
        await asyncio.sleep(seconds)
        used = {one.pid: _cpu_seconds(one.pid) - before[one.pid] for one in everyone}
        memory = {one.pid: one.memory_full_info() for one in everyone}
        names = {one.pid: _name(one) for one in everyone}
    finally:
        await asyncio.to_thread(child.stop)
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
