"""The journal of tasks: written before a request is answered, so none of them is lost."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from cri_index.errors import ApiError
from cri_index.store import Store, instant

# Ended tasks that can still be asked for.
KEPT = 50_000
# Payloads of new tasks that are not read from the file again, where so few wait.
_AT_HAND = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One task that waits to be done."""

    uid: int
    index: str | None
    kind: str
    payload: Any


class Journal:
    """Tasks in the order in which they were asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: dict[int, Any] = {}

    def add(self, kind: str, index: str | None, payload: Any) -> dict[str, Any]:
        """Write a task down; when this returns, it will be done even after a crash."""
        now, written = instant(), to_json(payload).decode()

        def keep() -> None:
            if len(self._at_hand) < _AT_HAND:
                self._at_hand[done.lastrowid or 0] = payload

        with self._store.transaction(keep) as work:
            done = work.execute(
                "insert into tasks (index_uid, kind, status, payload, enqueued_at)"
                " values (?, ?, 'enqueued', ?, ?)",
                (index, kind, written, now),
            )
        return {
            "taskUid": done.lastrowid,
            "indexUid": index,
            "status": "enqueued",
            "type": kind,
            "enqueuedAt": now,
        }

    def waiting(self, most: int) -> list[Task]:
        """The oldest tasks that are not done; an older release wrote down which it began."""
        rows = self._store.rows(
            "select uid, index_uid, kind from tasks"
            " where status in ('enqueued', 'processing') order by uid limit ?",
            most,
        )
        return [
            Task(row["uid"], row["index_uid"], row["kind"], self._payload(row["uid"]))
            for row in rows
        ]

    def _payload(self, uid: int) -> Any:
        if uid in self._at_hand:
            return self._at_hand[uid]
        [row] = self._store.rows("select payload from tasks where uid = ?", uid)
        return from_json(row["payload"])

    def start(self, tasks: Iterable[Task]) -> None:
        """Note that work on these began; who looks sees it, and it is not written to the file."""
        now = instant()
        with self._store.transaction() as work:
            work.executemany(
                "insert or replace into begun (uid, started_at) values (?, ?)",
                [(task.uid, now) for task in tasks],
            )

    def succeed(self, work: sqlite3.Connection, task: Task, details: dict[str, Any]) -> None:
        """Note that a task is done, in the transaction that does it."""
        self._end(work, task, "succeeded", details, None)

    def fail(self, work: sqlite3.Connection, task: Task, error: ApiError) -> None:
        """Note that a task cannot be done."""
        self._end(work, task, "failed", None, error.body())

    def _end(
        self,
        work: sqlite3.Connection,
        task: Task,
        status: str,
        details: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> None:
        work.execute(
            "update tasks set status = ?, details = ?, error = ?, finished_at = ?, payload = '',"
            " started_at = (select started_at from begun where begun.uid = tasks.uid)"
            " where uid = ?",
            (status, json.dumps(details), json.dumps(error), instant(), task.uid),
        )
        work.execute("delete from begun where uid = ?", (task.uid,))
        self._at_hand.pop(task.uid, None)  # where this is rolled back, it is read from the file
        work.execute(
            "delete from tasks where uid = ? and status in ('succeeded', 'failed')",
            (task.uid - KEPT,),
        )

    def get(self, uid: int) -> dict[str, Any]:
        """One task in the shape of the API; ApiError 404."""
        rows = self._store.rows("select * from shown_tasks where uid = ?", uid)
        if not rows:
            raise task_not_found(uid)
        return _body(rows[0])

    def newest(
        self, limit: int, statuses: Sequence[str] = (), indexes: Sequence[str] = ()
    ) -> dict[str, Any]:
        """A list of tasks, newest first, of these statuses and indexes (empty: of all)."""
        wanted = [json.dumps(list(statuses)), json.dumps(list(indexes))]
        rows = self._store.rows(f"{_LISTED} order by uid desc limit ?3", *wanted, limit + 1)
        total = self._store.rows(f"select count(*) from ({_LISTED})", *wanted)  # noqa: S608
        shown = [_body(row) for row in rows[:limit]]
        return {
            "results": shown,
            "total": total[0][0],
            "limit": limit,
            "from": shown[0]["uid"] if shown else None,
            "next": rows[limit]["uid"] if len(rows) > limit else None,
        }


_LISTED = (
    "select * from shown_tasks"
    " where (?1 = '[]' or status in (select value from json_each(?1)))"
    " and (?2 = '[]' or index_uid in (select value from json_each(?2)))"
)


def task_not_found(uid: int) -> ApiError:
    """There is no such task, or it is not this key's to see."""
    return ApiError(404, "task_not_found", f"Task `{uid}` not found.")


def _body(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "uid": row["uid"],
        "batchUid": row["uid"] if row["started_at"] else None,
        "indexUid": row["index_uid"],
        "status": row["status"],
        "type": row["kind"],
        "canceledBy": None,
        "details": json.loads(row["details"]) if row["details"] else None,
        "error": json.loads(row["error"]) if row["error"] else None,
        "duration": _duration(row["started_at"], row["finished_at"]),
        "enqueuedAt": row["enqueued_at"],
        "startedAt": row["started_at"],
        "finishedAt": row["finished_at"],
    }


def _duration(started: str | None, finished: str | None) -> str | None:
    if not started or not finished:
        return None
    taken = dt.datetime.fromisoformat(finished) - dt.datetime.fromisoformat(started)
    return f"PT{max(0.0, taken.total_seconds()):.6f}S"
