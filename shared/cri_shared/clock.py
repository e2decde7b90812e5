"""The one clock: every date and time comes from here, so the demo and tests can move it."""

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

UTC = dt.UTC

# Reading the demo clock's file at every call would cost a system call per timestamp.
_REREAD_SECONDS = 0.05


class _FileClock:
    """A clock that runs from an instant in a file: `{"at": instant, "since": real instant}`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checked = -1.0
        self._offset = dt.timedelta(0)

    def offset(self) -> dt.timedelta:
        """How far the demo clock is from the real one."""
        checked = time.monotonic()
        if checked - self._checked > _REREAD_SECONDS:
            self._checked = checked
            if self._path.exists():
                written = json.loads(self._path.read_text())
                at = dt.datetime.fromisoformat(written["at"])
                since = dt.datetime.fromisoformat(written["since"])
                self._offset = at - since
        return self._offset


@cache
def _demo_clock() -> _FileClock | None:
    path = os.environ.get("CRI_DEMO_CLOCK")
    return _FileClock(Path(path)) if os.environ.get("CRI_DEMO") == "1" and path else None


_frozen: dt.datetime | None = None


def now() -> dt.datetime:
    """The present instant, aware, in UTC.

    With `CRI_DEMO=1` and `CRI_DEMO_CLOCK=<file>` it follows that file, so that the demo walks
    through the dates of its content.
    """
    if _frozen is not None:
        return _frozen
    real = dt.datetime.now(UTC)
    demo = _demo_clock()
    return real + demo.offset() if demo else real


def today() -> dt.date:
    """The present day in Belgium, where working days and deadlines are counted."""
    return belgian(now()).date()


def belgian(instant: dt.datetime) -> dt.datetime:
    """The same instant on a clock in Brussels."""
    return instant.astimezone(ZoneInfo("Europe/Brussels"))


def start_of_day(day: dt.date) -> dt.datetime:
    """The instant at which a day begins in Brussels."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo("Europe/Brussels")).astimezone(UTC)


def set_demo_clock(path: Path, at: dt.datetime) -> None:
    """Let every process that follows `path` continue from the aware instant `at`."""
    written = {"at": at.isoformat(), "since": dt.datetime.now(UTC).isoformat()}
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(written))
    temporary.replace(path)


@contextmanager
def frozen(at: dt.datetime) -> Iterator[None]:
    """Stop the clock of this process at an aware instant, for tests."""
    global _frozen
    before, _frozen = _frozen, at
    try:
        yield
    finally:
        _frozen = before
