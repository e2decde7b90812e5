"""Transactions on SQLite end as they should, also where they are cut short."""

import asyncio
import contextlib
import datetime as dt
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database, Glance, Seek
from sqlalchemy import bindparam, func, insert, literal, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.shared.toy import KEY, effects, messaging, metadata


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    outbox = Outbox(messaging, service="intake", key=KEY)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/a.db", outbox)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


async def kept(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(select(effects.c.research_id))).scalars())


async def test_what_is_written_in_a_reading_session_is_not_kept(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(insert(effects).values(research_id="read", text="x"))
    assert await kept(database) == []


async def test_a_reader_keeps_to_its_moment_while_others_write(database: Database) -> None:
    async with database.reading() as session:
        before = (await session.execute(select(effects.c.id))).all()
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="w", text="x"))
        assert (await session.execute(select(effects.c.id))).all() == before == []
    assert await kept(database) == ["w"]


async def test_a_refused_statement_leaves_the_database_usable(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="gone", text="x"))
            raise ZeroDivisionError
    async with database.writing() as work:
        await work.session.execute(insert(effects).values(research_id="stays", text="x"))
    assert await kept(database) == ["stays"]


@pytest.mark.parametrize("turns", range(12))
async def test_a_transaction_that_is_cancelled_anywhere_holds_no_lock(
    database: Database, turns: int
) -> None:
    async def write(name: str) -> None:
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id=name, text="x"))

    cut = asyncio.create_task(write("cut"))
    for _ in range(turns):
        await asyncio.sleep(0)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    await asyncio.wait_for(write("next"), 5)
    assert "next" in await kept(database)


async def told_where(session: AsyncSession) -> list[str]:
    """Let a statement of the session tell in which threads SQLite runs it, by `SELECT here()`."""
    ran: list[str] = []

    def here() -> int:
        ran.append(threading.current_thread().name)
        return 1

    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    await driver.create_function("here", 0, here)
    return ran


LONG = (
    "SELECT here(), count(*) FROM (WITH RECURSIVE n(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT i FROM n)"
)


class TestVisits:
    async def test_a_short_read_visits_no_thread(self, database: Database) -> None:
        async with database.reading() as session:
            ran = await told_where(session)
            await session.execute(text("SELECT here()"))
        assert ran == [threading.main_thread().name]

    async def test_a_long_read_goes_on_in_the_thread_and_the_next_begins_there(
        self, database: Database
    ) -> None:
        async with database.reading() as session:
            ran = await told_where(session)
            for _ in range(2):
                assert (await session.execute(text(LONG))).one() == (1, 50000)
        assert len(ran) == 2
        assert threading.main_thread().name not in ran

    async def test_a_long_read_keeps_the_moment_and_the_writes_of_its_transaction(
        self, database: Database
    ) -> None:
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="mine", text="x"))
            await told_where(work.session)
            assert (await work.session.execute(text(LONG))).one() == (1, 50000)
        assert await kept(database) == ["mine"]

    async def test_a_row_goes_in_at_once_and_many_in_the_thread(self, database: Database) -> None:
        put = "INSERT INTO effects (research_id, text) VALUES ('a', here())"
        async with database.writing() as work:
            ran = await told_where(work.session)
            await work.session.execute(text(put))
            await work.session.execute(text("UPDATE effects SET text = here()"))
            await work.session.execute(
                text("INSERT INTO effects (research_id, text) SELECT 'b', here() FROM effects")
            )
        main = threading.main_thread().name
        assert ran[0] == main
        assert main not in ran[1:]
        assert await kept(database) == ["a", "b"]

    async def test_who_waits_for_the_lock_of_another_process_holds_nobody_up(
        self, database: Database, tmp_path: Path
    ) -> None:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def write() -> None:
            async with database.writing() as work:
                await work.session.execute(insert(effects).values(research_id="w", text="x"))

        writing = asyncio.create_task(write())
        for _ in range(20):
            await asyncio.sleep(0)
        assert await kept(database) == []
        assert not writing.done()
        other.execute("COMMIT")
        other.close()
        await asyncio.wait_for(writing, 10)
        assert await kept(database) == ["w"]


