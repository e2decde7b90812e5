"""Who works with a database at this moment, and on which release: asked of the database itself.

PostgreSQL knows its connections by their names. Beside an SQLite file each process that serves
keeps a small file under a lock, which ends with the process however that ends.
"""

import contextlib
import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, make_url, text

_NAME = re.compile(
    r"cri-(?P<service>\w+)-(?P<role>all|web|worker)"
    r"(?: (?P<version>\S+) (?P<build>\S+) (?P<revision>\S+))?"
)
_CONNECTED = text(
    "SELECT DISTINCT application_name FROM pg_stat_activity"
    " WHERE datname = current_database() ORDER BY 1"
)


@dataclass(frozen=True)
class Process:
    """A process of a service; what an older release does not tell is empty."""

    service: str
    role: str
    version: str = ""
    build: str = ""
    revision: str = ""  # the newest that its code knows of this database

    @classmethod
    def named(cls, name: str) -> "Process | None":
        """By the name under which it is connected; None where that is no service's."""
        found = _NAME.fullmatch(name)
        return (
            cls(**{key: told or "" for key, told in found.groupdict().items()}) if found else None
        )

    @property
    def release(self) -> str:
        """Version and build; empty where it does not tell."""
        return f"{self.version} {self.build}".strip()

    def __str__(self) -> str:
        return f"{self.service} ({self.role}) {self.release or 'of an older release'}"


def present(connection: Connection) -> list[Process]:
    """The processes of services that have the database of a connection open."""
    if connection.dialect.name == "sqlite":
        names = _beside(_place(str(connection.engine.url)))
    else:
        names = list(connection.execute(_CONNECTED).scalars())
    return [one for one in map(Process.named, names) if one is not None]


class Announced:
    """What a process that serves says of itself beside its SQLite files, until it is closed."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}

    def at(self, url: str, name: str) -> None:
        """Say it, once; PostgreSQL knows it by itself."""
        if url.startswith("sqlite") and url not in self._held and (place := _place(url)):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._held[url] = _hold(place, name)

    def close(self) -> None:
        """Say no more."""
        for held in self._held.values():
            os.close(held)
        self._held.clear()


def _place(url: str) -> Path | None:
    """Where processes say so; None where the database is no file."""
    database = make_url(url).database
    if not database or database == ":memory:":
        return None
    path = Path(database)
    return path.with_name(f".{path.name}.open")


def _hold(place: Path, name: str) -> int:
    while True:
        path = place / f"{name} {uuid4().hex}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():  # or somebody looked before it was locked, and took it for a dead one's
            return handle
        os.close(handle)


def _beside(place: Path | None) -> list[str]:
    """The names of those that live; the files of the others go."""
    if place is None or not place.is_dir():
        return []
    return [path.name.rpartition(" ")[0] for path in sorted(place.iterdir()) if _lives(path)]


def _lives(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        path.unlink(missing_ok=True)
    return False
