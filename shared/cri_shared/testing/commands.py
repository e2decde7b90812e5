"""Services as they are deployed: their real commands, each a process of its own."""

import os
import signal
import subprocess
from pathlib import Path

import httpx

from cri_shared.testing.processes import Child, Process, free_port, script
from cri_shared.testing.waiting import until


class ServiceProcess:
    """One service under a directory, with keys, databases and settings by its own commands.

    After `kill` or `stop`, `start` goes on with the same data on the same port. Two of one service
    in one directory share its data, as replicas or as web and worker.
    """

    def __init__(
        self,
        service: str,
        directory: Path,
        *,
        nats_url: str,
        database_url: str | None = None,
        role: str = "all",
        **settings: str,
    ) -> None:
        self.service = service
        self.directory = directory
        self.port = free_port()
        self.role = role
        self._child: Process | None = None
        mine = f"CRI_{service.upper()}_"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CRI_")},
            "CRI_NATS_URL": nats_url,
            "CRI_MAIL_DIR": str(directory / "mail"),
            "CRI_IDENTITY_DATABASE_URL": f"sqlite+aiosqlite:///{directory}/identity.db",
            "CRI_IDENTITY_KEY_DIR": str(directory / "keys" / "identity"),
            f"{mine}KEY_DIR": str(directory / "keys" / service),
            f"{mine}KEYSTORE_URL": f"sqlite+aiosqlite:///{directory}/{service}-keys.db",
            f"{mine}DATABASE_URL": database_url or f"sqlite+aiosqlite:///{directory}/{service}.db",
            f"{mine}PORT": str(self.port),
            f"{mine}PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            **settings,
        }

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it says, since its first start."""
        return self.directory / f"{self.service}-{self.port}.log"

    @property
    def database_url(self) -> str:
        """Where its rows are."""
        return self.env[f"CRI_{self.service.upper()}_DATABASE_URL"]

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._child
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether its process was started and has not ended."""
        return self._child is not None and self._child.running

    def run(self, *arguments: str) -> str:
        """Run one of its commands to the end; gives what it printed."""
        done = subprocess.run(
            [script(f"cri-{self.service}"), *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"cri-{self.service} {arguments[0]}: {done.stderr[-800:]}")
        return done.stdout

    def prepare(self) -> "ServiceProcess":
        """Make its keys and bring its databases to this release."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.run("keys")
        self.run("migrate")
        return self

    def start(self, *, wait: bool = True) -> "ServiceProcess":
        """Start (again); returns when it answers, or at once."""
        self._child = self._begin(["serve", "--role", self.role], self.log)
        if wait:
            self.wait()
        return self

    def _begin(self, words: list[str], log: Path) -> Process:
        return Child([script(f"cri-{self.service}"), *words], log, self.env)

    def wait(self) -> None:
        """Wait until it answers."""
        until(self.answers, timeout=120, what=f"cri-{self.service}")

    def answers(self) -> bool:
        """Whether it is alive over HTTP."""
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).is_success
        except httpx.TransportError:
            return False

    def pause(self) -> None:
        """Freeze it: its connections and locks stay, and it does nothing."""
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        """Let a frozen process go on."""
        if self._child:
            self._child.resume()

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._child:
            self.resume()
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """Kill it without warning."""
        if self._child:
            self._child.stop(signal.SIGKILL)
            self._child = None
