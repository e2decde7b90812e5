"""The server's own facts in one SQLite file: indexes, tasks and keys; durable when committed."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cri_shared import clock

# Behind each column stands how secret it is, as in `cri_shared.privacy.classes`.
TABLES = """
create table if not exists indexes (
    uid text primary key, -- C1
    directory text not null unique, -- C1
    primary_key text, -- C1
    settings text not null, -- C1
    created_at text not null, -- C1
    updated_at text not null -- C1
);
create table if not exists tasks (
    uid integer primary key autoincrement, -- C1
    index_uid text, -- C1
    kind text not null, -- C1
    status text not null, -- C1
    payload text not null, -- C0
    details text, -- C1
    error text, -- C1
    enqueued_at text not null, -- C1
    started_at text, -- C1
    finished_at text -- C1
);
create index if not exists tasks_by_status on tasks (status, uid);
create table if not exists keys (
    uid text primary key, -- C1
    body text not null -- C1
);
"""

# What is being done is known as long as this process lives: to write it into the row of a task
# would write its payload, which holds whole documents, once more. `shown_tasks` leaves that out.
_AT_WORK = """
pragma temp_store = memory;
drop view if exists main.shown_tasks;
create temp table begun (uid integer primary key, started_at text not null);
create temp view shown_tasks as
    select tasks.uid, index_uid, kind,
        case when begun.uid is null then status else 'processing' end as status,
        details, error, enqueued_at,
        coalesce(begun.started_at, tasks.started_at) as started_at, finished_at
    from tasks left join begun on begun.uid = tasks.uid;
"""


class Store:
    """One connection that threads take turns on."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        # A task is acknowledged only once it would survive a loss of power.
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(TABLES + _AT_WORK)

    @contextmanager
    def transaction(self, then: Callable[[], None] | None = None) -> Iterator[sqlite3.Connection]:
        """Everything inside is committed together, or nothing is.

        `then` runs once it is committed and before anybody else reads that it was.
        """
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")
            if then:
                then()

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Read some rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def instant() -> str:
    """Now, as Meilisearch writes instants."""
    return clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
