"""The journal: what waits, what is being done, and that each is written to the file once."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cri_index.errors import internal
from cri_index.store import Store, instant
from cri_index.tasks import Journal, Task

KIND = "documentAdditionOrUpdate"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "index.db")
    yield store
    store.close()


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


def payload(number: int) -> dict[str, Any]:
    return {"documents": [{"id": f"e{number}", "answer": "“é” 1,5 \n"}], "primaryKey": None}


def add(journal: Journal, count: int = 1) -> list[Task]:
    for number in range(count):
        journal.add(KIND, "entries", payload(number))
    return journal.waiting(1_000)


def end(journal: Journal, store: Store, task: Task) -> None:
    with store.transaction() as work:
        journal.succeed(work, task, {"indexedDocuments": 1})


class TestWaiting:
    def test_all_are_there_as_they_were_asked_for_in_their_order(self, journal: Journal) -> None:
        waiting = add(journal, 50)
        assert [task.payload for task in waiting] == [payload(number) for number in range(50)]
        assert [task.uid for task in waiting] == sorted(task.uid for task in waiting)

    def test_a_later_process_finds_what_an_earlier_one_left(
        self, journal: Journal, store: Store
    ) -> None:
        left = add(journal, 3)
        journal.start(left[:2])
        end(journal, store, left[0])
        assert Journal(store).waiting(10) == left[1:]

    def test_one_whose_end_was_rolled_back_is_there_whole(
        self, journal: Journal, store: Store
    ) -> None:
        [task] = add(journal)
        with suppress(ConnectionError), store.transaction() as work:
            journal.succeed(work, task, {})
            raise ConnectionError
        assert journal.waiting(10) == [task]

    def test_what_cannot_be_written_down_does_not_wait(self, journal: Journal) -> None:
        with pytest.raises(UnicodeEncodeError):
            journal.add(KIND, "half \ud800", payload(0))
        assert [task.payload for task in add(journal)] == [payload(0)]

    def test_what_an_older_release_began_is_done(self, store: Store, journal: Journal) -> None:
        with store.transaction() as work:
            work.execute(
                "insert into tasks (index_uid, kind, status, payload, enqueued_at, started_at)"
                " values ('entries', ?, 'processing', ?, ?, ?)",
                (KIND, json.dumps(payload(7)), instant(), instant()),
            )
        assert [task.payload for task in journal.waiting(10)] == [payload(7)]


class TestTelling:
    def test_what_is_being_done_is_told(self, journal: Journal, store: Store) -> None:
        first, second = add(journal, 2)
        journal.start([first])
        shown = journal.get(first.uid)
        assert (shown["status"], shown["finishedAt"]) == ("processing", None)
        assert shown["startedAt"] >= shown["enqueuedAt"]
        assert journal.newest(10, ["processing"])["results"] == [shown]
        [waits] = journal.newest(10, ["enqueued"])["results"]
        assert (waits["uid"], waits["startedAt"]) == (second.uid, None)

    def test_what_is_done_tells_when_it_began(self, journal: Journal, store: Store) -> None:
        good, bad = add(journal, 2)
        journal.start([good, bad])
        began = journal.get(good.uid)["startedAt"]
        with store.transaction() as work:
            journal.succeed(work, good, {})
            journal.fail(work, bad, internal())
        for task, status in ((good, "succeeded"), (bad, "failed")):
            shown = journal.get(task.uid)
            assert (shown["status"], shown["startedAt"]) == (status, began)
            assert shown["duration"].startswith("PT")
        assert not journal.newest(10, ["processing"])["results"]
        assert not journal.waiting(10)


def test_documents_are_written_once_and_not_again_when_work_begins(
    tmp_path: Path, journal: Journal
) -> None:
    def written() -> int:
        return sum(file.stat().st_size for file in tmp_path.glob("index.db*"))

    journal.add(KIND, "entries", {"documents": [{"id": "e", "answer": "word " * 100_000}]})
    before = written()
    journal.start(journal.waiting(10))
    assert written() == before


def test_a_file_of_an_older_release_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    older = Store(path)
    with older.transaction() as work:
        work.execute("create view main.shown_tasks as select uid, status from tasks")
    [task] = add(Journal(older))
    older.close()
    newer = Store(path)
    journal = Journal(newer)
    journal.start(journal.waiting(10))
    assert journal.get(task.uid)["status"] == "processing"
    newer.close()
