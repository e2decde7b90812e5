"""Jobs and duties: done until they succeed, by one process, whichever one dies."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cri_shared import clock
from cri_shared import clockwork as clockwork_module
from cri_shared.bus.outbox import Outbox
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db import Database, Work
from cri_shared.db.engine import make_engine
from cri_shared.db.leadership import leadership
from cri_shared.db.notices import version_of
from cri_shared.diary import Diary, Reader
from cri_shared.testing.waiting import eventually
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.shared.toy import KEY, messaging, metadata

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(database_url, Outbox(messaging, service="intake", key=KEY))
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


async def leave(database: Database, clockwork: Clockwork, key: str, **payload: int) -> None:
    async with database.writing() as work:
        await clockwork.leave(work, "count", key, payload)


async def left(database: Database) -> list[str]:
    async with database.reading() as session:
        keys = await session.execute(select(messaging.jobs.c.key).order_by(messaging.jobs.c.id))
        return list(keys.scalars())


class TestJobs:
    async def test_one_that_fails_is_kept_and_tried_again_later(self, database: Database) -> None:
        tries: list[int] = []

        async def flaky(job: Job) -> None:
            tries.append(1)
            if len(tries) < 3:
                raise RuntimeError

        clockwork = Clockwork(database)
        clockwork.handles("count", flaky)
        with clock.frozen(NOON):
            await leave(database, clockwork, "a")
            assert await clockwork.do_jobs() == 1
            assert await clockwork.do_jobs() == 0, "not before its time"
        with clock.frozen(NOON + dt.timedelta(seconds=2)):
            assert await clockwork.do_jobs() == 1
            assert await clockwork.do_jobs() == 0, "the pause grows"
            assert await left(database) == ["a"]
        with clock.frozen(NOON + dt.timedelta(minutes=1)):
            assert await clockwork.do_jobs() == 1
        assert len(tries) == 3
        assert await left(database) == []

    async def test_what_was_due_stays_so_when_a_clock_that_was_ahead_is_set_right(
        self, database: Database
    ) -> None:
        done: list[str] = []
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def work_off(job: Job) -> None:
            if job.key == "at-hand" and not begun.is_set():
                begun.set()
                await go_on.wait()
                raise RuntimeError
            done.append(job.key)

        clockwork = Clockwork(database)
        clockwork.handles("count", work_off)
        tomorrow = NOON + dt.timedelta(days=1)
        with clock.frozen(tomorrow):
            await leave(database, clockwork, "at-hand")
            clockwork.start()
            await begun.wait()
            await leave(database, clockwork, "due")
            async with database.writing() as work:
                in_an_hour = tomorrow + dt.timedelta(hours=1)
                await clockwork.leave(work, "count", "later", due_at=in_an_hour)
        with clock.frozen(NOON):
            go_on.set()
            await eventually(lambda: len(done) == 2, what="what was due")

            async def only_the_later() -> bool:
                return await left(database) == ["later"]

            await eventually(only_the_later, what="rows of what was done gone")
            await clockwork.stop()
        assert sorted(done) == ["at-hand", "due"]

    async def test_the_same_one_left_again_replaces_the_first(self, database: Database) -> None:
        seen: list[int] = []

        async def remember(job: Job) -> None:
            seen.append(job.payload["n"])

        clockwork = Clockwork(database)
        clockwork.handles("count", remember)
        await leave(database, clockwork, "a", n=1)
        await leave(database, clockwork, "a", n=2)
        await clockwork.do_jobs()
        assert seen == [2]

    async def test_one_left_again_while_it_runs_is_done_once_more(self, database: Database) -> None:
        seen: list[int] = []
        clockwork = Clockwork(database)

        async def again(job: Job) -> None:
            seen.append(job.payload["n"])
            if job.payload["n"] == 1:
                await leave(database, clockwork, "a", n=2)

        clockwork.handles("count", again)
        await leave(database, clockwork, "a", n=1)
        while await clockwork.do_jobs():
            pass
        assert seen == [1, 2]

    async def test_one_of_a_transaction_that_failed_was_never_left(
        self, database: Database
    ) -> None:
        clockwork = Clockwork(database)
        with contextlib.suppress(RuntimeError):
            async with database.writing() as work:
                await clockwork.leave(work, "count", "a")
                raise RuntimeError
        assert await left(database) == []

    async def test_what_one_process_left_the_next_one_does(self, database: Database) -> None:
        await leave(database, Clockwork(database), "before-the-restart")
        done: list[str] = []

        async def remember(job: Job) -> None:
            done.append(job.key)

        second = Clockwork(database)
        second.handles("count", remember)
        second.start()
        await eventually(lambda: done == ["before-the-restart"], what="the job")
        await leave(database, second, "woken")
        await eventually(lambda: "woken" in done, what="the second job")
        await second.stop()

    async def test_two_processes_share_the_lead_and_one_inherits_it(
        self, database: Database
    ) -> None:
        done: list[tuple[int, str]] = []

        def member(number: int) -> Clockwork:
            async def remember(job: Job) -> None:
                done.append((number, job.key))

            clockwork = Clockwork(database)
            clockwork.handles("count", remember)
            clockwork.start()
            return clockwork

        members = [member(0), member(1)]
        for n in range(5):
            await leave(database, members[n % 2], f"j{n}")
        await eventually(lambda: len(done) == 5, what="five jobs")
        assert sorted(key for _, key in done) == [f"j{n}" for n in range(5)]
        leaders = {number for number, _ in done}
        assert len(leaders) == 1
        leader = leaders.pop()
        await members[leader].stop()
        await leave(database, members[1 - leader], "inherited")
        await eventually(lambda: (1 - leader, "inherited") in done, what="the heir")
        await members[1 - leader].stop()


class TestAnIdleDatabase:
    """On SQLite, where each commit shows; PostgreSQL tells by notices (`test_db_notices`)."""

    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"

    async def test_it_is_asked_for_jobs_after_a_commit_and_when_one_is_due_and_else_never(
        self, database: Database
    ) -> None:
        clockwork = Clockwork(database)
        asked: list[str] = []
        leader = make_engine(database.url, pooled=False)
        event.listen(leader.sync_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        with clock.frozen(NOON):
            async with leadership(leader, "clockwork") as connection:
                assert connection is not None
                version_now = await version_of(connection)
                reader = Reader(Diary(messaging.jobs), connection, version_now, ["count"])
                assert await reader.due() == []
                asked.clear()
                assert list(await reader.due()) == []
                assert asked == []
                async with database.writing() as work:
                    in_an_hour = NOON + dt.timedelta(hours=1)
                    await clockwork.leave(work, "count", "later", due_at=in_an_hour)
                assert await reader.due() == []
                assert asked, "somebody committed"
                asked.clear()
                assert list(await reader.due()) == []
                assert asked == []
                with clock.frozen(in_an_hour):
                    assert [row.key for row in await reader.due()] == ["later"]
                    assert [row.key for row in await reader.due()] == ["later"], "until it is gone"
        await leader.dispose()

    async def test_a_duty_may_wait_while_nobody_commits(self, database: Database) -> None:
        done: list[str] = []

        async def patient(work: Work) -> None:
            done.append("patient")

        async def eager(work: Work) -> None:
            done.append("eager")

        clockwork = Clockwork(database)
        clockwork.every(0, "patient", patient, unchanged=3600)
        clockwork.every(0, "eager", eager)
        for version in (1, 1, 2):
            await clockwork.do_duties(version)
        assert done == ["patient", "eager", "eager", "patient", "eager"]
        done.clear()
        for _ in range(2):
            await clockwork.do_duties(None)
        assert done == ["patient", "eager"] * 2, "where the database does not tell"


class TestDuties:
    async def test_one_that_fails_does_not_stop_the_others(self, database: Database) -> None:
        done: list[str] = []

        async def broken(work: Work) -> None:
            raise RuntimeError

        async def good(work: Work) -> None:
            done.append("good")

        clockwork = Clockwork(database)
        clockwork.every(60, "broken", broken)
        clockwork.every(60, "good", good)
        await clockwork.do_duties()
        await clockwork.do_duties()
        assert done == ["good"], "and not again before its time"
        await clockwork.do_duties(all_now=True)
        assert done == ["good", "good"]

    async def test_one_that_fails_leaves_nothing_half_done(self, database: Database) -> None:
        clockwork = Clockwork(database)

        async def half(work: Work) -> None:
            await clockwork.leave(work, "count", "half")
            raise RuntimeError

        clockwork.every(60, "half", half)
        await clockwork.do_duties()
        assert await left(database) == []

    async def test_a_leap_of_the_clock_makes_them_all_due(self, database: Database) -> None:
        done: list[dt.datetime] = []

        async def remember(work: Work) -> None:
            done.append(clock.now())

        clockwork = Clockwork(database)
        clockwork.every(3600, "slow", remember)
        clockwork.start()
        await eventually(lambda: len(done) == 1, what="the first time")
        later = clock.now() + dt.timedelta(days=30)
        with clock.frozen(later):
            await eventually(lambda: later in done, what="the duty after the leap")
        await clockwork.stop()


async def test_whatever_the_database_raises_the_clockwork_is_late_and_never_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PostgreSQL that is starting refuses with an error of the driver's own."""
    done: list[str] = []
    refusals = [RuntimeError("the database system is starting up")]
    lead = clockwork_module.leadership

    def refuse_once(engine: AsyncEngine, duty: str) -> Any:
        if refusals:
            raise refusals.pop()
        return lead(engine, duty)

    async def count(job: Job) -> None:
        done.append(job.key)

    monkeypatch.setattr(clockwork_module, "leadership", refuse_once)
    clockwork = Clockwork(database)
    clockwork.handles("count", count)
    await leave(database, clockwork, "a")
    clockwork.start()
    await eventually(lambda: done == ["a"], what="done after the refusal")
    assert clockwork.running
    assert clockwork.leading
    assert not clockwork.stuck
    monkeypatch.setattr(clockwork_module, "STUCK_SECONDS", -1.0)
    assert clockwork.stuck
    await clockwork.stop()
    assert not clockwork.leading
