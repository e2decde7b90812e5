"""A small file system of its own: it can be full, have room again, and goes when its test does."""

import os
import subprocess
from pathlib import Path

from cri_shared.testing.waiting import until

ROOM = 2 << 30  # bytes; memory is taken only for what is written


# Its input ends with the process that mounted, however that one ends.
UNMOUNT_AT_END = 'cat >/dev/null; exec umount -l "$0"'


class SmallDisk:
    """A tmpfs at a directory; `mounted` is false where this machine does not let us mount one."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def mounted(self) -> bool:
        return self._keeper is not None

    def mount(self) -> None:
        """Mount it, where we may."""
        self.directory.mkdir(parents=True, exist_ok=True)
        options = f"size={ROOM},mode=0755"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.directory)]
        if os.geteuid() == 0 and _succeeds(command):
            keeper = ["sh", "-c", UNMOUNT_AT_END, str(self.directory)]
            self._keeper = subprocess.Popen(keeper, stdin=subprocess.PIPE, start_new_session=True)

    def unmount(self) -> None:
        """Give everything on it up."""
        if self._keeper:
            self._keeper.communicate()
            self._keeper = None

    def fill(self) -> None:
        """Let it have no room beyond what is taken."""
        until(lambda: self._resize(self._taken()), what=f"{self.directory} full")

    def free(self) -> None:
        """Let it have room again."""
        until(lambda: self._resize(ROOM), what=f"{self.directory} with room")

    def _taken(self) -> int:
        found = os.statvfs(self.directory)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def _resize(self, size: int) -> bool:
        """Whether it could be done: not where more was written since."""
        return _succeeds(["mount", "-o", f"remount,size={size}", str(self.directory)])


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
