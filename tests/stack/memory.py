"""What the memory of a process holds, looked through from outside."""

import os
from pathlib import Path

import psutil
from cri_shared.testing.waiting import until


def holds(pid: int, word: str) -> bool:
    """Whether a word is anywhere in what a process may write; it stands still meanwhile."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        until(lambda: process.status() == psutil.STATUS_STOPPED, what="a frozen process")
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        places = [line.split()[0].split("-") for line in lines if line.split()[1][:2] == "rw"]
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            return any(word.encode() in _read(memory.fileno(), *place) for place in places)
    finally:
        process.resume()


def _read(memory: int, first: str, last: str) -> bytes:
    return os.pread(memory, int(last, 16) - int(first, 16), int(first, 16))
