"""Log files: one of each part and day, of which the old ones go."""

import asyncio
import contextlib
import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cri_shared import clock
from pydantic import BaseModel, Field, ValidationError

SWEEP_SECONDS = 3600.0
_DAY = re.compile(r"-(\d{4}-\d\d-\d\d)\.log")
_CHUNK = 65536


class LogsUnusable(Exception):
    """The setting of how long log lines are kept is none."""


class LogSettings(BaseModel):
    """What an operator says of log files, `CRI_KEEP_LOGS_DAYS`."""

    keep_logs_days: int = Field(
        14, ge=1, le=30, description="how long a log line of `cri up` is kept at most"
    )

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> "LogSettings":
        """As the environment says; raises `LogsUnusable`."""
        told = environment.get("CRI_KEEP_LOGS_DAYS")
        try:
            return cls.model_validate({} if told is None else {"keep_logs_days": told})
        except ValidationError:
            raise LogsUnusable("CRI_KEEP_LOGS_DAYS must be a number from 1 to 30.") from None


class Logs:
    """The log files of a platform: `<part>-<day>.log`, for as many days as the operator says."""

    def __init__(self, directory: Path, settings: LogSettings) -> None:
        self._directory = directory
        self._days = settings.keep_logs_days
        self._open: dict[int, str] = {}

    def file(self, part: str) -> Path:
        """Where a part's lines of today are."""
        return self._directory / f"{part}-{clock.today().isoformat()}.log"

    def write(self, part: str, lines: bytes) -> None:
        """Add lines; where they cannot be written (a full disk), they are lost and no more."""
        with contextlib.suppress(OSError), self.file(part).open("ab", buffering=0) as file:
            file.write(lines)

    @contextlib.contextmanager
    def taking(self, part: str) -> Iterator[int]:
        """A file descriptor for a process to write to; its lines are taken until it ends."""
        here, there = os.pipe()
        os.set_blocking(here, False)
        self._open[here] = part
        asyncio.get_running_loop().add_reader(here, self._take, here)
        try:
            yield there
        finally:
            os.close(there)

    def _take(self, here: int) -> bool:
        """Take what has come; whether more may come at once."""
        try:
            lines = os.read(here, _CHUNK)
        except BlockingIOError:
            return False
        if lines:
            self.write(self._open[here], lines)
        else:
            self._let_go(here)
        return bool(lines)

    def _let_go(self, here: int) -> None:
        asyncio.get_running_loop().remove_reader(here)
        os.close(here)
        del self._open[here]

    def close(self) -> None:
        """Take what processes that have ended said last."""
        for here in list(self._open):
            while self._take(here):
                pass
            if here in self._open:
                self._let_go(here)

    def sweep(self) -> None:
        """Delete every file with a line that is older than the days; what is no log of ours stays.

        A file that cannot be deleted is tried again at the next turn.
        """
        last = clock.today() - dt.timedelta(days=self._days)
        for file in self._directory.glob("*.log"):
            day = _DAY.search(file.name)
            if day and dt.date.fromisoformat(day[1]) <= last:
                with contextlib.suppress(OSError):
                    file.unlink()

    async def keep(self) -> None:
        """Sweep every hour, until it is cancelled."""
        while True:
            self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)
