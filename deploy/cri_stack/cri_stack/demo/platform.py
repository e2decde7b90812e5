"""The demo's own platform: `cri up` as a child, and the commands an operator types beside it."""

import shutil
import subprocess
from pathlib import Path

from cri_shared.processes import die_with_parent, script

from cri_stack.demo.waiting import Trouble, wait_for
from cri_stack.health import ask
from cri_stack.layout import SERVICES, Layout

UP_SECONDS = 90.0
STOP_SECONDS = 20.0

COMMAND_SECONDS = 300  # seven at once, on a machine with little to spare


class Platform:
    """A platform that lives as long as the demo."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._log = layout.var / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything and wait until it is ready; raises `Trouble` with what was said."""
        base = [] if self.layout.port_base is None else ["--port-base", str(self.layout.port_base)]
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [script("cri"), "up", "--demo", "--var", str(self.layout.var), *base],
                stdout=out,
                stderr=out,
                preexec_fn=die_with_parent,
                start_new_session=True,  # Ctrl-C reaches the demo, which stops it in order
            )
        wait_for("the platform is up", self._is_up_or_ended, UP_SECONDS)
        if self._process.poll() is not None:
            raise Trouble(f"The platform did not start:\n{self._log.read_text()}")

    def _is_up_or_ended(self) -> bool:
        ended = self._process is None or self._process.poll() is not None
        return ended or "CRI is up" in self._log.read_text()

    @property
    def restarts(self) -> list[str]:
        """What the supervisor had to start again."""
        return [line for line in self._log.read_text().splitlines() if "starting it again" in line]

    def stop(self) -> None:
        """Stop everything in order."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait(self) -> None:
        """Wait until the platform ends by itself, or somebody presses Ctrl-C."""
        if self._process is not None:
            self._process.wait()

    def cri(self, *words: str) -> subprocess.Popen[str]:
        """Begin one of the operator's commands on this platform."""
        return self._begin([script("cri"), *words, "--var", str(self.layout.var)], "")

    def service(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Begin a command of one service, with that service's own settings."""
        return self._begin([script(f"cri-{name}"), *words], name)

    def _begin(self, command: list[str], part: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            env=self.layout.environment(part),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )

    def events_have_arrived(self) -> bool:
        """Whether no service has anything left to publish."""
        bodies = (ask(f"{self.layout.url(name)}/health/ready")[1] for name in SERVICES)
        return all(isinstance(b, dict) and b.get("outbox_waiting") == 0 for b in bodies)


def printed(process: subprocess.Popen[str]) -> str:
    """What a command printed; raises `Trouble` with its complaint where it failed or took long."""
    name = Path(str(process.args[0])).name  # type: ignore[index]
    try:
        out, err = process.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Trouble(f"{name}: it did not end within {COMMAND_SECONDS} seconds") from None
    if process.returncode:
        raise Trouble(f"{name}: {err.strip()}")
    return out.strip()


class NotADemo(Exception):
    """A directory holds something else than what a demo left there."""


def fresh(layout: Layout) -> None:
    """Remove what an earlier demo left; raises `NotADemo` where that is not what lies there."""
    if layout.var.exists() and any(layout.var.iterdir()):
        if not layout.demo_clock.exists():
            raise NotADemo(f"{layout.var} is not a demo's directory; choose another with --var.")
        shutil.rmtree(layout.var)
    layout.var.mkdir(parents=True, exist_ok=True, mode=0o700)
