"""Migrations: each package keeps its own, alembic runs them, on SQLite and PostgreSQL alike.

A package with tables has a folder `migrations/` (no `__init__.py`) with an `env.py` of three
lines that calls `run_env(metadata)`, and `versions/`. Developers write a revision with
`python -m cri_shared.db.migrate revision PACKAGE "what it does"` after changing the models, and
`python -m cri_shared.db.migrate check PACKAGE` fails where models and migrations differ, or where
the release before would not get on with them (`cri_shared.db.phases`). With each release,
`python -m cri_shared.db.migrate release PACKAGE...` says that its revisions stay from now on
(`make release`, RELEASING.md).
"""

import asyncio
import io
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from alembic import command, context
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from cri_shared.db import guards
from cri_shared.db.columns import UtcDateTime
from cri_shared.db.engine import make_engine
from cri_shared.db.leadership import leadership
from cri_shared.db.patience import MigrationBlocked, Patience
from cri_shared.db.phases import check_phases, history, release, released
from cri_shared.db.standing import Standing, standing_on
from cri_shared.db.trouble import is_unreached
from cri_shared.release import DISTRIBUTION

RETRY_SECONDS = 0.1
TURN_SECONDS = 300.0  # so long one migration waits for another


class MigrationsDiffer(Exception):
    """The models of a package and its migrations do not describe the same tables."""


T = TypeVar("T")


def migrate(package: str, url: str, patience: Patience = Patience()) -> Standing:
    """Bring a database to the newest revision of a package; safe to repeat. Gives how it was left.

    What takes something away waits, and is done at a later time, while a process works with the
    database that does not know of it. A database of a newer release stays as it is: that one gets
    on with this one. Raises `MigrationBlocked`, and changes nothing, where others hold what it
    needs, where something that this code needs comes after what must wait, or where the database
    is not reached.
    """

    def advance(config: Config) -> Standing:
        found = _found(package, config)
        if found.is_newer and released(package):
            return found
        if any(one.phase == "expand" for one in found.waiting):
            named = ", ".join(map(str, found.older))
            raise MigrationBlocked(
                f"{found.waiting[0].id} takes away what {named} may still need, and this "
                "release needs what comes after it. Nothing was changed: upgrade those to the "
                "release between, or stop them, and try again."
            )
        waits = found.waiting
        done = found.possible
        target = "head" if not waits else done[-1].id if done else str(found.revision)
        command.upgrade(config, target)
        return _found(package, config)

    try:
        return _with_connection(package, url, advance, patience)
    except OperationalError as trouble:
        if not is_unreached(trouble):
            raise
        raise MigrationBlocked.unreached(make_url(url).database, trouble.orig) from None


def standing(package: str, url: str) -> Standing:
    """How far a database is; changes nothing."""
    return _with_connection(package, url, lambda config: _found(package, config))


def _found(package: str, config: Config) -> Standing:
    return standing_on(config.attributes["connection"], package, version_table(package))


def check(package: str, url: str) -> str:
    """Raise `MigrationsDiffer` where a migrated database lacks what the models say.

    What waits to be taken away is no difference, nor what a newer release added; gives words for
    people where there is such a thing.
    """
    found = standing(package, url)
    if released(package) and (found.is_newer or (found.pending and not found.possible)):
        return found.words
    try:
        _with_connection(package, url, command.check)
    except CommandError as differs:
        raise MigrationsDiffer(str(differs)) from differs
    return ""


def version_table(package: str) -> str:
    """The table in which a package's migrations say how far they are."""
    return re.sub(r"\W", "_", package) + "_version"


def knows(package: str, revision: str) -> bool:
    """Whether a package has a revision; one that it has not is a newer release's."""
    return any(one.id == revision for one in history(package))


def new_revision(package: str, message: str) -> None:
    """Write a revision with what the models have and a freshly migrated SQLite has not."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{directory}/fresh.db"
        migrate(package, url)
        write: Callable[[Config], Any] = lambda config: command.revision(  # noqa: E731
            config, message, autogenerate=True
        )
        template = _folder(package) / "script.py.mako"  # where alembic wants one per package
        shutil.copy(Path(__file__).with_name("revision.mako"), template)
        try:
            _with_connection(package, url, write)
        finally:
            template.unlink()


def run_env(metadata: MetaData) -> None:
    """What a package's env.py does: run the revisions on the connection that was handed in."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=context.config.attributes["version_table"],
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=_types_differ,
        render_item=_render,
        include_name=lambda name, kind, _parents: kind != "table" or name in metadata.tables,
        include_object=_unless_it_leaves(context.config),
        process_revision_directives=_without_promises,
    )
    with context.begin_transaction():
        context.run_migrations()
        if metadata.tables.keys() >= guards.ONLY_GROW:
            guards.put_on(connection)


