"""A PostgreSQL database in a backup: pg_dump while others write, and psql on its way back."""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any, NamedTuple

from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared.backup.programs import APPLICATION, Programs, last_error
from cri_shared.backup.store import Loading, Snapshot, State, Store
from cri_shared.backup.trouble import BackupFailed, BackupRefused
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.db.migrate import version_table

PIECE_BYTES = 1 << 20
_LIMITS = Limits(name=APPLICATION, statement=0, idle=0)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
_AT_WORK = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name LIKE 'cri-%'"
)
_EMPTIED = r"""DO $$ DECLARE one record; BEGIN
FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() LOOP
  EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.name);
END LOOP;
FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'cri\_%\_stays' LOOP
  EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name);
END LOOP;
END $$"""
_CHECK = (
    "IF (SELECT count(*) FROM {}) <> {} THEN"
    " RAISE EXCEPTION 'other rows came than were backed up'; END IF; "
)


class PostgresqlStore(Store):
    """One database of a PostgreSQL server, with the tables of a package (or of none)."""

    kind = "postgresql"

    def __init__(self, url: URL, package: str | None, tools: Path | None) -> None:
        self._url = url
        self._package = package
        self._programs = Programs(url, tools)

    def __str__(self) -> str:
        return f"database {self._url.database}"

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The database as of one moment, as pg_dump writes it.

        Raises `BackupRefused` where pg_dump is missing or older than the server, `BackupFailed`
        where the server does not answer.
        """
        version = self._programs.version("pg_dump")
        with asyncio.Runner() as runner, self._connected(runner) as connection:
            found = runner.run(_look(connection, self._package))
            if version < found.major:
                raise BackupRefused(
                    f"pg_dump is of PostgreSQL {version}, and the server of {found.major}: install "
                    f"its client programs, or set CRI_POSTGRESQL_BIN to where they are."
                )
            with contextlib.closing(self._dumped(runner.run(_export(connection)))) as pieces:
                yield Snapshot(str(found.major), found.revision, found.rows, pieces)

    def state(self) -> State:
        """Whether a service is connected to it, or it holds rows."""
        with asyncio.Runner() as runner, self._connected(runner) as connection:
            if runner.run(_one(connection, _AT_WORK)):
                return State.LIVE
            rows = runner.run(_look(connection, self._package)).rows
        return State.FILLED if any(rows.values()) else State.EMPTY

    @contextmanager
    def loading(self, rows: Mapping[str, int]) -> Iterator[Loading]:
        """Replace what the database holds, in one transaction that `put` commits."""
        restore = ("--no-owner", "--no-acl", "--exit-on-error", "--file=-")
        into = ("--no-psqlrc", "--quiet", "--no-password", "--single-transaction")
        strict = ("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
        what = (f"--command={_EMPTIED}", "--file=-", "--command=RESET search_path")
        check = f"--command={_counted(rows)}"
        with (
            tempfile.TemporaryFile() as said,
            self._programs.run(said, "psql", *into, *strict, *what, check) as psql,
            self._programs.run(said, "pg_restore", *restore) as archive,
        ):
            loading = _Loading(str(self), archive, psql, said)
            try:
                yield loading
            finally:
                loading.give_up()

    def _dumped(self, snapshot: str) -> Generator[bytes]:
        how = ("--format=custom", "--compress=0", "--no-owner", "--no-acl", "--no-password")
        with (
            tempfile.TemporaryFile() as said,
            self._programs.run(said, "pg_dump", *how, f"--snapshot={snapshot}") as dump,
        ):
            try:
                yield from iter(lambda: _pipe(dump.stdout).read(PIECE_BYTES), b"")
            except GeneratorExit:
                dump.kill()
                raise
            if dump.wait():
                raise BackupFailed(f"pg_dump did not end well: {last_error(said)}")

    @contextmanager
    def _connected(self, runner: asyncio.Runner) -> Iterator[AsyncConnection]:
        engine = make_engine(self._url.render_as_string(hide_password=False), _LIMITS, pooled=False)
        try:
            connection = runner.run(_connect(engine))
            try:
                yield connection
            finally:
                runner.run(connection.close())
        except (SQLAlchemyError, OSError) as trouble:
            raise BackupFailed(f"{self} does not answer ({type(trouble).__name__}).") from None
        finally:
            runner.run(engine.dispose())


class _Loading(Loading):
    """pg_restore turns the archive into statements, and psql carries them out, or none of them.

    What pg_restore says is handed on by us: if it fails, psql must not see an end and commit.
    """

    def __init__(
        self,
        name: str,
        archive: "subprocess.Popen[bytes]",
        psql: "subprocess.Popen[bytes]",
        said: IO[bytes],
    ) -> None:
        self._name, self._archive, self._psql, self._said = name, archive, psql, said
        self._pump = Thread(target=self._hand_on, name="restore", daemon=True)
        self._pump.start()

    def take(self, part: bytes) -> None:
        try:
            _pipe(self._archive.stdin).write(part)
        except BrokenPipeError:
            raise self._failed() from None

    def put(self) -> None:
        try:
            _pipe(self._archive.stdin).close()
        except BrokenPipeError:
            raise self._failed() from None
        self._pump.join()
        if self._archive.wait():
            raise self._failed()
        with contextlib.suppress(BrokenPipeError):
            _pipe(self._psql.stdin).close()
        if self._psql.wait():
            raise self._failed()

    def give_up(self) -> None:
        """End what still runs; a transaction that was not committed never was."""
        for program in (self._psql, self._archive):
            if program.poll() is None:
                program.kill()
        self._pump.join()
        for pipe in (self._psql.stdin, self._archive.stdin):
            with contextlib.suppress(BrokenPipeError):
                _pipe(pipe).close()

    def _hand_on(self) -> None:
        statements, into = _pipe(self._archive.stdout), _pipe(self._psql.stdin)
        try:
            shutil.copyfileobj(statements, into, PIECE_BYTES)
            into.flush()
        except BrokenPipeError:
            self._archive.kill()  # or it would wait for us for ever

    def _failed(self) -> BackupFailed:
        self.give_up()
        return BackupFailed(f"{self._name} is as it was: {last_error(self._said)}")


class _Found(NamedTuple):
    major: int
    revision: str | None
    rows: dict[str, int]


async def _connect(engine: Any) -> AsyncConnection:
    connection: AsyncConnection = await engine.connect()
    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


async def _look(connection: AsyncConnection, package: str | None) -> _Found:
    number = await _one(connection, text("SELECT current_setting('server_version_num')::int"))
    tables = list((await connection.execute(_TABLES)).scalars())
    count, version = "SELECT count(*) FROM {}", "SELECT version_num FROM {}"
    versions = version_table(package) if package else ""
    revision = None
    if versions in tables:
        tables.remove(versions)
        revision = await _one(connection, text(version.format(_quoted(versions))))
    rows = {one: await _one(connection, text(count.format(_quoted(one)))) for one in tables}
    return _Found(number // 10_000, revision, rows)


async def _export(connection: AsyncConnection) -> str:
    """The name under which pg_dump finds what this transaction sees."""
    return str(await _one(connection, text("SELECT pg_export_snapshot()")))


async def _one(connection: AsyncConnection, query: Any) -> Any:
    return (await connection.execute(query)).scalar()


def _counted(rows: Mapping[str, int]) -> str:
    """A statement that fails where a table has not as many rows as it should have."""
    checks = (_CHECK.format(_quoted(table), int(count)) for table, count in rows.items())
    return f"DO $check$ BEGIN {''.join(checks)}END $check$"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
