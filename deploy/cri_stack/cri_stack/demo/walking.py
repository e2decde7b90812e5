"""The demo's clock: walks through the days of the content, never back."""

import datetime as dt
import time
from pathlib import Path

from cri_shared import clock

STEP_SECONDS = 30  # of a code that an authenticator shows
NOTICED_SECONDS = 0.12  # until every process has looked at the file again
MORNING = dt.time(8, 0, tzinfo=dt.UTC)


class DemoClock:
    """What every part of the demo takes the time from, moved by the one who plays it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ahead = dt.timedelta(0)

    def now(self) -> dt.datetime:
        """The instant at which the demo is."""
        return clock.now() + self._ahead

    def begin(self, day: dt.date) -> None:
        """Set the clock to the morning of a day, before any part has started."""
        self._set(dt.datetime.combine(day, MORNING))

    def walk_to(self, day: dt.date) -> bool:
        """Go on to the morning of a day; gives whether that was ahead."""
        morning = dt.datetime.combine(day, MORNING)
        if morning <= self.now():
            return False
        self._set(morning)
        return True

    def pass_by(self, span: dt.timedelta) -> None:
        """Let a while pass."""
        self._set(self.now() + span)

    def catch_up(self) -> bool:
        """Go on to the present, where the demo lies behind it; gives whether it is there."""
        if self._ahead < dt.timedelta(0):
            self._set(clock.now())
        return self._ahead < dt.timedelta(seconds=STEP_SECONDS / 2)

    def _set(self, at: dt.datetime) -> None:
        self._ahead = at - clock.now()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        clock.set_demo_clock(self._path, at)
        time.sleep(NOTICED_SECONDS)
