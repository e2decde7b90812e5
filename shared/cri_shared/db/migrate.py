"""Migrations: each package keeps its own, alembic runs them, on SQLite and PostgreSQL alike.

A package with tables has a folder `migrations/` (no `__init__.py`) with an `env.py` of three
lines that calls `run_env(metadata)`, and `versions/`. Developers write a revision with
`python -m cri_shared.db.migrate revision PACKAGE "what it does"` after changing the models, and
`python -m cri_shared.db.migrate check PACKAGE` fails where models and migrations differ.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from alembic import command, context
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cri_shared.db.columns import UtcDateTime
from cri_shared.db.engine import make_engine
from cri_shared.db.leadership import leadership

LOCK_TIMEOUT = "5s"  # a migration that cannot have its lock must not queue up every request


RETRY_SECONDS = 0.1


class MigrationsDiffer(Exception):
    """The models of a package and its migrations do not describe the same tables."""


def migrate(package: str, url: str) -> None:
    """Bring a database to the newest revision of a package; safe to repeat."""
    _with_connection(package, url, lambda config: command.upgrade(config, "head"))


def check(package: str, url: str) -> None:
    """Raise `MigrationsDiffer` where a migrated database lacks what the models say."""
    try:
        _with_connection(package, url, command.check)
    except CommandError as differs:
        raise MigrationsDiffer(str(differs)) from differs


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
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=context.config.attributes["version_table"],
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=_types_differ,
        render_item=_render,
        include_name=lambda name, kind, _parents: kind != "table" or name in metadata.tables,
    )
    with context.begin_transaction():
        context.run_migrations()


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
    config = Config(stdout=sys.stdout)  # its own default is what that was when alembic was imported
    config.set_main_option("script_location", str(_folder(package)))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["version_table"] = re.sub(r"\W", "_", package) + "_version"
    return config


def _with_connection(package: str, url: str, do: Callable[[Config], Any]) -> None:
    """Run alembic on a connection of its own, in a thread: a loop may be running in this one."""
    config = _config(package)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_on_connection(config, url, do))
        except BaseException as failure:  # handed over to the calling thread
            failures.append(failure)

    thread = Thread(target=run, name="migrate")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def _on_connection(config: Config, url: str, do: Callable[[Config], Any]) -> None:
    engine = make_engine(url)
    try:
        async with _alone(engine), engine.connect() as connection:

            def run(sync: Connection) -> None:
                config.attributes["connection"] = sync
                do(config)

            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[None]:
    """Wait until nobody else migrates this database: five services share the identity store."""
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database:
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        async with leadership(engine, "migrate") as connection:
            if connection is not None:
                yield
                return
        await asyncio.sleep(RETRY_SECONDS)


def main(arguments: list[str]) -> int:
    """`revision PACKAGE MESSAGE` or `check PACKAGE...`, for developers."""
    match arguments:
        case ["revision", package, message]:
            new_revision(package, message)
        case ["check", *packages]:
            for package in packages:
                with tempfile.TemporaryDirectory() as directory:
                    url = f"sqlite+aiosqlite:///{directory}/fresh.db"
                    migrate(package, url)
                    check(package, url)
                sys.stdout.write(f"{package}: migrations match the models\n")
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