class TestGlances:
    texts = Glance(
        select(effects.c.research_id, effects.c.text)
        .where(effects.c.research_id.in_(bindparam("ids", expanding=True)))
        .order_by(effects.c.research_id),
        "ids",
    )

    async def write(self, database: Database, *names: str) -> None:
        async with database.writing() as work:
            for name in names:
                await work.session.execute(insert(effects).values(research_id=name, text="x"))

    async def test_a_glance_sees_what_was_committed_before_it(self, database: Database) -> None:
        assert list(await database.glance(self.texts, ["a"])) == []
        await self.write(database, "a", "b", "c")
        assert list(await database.glance(self.texts, ["a", "c"])) == [("a", "x"), ("c", "x")]
        assert database.connections_in_use == 0

    async def test_nothing_is_asked_about_nothing(self, database: Database) -> None:
        assert not await database.glance(self.texts, [])

    async def test_a_long_one_is_answered_by_the_pool(self, database: Database) -> None:
        await self.write(database, *(str(number) for number in range(60)))
        one, *others = (effects.alias() for _ in range(4))
        told = select(func.count(), literal("told")).where(
            one.c.research_id.in_(bindparam("ids", expanding=True)),
            *(one.c.text == other.c.text for other in others),
        )
        long = Glance(told, "ids")
        assert list(await database.glance(long, ["1", "2"])) == [(2 * 60**3, "told")]

    async def test_without_a_file_the_pool_tells_what_is_wrong(self, tmp_path: Path) -> None:
        outbox = Outbox(messaging, service="intake", key=KEY)
        nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", outbox)
        with pytest.raises(OperationalError):
            await nowhere.glance(self.texts, ["a"])
        await nowhere.close()


class TestSeeks:
    """A seek reads as SQLAlchemy does, whatever the types are."""

    jobs = messaging.jobs
    one = Seek(
        select(jobs.c.kind, jobs.c.due_at, jobs.c.payload, jobs.c.failed).where(
            jobs.c.key == bindparam("its_key"), jobs.c.due_at > bindparam("since")
        )
    )
    row: ClassVar[dict[str, Any]] = {
        "kind": "k",
        "key": "a",
        "due_at": dt.datetime(2026, 3, 2, 12, 0, 0, 5, dt.UTC),
    }
    beside: ClassVar[dict[str, Any]] = {
        "payload": {"n": [1, None, "é"]},
        "tries": 0,
        "failed": None,
    }

    @pytest.fixture
    async def kept(self, database: Database) -> Database:
        async with database.writing() as work:
            await work.session.execute(insert(self.jobs).values(**self.row, **self.beside))
        return database

    async def test_times_json_and_nothing_come_as_they_went(self, kept: Database) -> None:
        before = self.row["due_at"] - dt.timedelta(microseconds=1)
        (found,) = await kept.seek(self.one, its_key="a", since=before)
        async with kept.glancing() as connection:
            told = {"its_key": "a", "since": before}
            (same,) = (await connection.execute(self.one.statement, told)).all()
        assert found == tuple(same)
        assert found.due_at == self.row["due_at"]
        assert found.payload == self.beside["payload"]
        assert found.failed is None

    async def test_what_does_not_fit_is_not_there(self, kept: Database) -> None:
        assert not await kept.seek(self.one, its_key="a", since=self.row["due_at"])
        earlier = self.row["due_at"] - dt.timedelta(days=1)
        assert not await kept.seek(self.one, its_key="b", since=earlier)

    async def test_a_value_of_the_statement_itself_need_not_be_given(self, kept: Database) -> None:
        first = Seek(select(self.jobs.c.key).where(self.jobs.c.kind == "k").limit(1))
        assert [row.key for row in await kept.seek(first)] == ["a"]

    async def test_without_a_file_the_pool_tells_what_is_wrong(self, tmp_path: Path) -> None:
        outbox = Outbox(messaging, service="intake", key=KEY)
        nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", outbox)
        with pytest.raises(OperationalError):
            await nowhere.seek(self.one, its_key="a", since=self.row["due_at"])
        await nowhere.close()


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    """A thread that outlived the verb wrote its own end beside the verb's answer."""
    away = Database(
        f"sqlite+aiosqlite:///{tmp_path}/nowhere/a.db", Outbox(messaging, service="intake", key=KEY)
    )
    before = threading.active_count()
    for _time in range(20):
        with pytest.raises(OperationalError):
            await kept(away)
        assert threading.active_count() == before
    await away.close()
