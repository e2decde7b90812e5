"""A migration that cannot have its lock gives up in time, and holds up nobody meanwhile."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
from cri_shared.db import make_engine
from cri_shared.db import migrate as migrate_module
from cri_shared.db.leadership import leadership
from cri_shared.db.migrate import migrate
from cri_shared.db.patience import MigrationBlocked, Patience
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from tests.shared.growing import Growing
from tests.shared.toy_command import main as toy_main

SHORT = Patience(lock_seconds=0.2, tries=3)
LONG = Patience(lock_seconds=0.2, tries=200)


@pytest.fixture
async def engine(database_url: str, growing: Growing) -> AsyncIterator[AsyncEngine]:
    """A service on the first revision, while the second is about to come."""
    await upgrade(database_url)
    growing.grow()
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


async def upgrade(url: str, patience: Patience = SHORT) -> None:
    await asyncio.to_thread(migrate, Growing.name, url, patience)


@contextlib.asynccontextmanager
async def somebody_uses(url: str) -> AsyncIterator[None]:
    """A transaction of another process that has read the table (on SQLite: writes) stays open."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.partition("///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        named = {"application_name": "cri-toy-web"}
        other = await asyncpg.connect(url.replace("+asyncpg", ""), server_settings=named)
        async with other.transaction():
            await other.execute("SELECT count(*) FROM things")
            yield
        await other.close()


async def tables(engine: AsyncEngine) -> set[str]:
    """Which of the things of the second revision are there."""
    found = set()
    for what, select in (("others", "SELECT id FROM others"), ("name", "SELECT name FROM things")):
        with contextlib.suppress(Exception):
            async with engine.connect() as connection:
                await connection.execute(text(select))
            found.add(what)
    return found


async def test_it_gives_up_and_changes_nothing_while_others_hold_its_lock_and_passes_later(
    engine: AsyncEngine, database_url: str
) -> None:
    async with somebody_uses(database_url):
        with pytest.raises(MigrationBlocked, match=r"3 times for 0\.2 seconds.*nothing") as blocked:
            await upgrade(database_url)
    assert await tables(engine) == set()
    if engine.dialect.name == "postgresql":
        assert "cri-toy-web (process " in str(blocked.value)
        assert "idle in transaction" in str(blocked.value)
        assert "SELECT" not in str(blocked.value)
    await upgrade(database_url)
    assert await tables(engine) == {"others", "name"}


async def test_it_goes_through_at_the_next_try_once_the_lock_is_free(
    engine: AsyncEngine, database_url: str
) -> None:
    async with somebody_uses(database_url):
        migrating = asyncio.create_task(upgrade(database_url, LONG))
        done, _ = await asyncio.wait({migrating}, timeout=0.5)
        assert not done
    await migrating
    assert await tables(engine) == {"others", "name"}


@pytest.mark.postgres
async def test_the_service_goes_on_reading_and_writing_while_it_waits(
    postgres_server: PostgresServer, growing: Growing
) -> None:
    url = postgres_server.create_database()
    await upgrade(url)
    growing.grow()
    service = make_engine(url)
    async with somebody_uses(url):
        migrating = asyncio.create_task(upgrade(url, LONG))
        await eventually(lambda: waits_for_a_lock(service), what="the migration in the queue")
        for number in range(20):
            async with asyncio.timeout(10), service.begin() as connection:
                row = {"id": number}
                await connection.execute(text("INSERT INTO things (id) VALUES (:id)"), row)
        assert not migrating.done()
    await migrating
    assert await tables(service) == {"others", "name"}
    await service.dispose()


async def waits_for_a_lock(service: AsyncEngine) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with service.connect() as connection:
        return bool((await connection.execute(text(waiting))).scalar_one())


async def test_it_does_not_wait_without_end_for_another_migration(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_module, "TURN_SECONDS", 0.3)
    engine = make_engine(database_url)
    async with leadership(engine, "migrate"):
        with pytest.raises(MigrationBlocked, match="Another process"):
            await asyncio.to_thread(migrate, "tests.shared.toy_service", database_url)
    await engine.dispose()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[int, str]]:
    """The verb `migrate` of a service on a database; gives its status and what it said."""
    monkeypatch.setattr("os.umask", lambda _mask: 0)

    def run(url: str) -> tuple[int, str]:
        env = {
            "CRI_DATABASE_URL": url,
            "CRI_IDENTITY_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/identity.db",
            "CRI_KEY_DIR": str(tmp_path),
            "CRI_IDENTITY_KEY_DIR": str(tmp_path),
            "CRI_PUBLIC_URL": "http://127.0.0.1:8002",
            "CRI_PORT": "8002",
            "CRI_MIGRATION_LOCK_SECONDS": "0.1",
            "CRI_MIGRATION_TRIES": "2",
        }
        done = CliRunner().invoke(toy_main, ["migrate"], env=env)
        return done.exit_code, done.output

    return run


def test_a_server_that_is_away_is_one_line_and_may_be_tried_again(
    command: Callable[[str], tuple[int, str]],
) -> None:
    url = f"postgresql+asyncpg://intake:s3cret@127.0.0.1:{free_port()}/intake"
    status, said = command(url)
    assert status == 75
    assert said.startswith("The database intake was not reached: ")
    assert said.endswith("Nothing was changed: try again later.\n")
    assert said.count("\n") == 1
    assert "s3cret" not in said


def test_a_file_that_has_no_place_is_named(
    command: Callable[[str], tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    status, said = command(f"sqlite+aiosqlite:///{tmp_path}/file/db/intake.db")
    assert status == 75
    assert f"The database {tmp_path}/file/db/intake.db was not reached: " in said
    assert said.count("\n") == 1


@pytest.mark.postgres
async def test_a_database_that_is_not_there_is_named(
    postgres_server: PostgresServer, command: Callable[[str], tuple[int, str]]
) -> None:
    url = postgres_server.create_database().rpartition("/")[0] + "/nowhere"
    status, said = await asyncio.to_thread(command, url)
    assert status == 75
    assert 'The database nowhere was not reached: database "nowhere" does not exist.' in said


@pytest.mark.postgres
async def test_the_command_says_so_and_ends_with_a_status_of_its_own(
    postgres_server: PostgresServer, command: Callable[[str], tuple[int, str]]
) -> None:
    url = postgres_server.create_database()
    other = await asyncpg.connect(url.replace("+asyncpg", ""))
    await other.execute("CREATE TABLE tests_shared_toy_service_version (version_num varchar(32))")
    async with other.transaction():
        await other.execute("LOCK TABLE tests_shared_toy_service_version")
        status, said = await asyncio.to_thread(command, url)
    assert status == 75
    assert "The migration found its tables locked, 2 times for 0.1 seconds" in said
    assert await asyncio.to_thread(command, url) == (0, "The databases are up to date.\n")
    await other.close()


class TestPatience:
    def test_it_is_told_by_the_environment(self) -> None:
        told = {"CRI_MIGRATION_LOCK_SECONDS": "1.5", "CRI_MIGRATION_TRIES": "2"}
        assert Patience.told(told) == Patience(1.5, 2)
        assert Patience.told({}) == Patience()

    @pytest.mark.parametrize("wrong", ["soon", "0", "-1", "nan", "inf"])
    def test_no_number_above_nothing_is_said_to_be_none(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="must be numbers above 0"):
            Patience.told({"CRI_MIGRATION_LOCK_SECONDS": wrong})
