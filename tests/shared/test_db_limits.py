"""What a process may take of its database, and how an error of a database is understood."""

import contextlib
import dataclasses
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database, Limits, make_engine
from cri_shared.db.trouble import is_busy, is_outage
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.shared.toy import KEY, messaging, metadata

FEW = Limits(name="cri-toy-web", size=1, overflow=1, wait=0.2, lock=0.2, statement=5, idle=7)


@contextlib.asynccontextmanager
async def opened(url: str, limits: Limits) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url, limits)
    yield engine
    await engine.dispose()


async def taken_at_once(engine: AsyncEngine) -> list[int]:
    """The processes of PostgreSQL behind all connections that a pool gives."""
    async with contextlib.AsyncExitStack() as held:
        every = [await held.enter_async_context(engine.connect()) for _ in range(Limits().most)]
        asked = [await one.execute(text("SELECT pg_backend_pid()")) for one in every]
        return sorted(answer.scalar_one() for answer in asked)


@contextlib.asynccontextmanager
async def database_on(url: str, limits: Limits = FEW) -> AsyncIterator[Database]:
    database = Database(url, Outbox(messaging, service="intake", key=KEY), limits)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


class TestSettings:
    @pytest.mark.postgres
    async def test_postgresql_knows_who_it_is_and_how_long_things_may_last(
        self, postgres_server: PostgresServer
    ) -> None:
        url = postgres_server.create_database()
        async with opened(url, FEW) as engine, engine.connect() as connection:
            shown = {
                name: (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one()
                for name in (
                    *("application_name", "statement_timeout", "lock_timeout"),
                    *("idle_in_transaction_session_timeout", "tcp_keepalives_idle"),
                )
            }
        assert shown == {
            "application_name": "cri-toy-web",
            "statement_timeout": "5s",
            "lock_timeout": "200ms",
            "idle_in_transaction_session_timeout": "7s",
            "tcp_keepalives_idle": "10",
        }

    @pytest.mark.postgres
    async def test_connections_that_a_rush_opened_are_there_for_the_next(
        self, postgres_server: PostgresServer
    ) -> None:
        async with opened(postgres_server.create_database(), Limits()) as engine:
            first = await taken_at_once(engine)
            assert len(set(first)) == Limits().most
            assert await taken_at_once(engine) == first

    async def test_sqlite_waits_as_long_for_a_lock(self, tmp_path: Path) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
        async with opened(url, FEW) as engine, engine.connect() as connection:
            answer = await connection.exec_driver_sql("PRAGMA busy_timeout")
            assert answer.scalar_one() == 200

    def test_a_store_beside_the_own_database_gets_half_and_never_nothing(self) -> None:
        assert (Limits().most, Limits().halved().most) == (7, 3)
        assert FEW.halved().most == 1


class TestPool:
    async def test_who_finds_it_exhausted_is_refused_in_time_and_it_is_remembered(
        self, database_url: str
    ) -> None:
        async with database_on(database_url) as database:
            assert not database.exhausted
            async with database.reading() as one, database.reading() as two:
                for session in (one, two):
                    await session.execute(text("SELECT 1"))
                assert database.connections_in_use == 2
                with pytest.raises(PoolTimeout) as refused:
                    async with database.reading() as third:
                        await third.execute(text("SELECT 1"))
            assert is_busy(refused.value)
            assert is_outage(refused.value)
            assert database.exhausted
            assert database.connections_in_use == 0
            await database.ping()

    async def test_sqlite_lets_nobody_wait_longer_for_the_turn_to_write(
        self, tmp_path: Path
    ) -> None:
        async with database_on(f"sqlite+aiosqlite:///{tmp_path}/a.db") as database:
            async with database.writing():
                with pytest.raises(PoolTimeout):
                    async with database.writing():
                        pass
            async with database.writing() as work:
                await work.session.execute(text("SELECT 1"))


class TestTrouble:
    async def test_sqlite_locked_by_another_process_is_busy(self, tmp_path: Path) -> None:
        async with database_on(f"sqlite+aiosqlite:///{tmp_path}/a.db") as database:
            with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(OperationalError) as locked:
                    async with database.writing() as work:
                        await work.session.execute(text("DELETE FROM effects"))
            assert is_busy(locked.value)

    @pytest.mark.postgres
    @pytest.mark.parametrize(
        "limits",
        [FEW, dataclasses.replace(FEW, lock=0, statement=0.2)],
        ids=["waiting for a lock", "a statement that takes long"],
    )
    async def test_postgresql_ends_what_takes_too_long_and_that_is_busy(
        self, postgres_server: PostgresServer, limits: Limits
    ) -> None:
        url = postgres_server.create_database()
        async with database_on(url, limits) as database:
            other = await asyncpg.connect(url.replace("+asyncpg", ""))
            async with other.transaction():
                await other.execute("LOCK TABLE effects")
                with pytest.raises(DBAPIError) as ended:
                    async with database.writing() as work:
                        await work.session.execute(text("DELETE FROM effects"))
            await other.close()
        assert is_busy(ended.value)
        assert is_outage(ended.value)

    @pytest.mark.postgres
    async def test_postgresql_without_a_place_left_is_busy(
        self, postgres_server: PostgresServer
    ) -> None:
        url = postgres_server.create_database()
        async with opened(url, Limits()) as engine, engine.connect() as connection:
            name = engine.url.database
            await connection.execute(text(f"CREATE ROLE guest_{name} LOGIN CONNECTION LIMIT 0"))
            await connection.commit()
        guest = url.replace("postgres@", f"guest_{name}@")
        async with opened(guest, Limits()) as engine:
            with pytest.raises(DBAPIError) as full:
                await engine.connect()
        assert is_busy(full.value)

    async def test_postgresql_that_does_not_answer_is_away_and_not_busy(self) -> None:
        nobody = f"postgresql+asyncpg://postgres@127.0.0.1:{free_port()}/none"
        async with opened(nobody, Limits()) as engine:
            with pytest.raises(OperationalError) as away:
                await engine.connect()
        assert is_outage(away.value)
        assert not is_busy(away.value)

    @pytest.mark.postgres
    async def test_a_transaction_that_idles_gives_its_connection_and_its_locks_back(
        self, postgres_server: PostgresServer
    ) -> None:
        url = postgres_server.create_database()
        idle = dataclasses.replace(FEW, idle=0.1)
        async with database_on(url, idle) as sleepy, database_on(url, FEW) as other:
            with pytest.raises(DBAPIError) as ended:
                await hold_until_others_had_it(sleepy, other)
            assert is_outage(ended.value)
            await sleepy.ping()

    @pytest.mark.parametrize("trouble", [ValueError("x"), OSError("x"), sqlite3.IntegrityError()])
    def test_what_is_nobodys_fault_is_not_busy(self, trouble: Exception) -> None:
        assert not is_busy(trouble)


async def hold_until_others_had_it(sleepy: Database, other: Database) -> None:
    """Lock a table, idle until somebody else had it all the same, and go on."""

    async def had() -> bool:
        with contextlib.suppress(DBAPIError):
            async with other.writing() as work:
                await work.session.execute(text("DELETE FROM effects"))
                return True
        return False

    async with sleepy.writing() as work:
        await work.session.execute(text("LOCK TABLE effects"))
        await eventually(had, what="the lock given back")
        await work.session.execute(text("SELECT 1"))
