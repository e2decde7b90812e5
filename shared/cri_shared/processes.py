"""Processes of this machine: the commands beside this Python, ports, and children's ends.

`logging` and the threads of `concurrent.futures` take their locks before a fork and give them back
after it. They are imported here, before there is any child: one that another thread imported during
a fork would give back a lock that it never took.
"""

import concurrent.futures.thread  # noqa: F401 - see above
import ctypes
import logging  # noqa: F401 - see above
import signal
import socket
import sys
import sysconfig
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def script(name: str) -> str:
    """The path of a command that a package installed beside this Python."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def answers(port: int) -> bool:
    """Whether somebody on this machine accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent() -> None:
    """Let a child end when the thread that started it ends, however that happens (Linux).

    To be called in the child, before its command begins.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans(wanted: bool) -> None:
    """Whether a process below this one whose parent ends becomes a child of this one (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").prctl(option, value)
