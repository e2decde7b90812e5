"""Arithmetic of measuring: percentiles, medians of repeats, CPU time of processes."""

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Iterable[float]) -> float:
    """The middle one of repeats: one disturbed repeat does not count."""
    return statistics.median(values)


def cpu_seconds(*pids: int) -> float:
    """User and system time that these processes have used, with the children that they have."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        everyone = [process.cpu_times()]
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it ended between these two lines
                everyone.append(child.cpu_times())
        total += sum(times.user + times.system for times in everyone)
    return total


@dataclass
class Spent:
    """Wall and CPU time that a block took."""

    wall: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)

    @property
    def cpu_total(self) -> float:
        """CPU seconds of all watched processes."""
        return sum(self.cpu.values())


@contextmanager
def watching(*pids: int) -> Iterator[Spent]:
    """Watch the CPU time of processes while a block runs."""
    spent = Spent()
    before = {pid: cpu_seconds(pid) for pid in pids}
    began = time.perf_counter()
    try:
        yield spent
    finally:
        spent.wall = time.perf_counter() - began
        spent.cpu = {pid: cpu_seconds(pid) - before[pid] for pid in pids}
