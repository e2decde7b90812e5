"""Does the tasks of the journal, one after the other; additions and deletions in batches."""

import gc
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cri_shared.observe import log

from cri_index import filters, memory
from cri_index.catalogue import Catalogue
from cri_index.engine import Engine
from cri_index.errors import ApiError, bad_request, internal
from cri_index.settings import DEFAULTS, changed
from cri_index.store import Store
from cri_index.tasks import Journal, Task

# A batch is held in memory whole; a caller sends up to a thousand documents a task.
_MOST_IN_BATCH = 20
_MOST_DOCUMENTS = 8_000  # what the engine makes one segment of
_ADDITION = "documentAdditionOrUpdate"
_DOCUMENTS = (_ADDITION, "documentDeletion")
# After this long without writing, an engine gives its write buffers back.
_IDLE_SECONDS = 5.0

Details = dict[str, Any]


class Worker:
    """One thread. What a killed process left undone is done again at the next start.

    Adding and deleting documents twice does no harm; every other task ends in the transaction
    that does it.
    """

    def __init__(self, store: Store, journal: Journal, catalogue: Catalogue) -> None:
        self._store = store
        self._journal = journal
        self._catalogue = catalogue
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)
        self._kinds: dict[str, Callable[[sqlite3.Connection, Task], Details]] = {
            "indexCreation": self._create,
            "indexDeletion": self._remove,
            "indexSwap": self._swap,
        }

    def start(self) -> None:
        """Begin with what is waiting."""
        self._thread.start()

    def wake(self) -> None:
        """There is a new task."""
        self._wake.set()

    def stop(self) -> None:
        """End after the task under way; the rest waits in the journal."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            if not self._work() and not self._wake.wait(_IDLE_SECONDS):
                self._catalogue.rest(_IDLE_SECONDS)
                memory.give_back()

    def _work(self) -> bool:
        """Do some of what waits; False where nothing does.

        Documents are trees: nothing among thousands of them is a cycle, so none is looked for.
        """
        gc.disable()
        try:
            waiting = self._journal.waiting(_MOST_IN_BATCH)
            if waiting:
                self._do(_batch(waiting))
            return bool(waiting)
        finally:
            gc.enable()

    def _do(self, batch: list[Task], *, alone: bool = False) -> None:
        self._journal.start(batch)
        if not self._done(batch, alone=alone):
            # One of them is at fault: alone, each has its own outcome.
            for task in batch:
                self._do([task], alone=True)

    def _done(self, batch: list[Task], *, alone: bool) -> bool:
        """Whether these tasks have their outcome; of several none has, where one is at fault.

        As long as there is the error, it holds the engine's writer, and nobody has another.
        """
        try:
            if batch[0].kind in _DOCUMENTS:
                self._documents(batch[0], batch if alone else self._growing(batch))
            elif batch[0].kind == "settingsUpdate":
                self._settings(batch[0])
            else:
                with self._store.transaction(self._catalogue.refresh) as work:
                    details = self._kinds[batch[0].kind](work, batch[0])
                    self._journal.succeed(work, batch[0], details)
                self._catalogue.sweep()
        except ApiError as refusal:
            self._fail(batch, refusal)
        except Exception as error:  # the thread must go on; the caller reads `internal`
            if len(batch) > 1:
                return False
            log.error("index.task.failed", task=batch[0].uid, error=type(error).__name__)
            self._fail(batch, internal())
        return True

    def _fail(self, batch: list[Task], error: ApiError) -> None:
        with self._store.transaction() as work:
            for task in batch:
                self._journal.fail(work, task, error)

    def _documents(self, first: Task, batch: Iterable[Task]) -> None:
        engine = self._engine_for(first)
        ended: list[tuple[Task, Details | ApiError]] = []
        try:
            for task in batch:
                ended.append((task, self._write(engine, task)))
            engine.commit()
        except BaseException:
            engine.forget()
            raise
        with self._store.transaction() as work:
            for task, result in ended:
                if isinstance(result, ApiError):
                    self._journal.fail(work, task, result)
                else:
                    self._journal.succeed(work, task, result)

    def _growing(self, batch: list[Task]) -> Iterator[Task]:
        """The tasks of a batch, and those that come while it is written, until told to end.

        Each commit makes a segment, and the engine puts small ones together again and again.
        """
        for task in batch:
            yield task
            if self._stopping:
                return
            if task is batch[-1]:
                more = _batch(self._journal.waiting(_MOST_IN_BATCH))[len(batch) :]
                self._journal.start(more)
                batch += more

    def _write(self, engine: Engine, task: Task) -> Details | ApiError:
        try:
            write = self._put if _adds(task) else self._delete
            return write(engine, task)
        except ApiError as refusal:
            return refusal

    def _put(self, engine: Engine, task: Task) -> Details:
        documents = task.payload["documents"]
        engine.put(engine.checked(documents))
        return {"receivedDocuments": len(documents), "indexedDocuments": len(documents)}

    def _delete(self, engine: Engine, task: Task) -> Details:
        if "filter" in task.payload:
            tree = filters.parse(task.payload["filter"], "invalid_document_filter")
            if tree is None:
                raise bad_request("invalid_document_filter", "An empty filter deletes nothing.")
            engine.delete_where(tree)
        elif task.payload["ids"] is None:
            engine.delete_all()
        else:
            engine.delete(task.payload["ids"])
        provided = len(task.payload.get("ids") or [])
        return {"providedIds": provided, "originalFilter": task.payload.get("filter")}

    def _engine_for(self, task: Task) -> Engine:
        """The engine of the task's index, which an addition may create."""
        uid = str(task.index)
        wanted = task.payload.get("primaryKey")
        if _adds(task):
            self._make_ready(uid, wanted, task.payload["documents"])
        engine = self._catalogue.get(uid).engine
        if wanted and wanted != engine.primary_key:
            raise bad_request(
                "index_primary_key_already_exists",
                f"Index already has a primary key: `{engine.primary_key}`.",
            )
        return engine

    def _make_ready(self, uid: str, wanted: str | None, documents: list[dict[str, Any]]) -> None:
        known = {index.uid: index for index in self._catalogue.all()}
        if uid in known and known[uid].engine.primary_key:
            return
        primary_key = wanted or _guessed_key(documents)
        with self._store.transaction(self._catalogue.refresh) as work:
            if uid not in known:
                self._catalogue.create(work, uid, primary_key)
            self._catalogue.set_primary_key(work, uid, primary_key)

    def _settings(self, task: Task) -> None:
        uid = str(task.index)
        if uid not in {index.uid for index in self._catalogue.all()}:
            with self._store.transaction(self._catalogue.refresh) as work:
                self._catalogue.create(work, uid, None)
        current = self._catalogue.get(uid).engine.settings
        settings = dict(DEFAULTS) if task.payload is None else changed(current, task.payload)
        directory = self._catalogue.rebuilt(uid, settings)
        with self._store.transaction(self._catalogue.refresh) as work:
            self._catalogue.set_settings(work, uid, settings, directory)
            self._journal.succeed(work, task, task.payload or {})
        self._catalogue.sweep()

    def _create(self, work: sqlite3.Connection, task: Task) -> Details:
        self._catalogue.create(work, str(task.index), task.payload["primaryKey"])
        return {"primaryKey": task.payload["primaryKey"]}

    def _remove(self, work: sqlite3.Connection, task: Task) -> Details:
        return {"deletedDocuments": self._catalogue.remove(work, str(task.index))}

    def _swap(self, work: sqlite3.Connection, task: Task) -> Details:
        self._catalogue.swap(work, [(one, other) for one, other in task.payload])
        return {"swaps": [{"indexes": pair} for pair in task.payload]}


def _batch(waiting: list[Task]) -> list[Task]:
    """The tasks at the head that one commit can hold."""
    first, batch, room = waiting[0], waiting[:1], _MOST_DOCUMENTS - _size(waiting[0])
    for task in waiting[1:] if first.kind in _DOCUMENTS else ():
        room -= _size(task)
        if room < 0 or not _joins(task, first):
            break
        batch.append(task)
    return batch


def _joins(task: Task, first: Task) -> bool:
    """Whether a task can be in one commit with another, which is about documents."""
    if task.kind != first.kind or task.index != first.index:
        return False
    return bool(task.payload.get("primaryKey") == first.payload.get("primaryKey"))


def _adds(task: Task) -> bool:
    return task.kind == _ADDITION


def _size(task: Task) -> int:
    """How many documents a task adds."""
    return len(task.payload["documents"]) if _adds(task) else 0


def _guessed_key(documents: list[dict[str, Any]]) -> str:
    names = [name for name in (documents[0] if documents else {}) if name.lower().endswith("id")]
    if len(names) == 1:
        return names[0]
    code = "multiple_candidates_found" if names else "no_candidate_found"
    raise bad_request(f"index_primary_key_{code}", "The primary key inference failed.")
