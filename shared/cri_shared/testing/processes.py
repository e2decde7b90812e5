"""Processes that tests start: on free ports of this machine, ended by their id, never orphaned."""

import os
import random
import signal
import socket
import subprocess
from pathlib import Path
from typing import Protocol

from cri_shared.processes import answers, die_with_parent, script

__all__ = ["Child", "Process", "answers", "die_with_parent", "free_port", "script"]


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    return free_base(1)


def free_base(count: int = 8) -> int:
    """The first of several ports in a row that nobody has at the moment.

    Below those that the system gives to outgoing connections: one of these would take it away.
    """
    while True:
        base = random.randrange(10_240, 32_000)
        if all(map(_is_free, range(base, base + count))):
            return base


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Process(Protocol):
    """A process that a test has in its hand."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""

    def pause(self) -> None:
        """Freeze it, and wait until it is: its connections and locks stay, and it does nothing."""

    def resume(self) -> None:
        """Let it go on where it is frozen."""

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for its end."""


def _as_at_a_terminal() -> None:
    """Heed Ctrl-C, which shells have those ignore that they begin in the background."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Child:
    """One child process with its log in a file."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                preexec_fn=_as_at_a_terminal,
            )

    @property
    def pid(self) -> int:
        """Its id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self.running:
            self.process.send_signal(number)

    def pause(self) -> None:
        """Freeze it, and wait until it is: its connections and locks stay, and it does nothing."""
        self.send(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on where it is frozen."""
        self.send(signal.SIGCONT)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for its end."""
        self.send(number)
        self.process.wait(60)
