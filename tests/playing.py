"""The demo, played once for every suite that looks at what it leaves behind.

Everybody in it clicks twice, so that every form is seen to stand it.
"""

import signal
from pathlib import Path

from cri_shared.processes import script
from cri_shared.testing.processes import Child, free_base
from cri_shared.testing.waiting import until

PLAY_SECONDS = 600.0  # half of it is enough on two cores with nothing else to do


class PlayedDemo:
    """`cri demo` on free ports, played to its end and staying up."""

    def __init__(self, directory: Path, cri: str = "") -> None:
        self.var = directory / "demo"
        self._said = directory / "said.log"
        where = ["--var", str(self.var), "--port-base", str(free_base())]
        self._child = Child([cri or script("cri"), "demo", "--twice", *where], self._said)

    @property
    def output(self) -> str:
        """Everything that it printed so far."""
        return self._said.read_text()

    @property
    def is_up(self) -> bool:
        """Whether it was played to its end, and stays."""
        return "Ctrl-C stops everything." in self.output

    def wait(self) -> None:
        """Wait until it was played, or has ended for a reason that it printed."""
        ended = lambda: self._child.process.poll() is not None  # noqa: E731
        until(lambda: self.is_up or ended(), timeout=PLAY_SECONDS, what="the demo")

    def stop(self) -> None:
        """Press Ctrl-C."""
        self._child.stop(signal.SIGINT)
