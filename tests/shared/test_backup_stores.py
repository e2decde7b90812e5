"""Databases of both kinds: backed up while others write, and back whole or not at all."""

import asyncio
import itertools
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from cri_shared.backup import BackupFailed, BackupRefused
from cri_shared.backup.postgresql import PostgresqlStore
from cri_shared.backup.sqlite import SqliteStore
from cri_shared.backup.store import State, Store
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.testing.postgres import PostgresServer
from sqlalchemy import make_url, text

PEOPLE = Limits(name="cri-toy-all")


def store_of(url: str, tools: Path | None = None) -> Store:
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return SqliteStore(Path(str(where.database)), None)
    return PostgresqlStore(where, None, tools)


@pytest.fixture
def tools(database_url: str, request: pytest.FixtureRequest) -> Path | None:
    """Where the programs of PostgreSQL are."""
    if database_url.startswith("sqlite"):
        return None
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.programs


@pytest.fixture
def store(database_url: str, tools: Path | None) -> Store:
    """A database with two tables that always have as many rows."""
    say(database_url, "CREATE TABLE here (n INTEGER)", "CREATE TABLE there (n INTEGER)")
    return store_of(database_url, tools)


def say(url: str, *statements: str) -> list[int]:
    """Do statements in one transaction; gives the numbers that the last one answers."""

    async def do() -> list[int]:
        engine = make_engine(url, PEOPLE, pooled=False)
        try:
            async with engine.begin() as connection:
                for statement in statements:
                    answer = await connection.execute(text(statement))
                return list(answer.scalars()) if answer.returns_rows else []
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, do()).result()


def pair(url: str, number: int) -> None:
    insert = "INSERT INTO {} VALUES ({})"
    say(url, insert.format("here", number), insert.format("there", number))


def load(store: Store, rows: dict[str, int], whole: bytes) -> None:
    with store.loading(rows) as loading:
        loading.take(whole)
        loading.put()


@contextmanager
def written_to(write: Callable[[int], None]) -> Iterator[None]:
    """Somebody writes all the time."""
    enough, begun = Event(), Event()

    def go_on() -> None:
        for number in itertools.count():
            write(number)
            begun.set()
            if enough.is_set():
                return

    with ThreadPoolExecutor(1) as apart:
        writing = apart.submit(go_on)
        begun.wait(30)
        try:
            yield
        finally:
            enough.set()
        writing.result()


def test_it_is_of_one_moment_while_others_write(database_url: str, store: Store) -> None:
    with written_to(lambda number: pair(database_url, number)), store.snapshot() as snapshot:
        piece = b"".join(snapshot.pieces)
    assert snapshot.rows["here"] == snapshot.rows["there"] > 0
    load(store, snapshot.rows, piece)
    (here,) = say(database_url, "SELECT count(*) FROM here")
    (there,) = say(database_url, "SELECT count(*) FROM there")
    assert here == there == snapshot.rows["here"]


def test_what_is_there_stays_until_all_of_it_came_and_is_right(
    database_url: str, store: Store
) -> None:
    pair(database_url, 1)
    with store.snapshot() as snapshot:
        whole = b"".join(snapshot.pieces)
    pair(database_url, 2)

    with store.loading(snapshot.rows) as loading:
        loading.take(whole)  # and then the reader finds the file damaged
    with pytest.raises(BackupFailed, match="as it was"):
        load(store, {"here": 1, "there": 7}, whole)
    for part in (whole[: len(whole) // 2], b"", os.urandom(100_000)):
        with pytest.raises(BackupFailed):
            load(store, snapshot.rows, part)
    assert say(database_url, "SELECT n FROM here ORDER BY n") == [1, 2]

    say(database_url, "CREATE TABLE of_a_newer_release (n INTEGER)")
    load(store, snapshot.rows, whole)
    assert say(database_url, "SELECT n FROM here ORDER BY n") == [1]
    with store.snapshot() as again:
        assert again.rows == snapshot.rows


def test_it_is_known_whether_somebody_works_with_it_or_it_holds_rows(
    database_url: str, store: Store
) -> None:
    assert store.state() is State.EMPTY
    pair(database_url, 1)
    assert store.state() is State.FILLED

    async def at_work() -> State:
        engine = make_engine(database_url, PEOPLE)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await connection.rollback()
            state = await asyncio.to_thread(store.state)
        await engine.dispose()
        return state

    assert asyncio.run(at_work()) is State.LIVE
    assert store.state() is State.FILLED


class TestSqlite:
    def test_no_copy_is_left_and_none_is_open_to_others(self, tmp_path: Path) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
        say(url, "CREATE TABLE here (n INTEGER)")
        with store_of(url).snapshot():
            assert stat.S_IMODE((tmp_path / "a.db.copy").stat().st_mode) == 0o600
        assert not (tmp_path / "a.db.copy").exists()

    def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(self, tmp_path: Path) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
        fill = (
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)"
            " INSERT INTO here SELECT n FROM c"
        )
        say(url, "CREATE TABLE here (n INTEGER)", fill)
        content = bytearray((tmp_path / "a.db").read_bytes())
        content[40_000:50_000] = bytes(10_000)
        (tmp_path / "a.db").write_bytes(content)
        with pytest.raises(BackupFailed, match="malformed"), store_of(url).snapshot():
            pass

    def test_what_cannot_be_read_any_more_may_be_replaced(self, tmp_path: Path) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
        say(url, "CREATE TABLE here (n INTEGER)", "INSERT INTO here VALUES (1)")
        with store_of(url).snapshot() as snapshot:
            whole = b"".join(snapshot.pieces)
        (tmp_path / "a.db").write_bytes(os.urandom(9000))
        (tmp_path / "a.db-wal").write_bytes(os.urandom(9000))
        assert store_of(url).state() is State.FILLED
        load(store_of(url), snapshot.rows, whole)
        assert say(url, "SELECT n FROM here") == [1]


@pytest.mark.postgres
class TestPostgresql:
    @pytest.fixture
    def url(self, postgres_server: PostgresServer) -> str:
        return postgres_server.create_database()

    def test_a_program_that_is_missing_is_named(self, url: str, tmp_path: Path) -> None:
        with (
            pytest.raises(BackupRefused, match=r"pg_dump is not here.*CRI_POSTGRESQL_BIN"),
            store_of(url, tmp_path).snapshot(),
        ):
            pass

    def test_a_program_older_than_the_server_is_named(self, url: str, tmp_path: Path) -> None:
        old = tmp_path / "pg_dump"
        old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.22'\n")
        old.chmod(0o700)
        with (
            pytest.raises(BackupRefused, match="pg_dump is of PostgreSQL 12, and the server of 1"),
            store_of(url, tmp_path).snapshot(),
        ):
            pass

    def test_a_dump_that_breaks_off_is_no_backup(self, url: str, tmp_path: Path) -> None:
        broken = tmp_path / "pg_dump"
        broken.write_text(
            "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 99.1' && exit\n"
            "echo half; echo 'pg_dump: error: connection lost' >&2; exit 1\n"
        )
        broken.chmod(0o700)
        with (
            pytest.raises(BackupFailed, match="connection lost"),
            store_of(url, tmp_path).snapshot() as snapshot,
        ):
            b"".join(snapshot.pieces)

    def test_a_server_that_is_away_is_named_without_its_password(
        self, postgres_server: PostgresServer
    ) -> None:
        away = "postgresql+asyncpg://someone:s3cret-word@127.0.0.1:1/intake"
        with pytest.raises(BackupFailed, match="database intake does not answer") as failed:
            store_of(away, postgres_server.programs).state()
        assert "s3cret" not in str(failed.value)
