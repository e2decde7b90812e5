"""A SQLite file in a backup: a consistent copy while others write, and its way back."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cri_shared.backup.archive import PART_BYTES
from cri_shared.backup.files import draft, is_locked, put
from cri_shared.backup.store import Loading, Snapshot, State, Store
from cri_shared.backup.trouble import BackupFailed, BackupRefused, told
from cri_shared.db.migrate import version_table

_BESIDE = ("-wal", "-shm", "-journal")  # SQLite's own files of a database
_FULL = "full"


class SqliteStore(Store):
    """One SQLite file, with the tables of a package (or of none, which has no migrations)."""

    kind = "sqlite"

    def __init__(self, path: Path, package: str | None) -> None:
        self._path = path
        self._package = package

    def __str__(self) -> str:
        return self._path.name

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """A copy beside the file, without free pages, as of one moment; gone when the block ends.

        Raises `BackupRefused` where there is no database, `BackupFailed` where it is damaged.
        """
        if not self._path.exists():
            raise BackupRefused(f"There is no database {self._path}: run migrate.")
        copy = self._aside("copy")
        with told(self._path.parent), draft(copy) as file:
            with _in_words(self._path), closing(sqlite3.connect(self._path)) as live:
                live.execute("VACUUM INTO ?", (str(copy),))
            found = _examine(copy, self._package)
            pieces = iter(lambda: file.read(PART_BYTES), b"")
            yield Snapshot(sqlite3.sqlite_version, found.revision, found.rows, pieces)

    def state(self) -> State:
        """Whether somebody works with the file, or it holds rows."""
        if not self._path.exists():
            return State.EMPTY
        if any(map(is_locked, self._path.parent.glob(f"{self._path.name}.*.lock"))):
            return State.LIVE
        try:
            with closing(_exclusively(self._path)) as connection:
                found = _found(connection, self._package)
        except sqlite3.OperationalError:
            return State.LIVE
        except sqlite3.DatabaseError:
            return State.FILLED  # with what cannot be read any more
        return State.FILLED if any(found.rows.values()) else State.EMPTY

    @contextmanager
    def loading(self, rows: Mapping[str, int]) -> Iterator[Loading]:
        """Take a copy's bytes beside the file; `put` lets it take the file's place."""
        aside = self._aside("restored")
        with told(self._path.parent), draft(aside) as file:
            yield _Loading(self._path, aside, file, _Wanted(self._package, rows))

    def _aside(self, what: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{what}")


class _Wanted(NamedTuple):
    package: str | None
    rows: Mapping[str, int]


class _Loading(Loading):
    def __init__(self, path: Path, aside: Path, file: BinaryIO, wanted: _Wanted) -> None:
        self._path, self._aside, self._file, self._wanted = path, aside, file, wanted

    def take(self, part: bytes) -> None:
        self._file.write(part)

    def put(self) -> None:
        self._file.flush()
        if _examine(self._aside, self._wanted.package).rows != self._wanted.rows:
            raise BackupFailed(f"{self._path} is as it was: other rows came than were backed up.")
        _empty_beside(self._path)
        put(self._file, self._aside, self._path)


class _Found(NamedTuple):
    revision: str | None
    rows: dict[str, int]


def _examine(path: Path, package: str | None) -> _Found:
    """Revision and rows of a database that nobody else has; raises `BackupFailed` if damaged."""
    with _in_words(path), closing(sqlite3.connect(path)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        return _found(connection, package)


def _found(connection: sqlite3.Connection, package: str | None) -> _Found:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = [name for (name,) in connection.execute(f"{tables} ORDER BY name")]
    count, version = 'SELECT count(*) FROM "{}"', 'SELECT version_num FROM "{}"'
    versions = version_table(package) if package else ""
    revision = None
    if versions in names:
        names.remove(versions)
        revision = _one(connection, version.format(versions))
    return _Found(revision, {name: _one(connection, count.format(name)) for name in names})


def _one(connection: sqlite3.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row and row[0]


def _exclusively(path: Path) -> sqlite3.Connection:
    """A connection that has the file to itself; raises `sqlite3.OperationalError` if another has.

    Whoever has a database in WAL mode open keeps a lock on it, even between transactions.
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _empty_beside(path: Path) -> None:
    """Take away what SQLite keeps beside a file, which it would apply to the file after it."""
    try:
        if path.exists():
            _exclusively(path).close()
    except sqlite3.OperationalError:
        raise BackupFailed(f"{path} is as it was: somebody opened it meanwhile.") from None
    except sqlite3.DatabaseError:
        pass  # that is why it is replaced
    for beside in _BESIDE:
        path.with_name(path.name + beside).unlink(missing_ok=True)


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as trouble:
        if _FULL in str(trouble):
            words = f"The disk of {path.parent} is full; nothing was changed."
        else:
            words = f"{path}: {trouble}; nothing was changed."
        raise BackupFailed(words) from None
