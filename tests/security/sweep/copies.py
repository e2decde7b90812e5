"""Copies: what else holds what the services keep: PostgreSQL, its dumps, and encrypted backups."""

import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

from cri_shared.backup import age
from cri_shared.backup.archive import Unpacking
from cri_shared.db.engine import make_engine
from cri_shared.testing.postgres import PostgresServer
from cri_stack import backups
from cri_stack.layout import Layout
from sqlalchemy import text

from tests.security.sweep.elsewhere import STORES, url_of
from tests.security.sweep.places import Piece, cell

_TABLES = text("select tablename from pg_tables where schemaname = 'public'")


async def rows(server: PostgresServer) -> AsyncIterator[Piece]:
    """Every row of every database of a server; then what it holds is in its files."""
    for store in STORES:
        engine = make_engine(url_of(server.port, store), pooled=False)
        async with engine.connect() as connection:
            for table in (await connection.execute(_TABLES)).scalars().all():
                every = await connection.execute(text(f'select * from "{table}"'))  # noqa: S608
                for row in every:
                    data = b"\n".join(cell(value) for value in row)
                    yield Piece(f"database {store}", f"{store}.{table}", data)
        await engine.dispose()
    server.run("psql", *server.where, "-c", "checkpoint", "postgres")


def dumps(server: PostgresServer) -> Iterator[Piece]:
    """Every database as `pg_dump` writes it, in plain words."""
    for store in STORES:
        told = subprocess.run(
            [server.programs / "pg_dump", *server.where, store], capture_output=True, check=True
        )
        yield Piece(f"dump {store}", store, told.stdout)


def backed_up(layout: Layout, server: PostgresServer | None) -> Iterator[Piece]:
    """A backup of everything, as it lies there, and as who has the operator's key opens it.

    The two parts are opened apart, as they are kept: data without the keys that open it.
    """
    private, recipient = age.new_key()
    told = {"CRI_BACKUP_RECIPIENTS": recipient}
    if server is not None:
        told["CRI_POSTGRESQL_BIN"] = str(server.programs)
    done = backups.back_up(replace(layout, environ={**layout.environ, **told}), lambda _: None)
    assert done.status == 0, done.why
    for path in sorted((layout.var / "backups").rglob("*.age")):
        where = str(path.relative_to(layout.var))
        yield Piece(f"backup {path.parent.name}", where, path.read_bytes())
        yield from _opened(path, private, where)


def _opened(path: Path, private: str, where: str) -> Iterator[Piece]:
    members: defaultdict[str, bytearray] = defaultdict(bytearray)
    unpacking = Unpacking(lambda _: None, lambda name, data: members[name].extend(data))
    with path.open("rb") as file:
        age.decrypt(file, age.keys_of(private), unpacking.write)
    owner = path.name.partition("-")[0]
    for name, data in members.items():
        yield Piece(f"opened backup {owner}", f"{where}, {name}", bytes(data))
