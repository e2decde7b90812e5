"""Points: named moments of the code at which a test can kill the process that comes by.

They stand around every commit, where a crash could lose something or do it twice.
"""

import os
import signal
from pathlib import Path

from cri_shared.observe import log


class _Trap:
    """A file that says, while it is there, at which passing of which point the process ends.

    It holds `<point> <n>`, `n` counted from when this process first saw it. Where several
    processes share the file, only the one that takes it away ends.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = ("", 0)

    def passed(self, point: str) -> None:
        try:
            told = self._file.read_text()
        except FileNotFoundError:
            self._seen = ("", 0)
            return
        name, number = told.split()
        if name != point:
            return
        times = self._seen[1] + 1 if self._seen[0] == told else 1
        self._seen = (told, times)
        if times >= int(number):
            self._spring()

    def _spring(self) -> None:
        try:
            self._file.unlink()
        except FileNotFoundError:  # another process was faster
            return
        os.kill(os.getpid(), signal.SIGKILL)


_trap: _Trap | None = None


def arm(file: Path | None) -> None:
    """Heed a file that may name a point, or none; `set_trap` writes one."""
    global _trap
    _trap = None if file is None else _Trap(file)
    if file is not None:
        log.warning("points.armed", file=str(file))


def set_trap(file: Path, point: str, number: int = 1) -> None:
    """Let the process that heeds `file` end with SIGKILL when it passes `point` the n-th time."""
    if number < 1:
        raise ValueError("a point is passed the first time at the earliest")
    written = file.with_suffix(".new")
    written.write_text(f"{point} {number}")
    written.replace(file)


def reached(point: str) -> None:
    """Pass a point; costs one comparison where nobody armed this process."""
    if _trap is not None:
        _trap.passed(point)
