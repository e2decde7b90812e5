"""Who commits work wakes the process that does it, and a lost connection is noticed and renewed."""

import asyncpg
import pytest
from cri_shared import clockwork as clockwork_module
from cri_shared.bus import relay as relay_module
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db import Database
from cri_shared.db.notices import OUTBOX
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.waiting import eventually
from sqlalchemy import text

from tests.shared.toy import Toy, cleared, prepared, started

pytestmark = [pytest.mark.postgres, pytest.mark.nats]
A_MINUTE = 60.0  # longer than any of these tests may wait


@pytest.fixture(autouse=True)
def rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not woken looks once a minute."""
    monkeypatch.setattr(relay_module, "POLL_SECONDS", A_MINUTE)
    monkeypatch.setattr(clockwork_module, "TICK_SECONDS", A_MINUTE)


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.create_database()


async def cut_the_leader_off(database: Database) -> None:
    """End the one connection that holds the lock of a leader, as a database that fails over."""
    leaders = (
        "FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    async with database.reading() as session:
        cut = await session.execute(text(f"SELECT pg_terminate_backend(pid) {leaders}"))
        assert cut.scalars().all() == [True]


class TestRelay:
    async def test_it_sends_at_once_what_another_process_committed(
        self, nats_url: str, url: str
    ) -> None:
        async with (
            prepared("intake", url, nats_url) as web,
            started("intake", url, nats_url) as worker,
        ):
            await self.listens(worker)
            await web.append(cleared("r1"))
            await eventually(web.all_left, what="published")

    async def test_it_listens_anew_after_its_connection_was_cut_and_sends_what_came_between(
        self, nats_url: str, url: str
    ) -> None:
        async with (
            prepared("intake", url, nats_url) as web,
            started("intake", url, nats_url) as worker,
        ):
            await self.listens(worker)
            await cut_the_leader_off(web.database)
            await web.append(cleared("between"))
            await eventually(web.all_left, what="published after the cut")
            await self.listens(worker)
            await web.append(cleared("after"))
            await eventually(web.all_left, what="published by the new connection")

    async def test_a_commit_tells_the_other_processes_and_not_its_own(
        self, nats_url: str, url: str
    ) -> None:
        told: list[int] = []
        ear = await asyncpg.connect(url.replace("+asyncpg", ""))
        await ear.add_listener(OUTBOX, lambda _ear, pid, *_: told.append(pid))
        async with (
            prepared("intake", url, nats_url) as web,
            started("intake", url, nats_url) as worker,
        ):
            await self.listens(worker)
            await worker.append(cleared("its own"))
            await web.append(cleared("another's"))
            await eventually(lambda: told, what="a notice")
            async with web.database.reading() as session:
                pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        assert told == [pid]
        await ear.close()

    async def listens(self, worker: Toy) -> None:
        relay = worker.bus.relay
        await eventually(lambda: relay.leading and worker.bus.connected, what="leading")
        await worker.append(cleared("first"))
        await eventually(worker.all_left, what="the first batch")


class TestClockwork:
    async def test_it_does_at_once_what_another_process_left(self, nats_url: str, url: str) -> None:
        async with prepared("intake", url, nats_url) as web:
            worker, done = worker_on(web)
            await eventually(lambda: worker.leading, what="leading")
            await self.leave(web, "a")
            await eventually(lambda: "a" in done, what="the job")
            await worker.stop()

    async def test_it_listens_anew_after_its_connection_was_cut_and_does_what_came_between(
        self, nats_url: str, url: str
    ) -> None:
        async with prepared("intake", url, nats_url) as web:
            worker, done = worker_on(web)
            await eventually(lambda: worker.leading, what="leading")
            await cut_the_leader_off(web.database)
            await self.leave(web, "between")
            await eventually(lambda: "between" in done, what="the job after the cut")
            await self.leave(web, "after")
            await eventually(lambda: "after" in done, what="the job of the new connection")
            await worker.stop()

    async def leave(self, web: Toy, key: str) -> None:
        async with web.database.writing() as work:
            await web.clockwork.leave(work, "count", key)


def worker_on(web: Toy) -> tuple[Clockwork, list[str]]:
    """The clockwork of another process, started, and the keys of the jobs that it did."""
    done: list[str] = []

    async def count(job: Job) -> None:
        done.append(job.key)

    clockwork = Clockwork(web.database)
    clockwork.handles("count", count)
    clockwork.start()
    return clockwork, done
