"""Tasks that come while others are done join their commit, and each has its own outcome."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cri_index import worker as the_worker
from cri_index.catalogue import Catalogue
from cri_index.engine import Engine
from cri_index.schema import Fields
from cri_index.store import Store
from cri_index.tasks import Journal
from cri_index.worker import Worker
from cri_shared.testing.waiting import until


class Index:
    """What does tasks, without a server; documents join when the first are put."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = Store(directory / "index.db")
        self.journal = Journal(self.store)
        self.catalogue = Catalogue(self.store, directory / "indexes")
        self.worker = Worker(self.store, self.journal, self.catalogue)
        self.meanwhile: list[str] = []
        self.ends = False
        self.commits = 0
        put, commit = Engine.put, Engine.commit

        def putting(engine: Engine, documents: Any) -> None:
            put(engine, documents)
            if self.ends:
                threading.Thread(target=self.worker.stop).start()
                until(lambda: self.worker._stopping, what="the worker to be told")
            while self.meanwhile:
                self.add(self.meanwhile.pop(0))

        def committing(engine: Engine) -> None:
            self.commits += 1
            commit(engine)

        monkeypatch.setattr(Engine, "put", putting)
        monkeypatch.setattr(Engine, "commit", committing)

    def add(self, ids: str) -> None:
        """Leave a task with a document for each of these ids."""
        documents = [{"id": one, "answer": "word"} for one in ids.split()]
        self.journal.add("documentAdditionOrUpdate", "entries", {"documents": documents})

    def outcomes(self) -> list[str]:
        """What became of all tasks, in their order, once none waits."""
        self.worker.start()
        until(lambda: not self.journal.waiting(1) and not self.meanwhile, what="the end of all")
        self.worker.stop()
        return [task["status"] for task in self.journal.newest(100)["results"]][::-1]

    def ids(self) -> list[str]:
        return sorted(each["id"] for each in self.catalogue.get("entries").engine.documents())


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    index = Index(tmp_path, monkeypatch)
    yield index
    index.catalogue.close()
    index.store.close()


def test_what_comes_while_a_task_is_done_is_committed_with_it(index: Index) -> None:
    index.add("a b")
    index.meanwhile = ["c", "d e"]
    assert index.outcomes() == ["succeeded"] * 3
    assert index.ids() == ["a", "b", "c", "d", "e"]
    assert index.commits == 1


def test_one_that_cannot_be_done_fails_alone(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed = Fields.indexed

    def fails(fields: Fields, identity: str, document: Any) -> Any:
        if identity == "bad":
            raise OSError
        return indexed(fields, identity, document)

    monkeypatch.setattr(Fields, "indexed", fails)
    index.add("a")
    index.meanwhile = ["b", "c bad", "d"]
    assert index.outcomes() == ["succeeded", "succeeded", "failed", "succeeded"]
    assert index.ids() == ["a", "b", "d"]


def test_a_commit_holds_no_more_documents_than_the_engine_makes_one_segment_of(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_worker, "_MOST_DOCUMENTS", 4)
    index.add("a b")
    index.meanwhile = ["c d", "e f", "g", "h i j k l"]
    assert index.outcomes() == ["succeeded"] * 5
    assert len(index.ids()) == 12
    assert index.commits == 3


def test_at_the_end_of_the_process_no_other_task_is_begun(index: Index) -> None:
    for one in ("a", "b", "c"):
        index.add(one)
    index.ends = True
    index.worker.start()
    until(lambda: index.commits == 1 and len(index.journal.waiting(10)) == 2, what="the end of one")
    index.worker.stop()
    assert index.ids() == ["a"]
    assert len(index.journal.waiting(10)) == 2