def _unless_it_leaves(config: Config) -> Callable[..., bool]:
    """What revisions prepare to be taken away may be in the database and not in the models."""
    leaving: frozenset[str] = config.attributes["leaving"]

    def compared(item: Any, name: str, kind: str, reflected: bool, model: Any) -> bool:
        if kind != "column" or not reflected or model is not None:
            return True
        if f"{item.table.name}.{name}" not in leaving:
            return True
        if not (item.nullable or item.server_default):
            raise CommandError(f"{item.table.name}.{name} leaves, and yet must be given")
        return False

    return compared


def _without_promises(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """What a table says of how long it is kept is no part of a revision."""
    for script in directives:
        for operation in script.upgrade_ops.ops:
            getattr(operation, "info", {}).clear()


def _types_differ(*_arguments: Any) -> bool | None:
    """Our own column types compare as the types they are made of; both databases agree on those."""
    return False if isinstance(_arguments[4], UtcDateTime) else None


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from cri_shared.db.columns import UtcDateTime")
        return "UtcDateTime()"
    return False


def _folder(package: str) -> Path:
    return Path(str(files(package))) / "migrations"


def _config(package: str) -> Config:
    config = Config(stdout=io.StringIO())  # our commands say in words of ours what was done
    config.set_main_option("script_location", str(_folder(package)))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["version_table"] = version_table(package)
    config.attributes["leaving"] = frozenset(
        name for one in history(package) for name in one.prepares
    )
    return config


def _with_connection(
    package: str, url: str, do: Callable[[Config], T], patience: Patience = Patience()
) -> T:
    """Run alembic on a connection of its own, in a thread: a loop may be running in this one."""
    config = _config(package)
    failures: list[BaseException] = []
    done: list[T] = []

    def run() -> None:
        try:
            done.append(asyncio.run(_on_connection(config, url, do, patience)))
        except BaseException as failure:  # handed over to the calling thread
            failures.append(failure)

    thread = Thread(target=run, name="migrate")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return done[0]


async def _on_connection(
    config: Config, url: str, do: Callable[[Config], T], patience: Patience
) -> T:
    engine = make_engine(url, patience.limits, pooled=False)

    def run(sync: Connection) -> T:
        config.attributes["connection"] = sync
        return do(config)

    async def once() -> T:
        async with engine.connect() as connection:
            done = await connection.run_sync(run)
            await connection.commit()
            return done

    try:
        async with _alone(engine):
            return await patience.outlast(engine, once)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[None]:
    """Wait until nobody else migrates this database: five services share the identity store."""
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database:
        try:
            Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as why:  # a container that was told of no database has no place for one
            raise MigrationBlocked.unreached(database, why) from None
    deadline = time.monotonic() + TURN_SECONDS
    while time.monotonic() < deadline:
        async with leadership(engine, "migrate") as connection:
            if connection is not None:
                yield
                return
        await asyncio.sleep(RETRY_SECONDS)
    raise MigrationBlocked("Another process migrates this database and does not come to an end.")


def check_on_both(packages: Iterable[str], say: Callable[[str], Any]) -> None:
    """Compare the models of packages with their migrations, on fresh databases of both kinds.

    Raises `MigrationsDiffer`, and `MigrationsWrong` where the release before would not get on with
    them.
    """
    from cri_shared.testing.postgres import PostgresServer  # developers and CI have it

    with tempfile.TemporaryDirectory() as directory:
        server = PostgresServer(Path(directory) / "postgres")
        server.start()
        try:
            for package in packages:
                for url in (f"sqlite+aiosqlite:///{directory}/{package}", server.create_database()):
                    migrate(package, url)
                    check(package, url)
                check_phases(package, version_of(DISTRIBUTION))
                say(f"{package}: migrations match the models on SQLite and PostgreSQL\n")
        finally:
            server.stop()


def main(arguments: list[str]) -> int:
    """`revision PACKAGE MESSAGE`, `check PACKAGE...` or `release PACKAGE...`, for developers."""
    match arguments:
        case ["revision", package, message]:
            new_revision(package, message)
        case ["check", *packages]:
            check_on_both(packages, sys.stdout.write)
        case ["release", *packages]:
            for package in packages:
                release(package)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
