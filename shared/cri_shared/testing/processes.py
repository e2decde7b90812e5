"""Processes that tests start: on free ports of this machine, ended by their id, never orphaned."""

import ctypes
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def script(name: str) -> str:
    """The path of a command that a package installed beside this Python."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent() -> None:
    """Let a child end when the test process ends, however that happens (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One child process with its log in a file."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                preexec_fn=die_with_parent,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for its end."""
        self.send(number)
        self.process.wait(20)
