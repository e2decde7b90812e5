"""Processes that tests start: on free ports of this machine, ended by their id, never orphaned."""

import signal
import socket
import subprocess
from pathlib import Path

from cri_shared.processes import answers, die_with_parent, script

__all__ = ["Child", "answers", "die_with_parent", "free_port", "script"]


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_base(count: int = 8) -> int:
    """The first of several ports in a row that nobody listens on at the moment."""
    while True:
        base = free_port()
        if base + count < 65535 and not any(map(answers, range(base, base + count))):
            return base


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
