"""A real cri-index for tests, on a free port, in a directory of its own."""

import os
import secrets
import signal
from pathlib import Path

import httpx

from cri_shared.index.provisioning import provision_keys
from cri_shared.testing.processes import Child, free_port, script
from cri_shared.testing.waiting import until


class IndexServer:
    """One server process; after `kill` or `stop`, `start` goes on with the same data."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.master_key = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: Child | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self._child = Child(
            [script("cri-index"), "serve", "--port", str(self.port), "--data", str(self.directory)],
            self.directory.parent / f"{self.directory.name}.log",
            {**os.environ, "CRI_INDEX_MASTER_KEY": self.master_key},
        )
        until(self._answers, what="cri-index")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=1).is_success
        except httpx.TransportError:
            return False

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._child
        return self._child.process.pid

    def stop(self) -> None:
        """End the process in order."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End the process as a crash would."""
        if self._child:
            self._child.stop(signal.SIGKILL)

    def keys(self) -> tuple[str, str]:
        """(key to write with, key to search with)."""
        return provision_keys(self.url, self.master_key)
