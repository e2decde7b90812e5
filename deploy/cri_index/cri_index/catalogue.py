"""Which indexes there are: rows in the store, each with a directory of the engine."""

import json
import shutil
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cri_index.engine import Engine, documents_laid_out_otherwise
from cri_index.errors import ApiError, index_not_found
from cri_index.schema import Document
from cri_index.settings import DEFAULTS, Settings, needs_new_index
from cri_index.store import Store, instant

# Documents of one commit while an index is built anew.
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Index:
    """One index as searches see it."""

    uid: str
    engine: Engine
    created_at: str
    updated_at: str

    def body(self) -> dict[str, Any]:
        """The JSON body of the API."""
        return {
            "uid": self.uid,
            "primaryKey": self.engine.primary_key,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }


class Catalogue:
    """The store's rows decide; `refresh` brings engines and directories in line with them.

    Changes take the transaction they belong to, so that an index changes and the task that asked
    for it ends in one step, even where the process is killed.
    """

    def __init__(self, store: Store, root: Path) -> None:
        self._store = store
        self._root = root
        self._root.mkdir(parents=True, exist_ok=True)
        self._indexes: dict[str, Index] = {}
        self._engines: dict[str, Engine] = {}
        self._gone: list[Engine] = []
        self._renew()
        self.refresh()
        self.sweep()

    def _renew(self) -> None:
        """Write indexes anew, from their documents, that an older release laid out otherwise."""
        for row in self._store.rows("select * from indexes"):
            directory, settings = self._root / row["directory"], json.loads(row["settings"])
            if (documents := documents_laid_out_otherwise(directory, settings)) is not None:
                copy = self._written(documents, settings, row["primary_key"])
                with self._store.transaction() as work:
                    self.set_settings(work, row["uid"], settings, copy)

    def get(self, uid: str) -> Index:
        """The index of that name; ApiError 404."""
        found = self._indexes.get(uid)
        if found is None:
            raise index_not_found(uid)
        return found

    def all(self) -> list[Index]:
        """Every index by name."""
        return [self._indexes[uid] for uid in sorted(self._indexes)]

    def refresh(self) -> None:
        """Open what is new, obey changed settings, let go of what no row names."""
        rows = self._store.rows("select * from indexes")
        engines = {row["directory"]: self._engine(row) for row in rows}
        self._gone += [engine for name, engine in self._engines.items() if name not in engines]
        self._engines = engines
        # One assignment: a search sees every part of a swap or none.
        self._indexes = {
            row["uid"]: Index(
                row["uid"], engines[row["directory"]], row["created_at"], row["updated_at"]
            )
            for row in rows
        }

    def sweep(self) -> None:
        """Close and remove what `refresh` let go of, and what a killed process left behind."""
        gone, self._gone = self._gone, []
        for engine in gone:
            engine.close()
        for directory in self._root.iterdir():
            if directory.name not in self._engines:
                shutil.rmtree(directory, ignore_errors=True)

    def _engine(self, row: sqlite3.Row) -> Engine:
        settings = json.loads(row["settings"])
        engine = self._engines.get(row["directory"])
        if engine is None:
            return Engine(self._root / row["directory"], settings, row["primary_key"])
        engine.primary_key = row["primary_key"]
        if engine.settings != settings:
            engine.obey(settings)
        return engine

    def create(self, work: sqlite3.Connection, uid: str, primary_key: str | None) -> None:
        """Add an empty index; ApiError 409 where the name is taken."""
        if uid in self._indexes:
            raise ApiError(409, "index_already_exists", f"Index `{uid}` already exists.")
        now = instant()
        work.execute(
            "insert into indexes values (?, ?, ?, ?, ?, ?)",
            (uid, uuid.uuid4().hex, primary_key, json.dumps(DEFAULTS), now, now),
        )

    def set_primary_key(self, work: sqlite3.Connection, uid: str, primary_key: str) -> None:
        """Say which attribute of its documents is their id."""
        work.execute(
            "update indexes set primary_key = ?, updated_at = ? where uid = ?",
            (primary_key, instant(), uid),
        )

    def remove(self, work: sqlite3.Connection, uid: str) -> int:
        """Remove an index with its documents; answers how many there were."""
        count = self.get(uid).engine.count
        work.execute("delete from indexes where uid = ?", (uid,))
        return count

    def swap(self, work: sqlite3.Connection, pairs: list[tuple[str, str]]) -> None:
        """Exchange the names of indexes, settings and documents included."""
        for one, other in pairs:
            self.get(one)
            self.get(other)
            work.execute("update indexes set uid = '' where uid = ?", (one,))
            work.execute("update indexes set uid = ? where uid = ?", (one, other))
            work.execute("update indexes set uid = ? where uid = ''", (other,))

    def rebuilt(self, uid: str, settings: Settings) -> str:
        """The directory in which the index obeys new settings: its own, or a new copy.

        The copy is in use only once `set_settings` is committed.
        """
        engine = self.get(uid).engine
        if not needs_new_index(engine.settings, settings):
            return engine.directory.name
        return self._written(engine.documents(), settings, engine.primary_key)

    def _written(
        self, documents: Iterable[Document], settings: Settings, primary_key: str | None
    ) -> str:
        """The directory of a new engine with these documents."""
        copy = Engine(self._root / uuid.uuid4().hex, settings, primary_key)
        for written, document in enumerate(documents):
            copy.put(copy.checked([document]))
            if written % _BATCH == _BATCH - 1:
                copy.commit()
        copy.commit()
        copy.close()
        return copy.directory.name

    def set_settings(
        self, work: sqlite3.Connection, uid: str, settings: Settings, directory: str
    ) -> None:
        """Let an index obey these settings in that directory."""
        work.execute(
            "update indexes set settings = ?, directory = ?, updated_at = ? where uid = ?",
            (json.dumps(settings), directory, instant(), uid),
        )

    def rest(self, idle_seconds: float) -> None:
        """Let engines that were not written to give memory back."""
        for engine in self._engines.values():
            engine.rest(idle_seconds)

    def close(self) -> None:
        """Close every engine."""
        for engine in self._engines.values():
            engine.close()
