"""`cri migrate-store`: every database of one machine goes from SQLite to PostgreSQL, row by row.

What was copied is read back and compared: as many rows, and the same digest. A store is copied in
one transaction, so it is there whole or not at all; the SQLite files stay as they are.
"""

import hashlib
import importlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.db.migrate import migrate
from cri_shared.privacy import key_tables
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.keystore import KeyStore
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_stack.layout import SERVICES, Layout

ROWS_AT_ONCE = 1000
PATIENT = Limits(name="cri-migrate-store", statement=0, idle=0)
Say = Callable[[str], None]


class CannotMove(Exception):
    """A store is not where it should be, or there is something in the other already."""


@dataclass(frozen=True)
class Store:
    """One database: the setting that names it, and whose tables are in it."""

    setting: str
    package: str | None  # None: a key store
    metadata: sa.MetaData


@dataclass(frozen=True)
class Content:
    """How much is in a table: rows, and a digest that does not know their order."""

    rows: int
    digest: str


def stores() -> list[Store]:
    """Every database of the platform: of each service, of its keys, and of who works there."""
    found = []
    for package in ("cri_shared.identity", *(f"cri_{service}" for service in SERVICES)):
        name = package.removeprefix("cri_").removeprefix("shared.").upper()
        metadata = importlib.import_module(f"{package}.models").Base.metadata
        found.append(Store(f"CRI_{name}_DATABASE_URL", package, metadata))
        if name not in ("IDENTITY", "SEARCH"):
            found.append(Store(f"CRI_{name}_KEYSTORE_URL", None, key_tables.metadata))
    return found


async def move(layout: Layout, targets: Mapping[str, str], say: Say) -> dict[str, int]:
    """Copy every store of a platform that is not up to the URL that its setting has in `targets`.

    Gives how many rows each store has.

    Raises `CannotMove`, before anything is copied where that can be known.
    """
    sources = {
        name: url
        for part in SERVICES
        for name, url in layout.environment(part).items()
        if name.endswith(("_DATABASE_URL", "_KEYSTORE_URL"))
    }
    wanted = stores()
    for store in wanted:
        if not sources.get(store.setting, "").startswith("sqlite"):
            raise CannotMove(f"{store.setting} is no SQLite file.")
        if not targets.get(store.setting, "").startswith("postgresql"):
            raise CannotMove(f"There is no {store.setting} that leads to PostgreSQL.")
    moved = {}
    for store in wanted:
        for url in (sources[store.setting], targets[store.setting]):
            await _make_tables(layout, store, url)
        rows = await _move_one(store, sources[store.setting], targets[store.setting])
        say(f"{store.setting:<32} {rows:>9} rows, the same digests")
        moved[store.setting] = rows
    return moved


async def _make_tables(layout: Layout, store: Store, url: str) -> None:
    if store.package is not None:
        migrate(store.package, url)
        return
    service = store.setting.removeprefix("CRI_").partition("_")[0].lower()
    keys = KeyStore(url, KeyRing.open(layout.keys(service)), PATIENT)
    try:
        await keys.create_tables()
    finally:
        await keys.close()


async def _move_one(store: Store, source: str, target: str) -> int:
    """Copy one store; gives how many rows. Raises `CannotMove`."""
    here, there = make_engine(source, PATIENT), make_engine(target, PATIENT)
    reading = here.execution_options(sqlite_begin="DEFERRED")
    tables = store.metadata.sorted_tables
    try:
        async with reading.connect() as old, there.begin() as new:
            for table in tables:
                if await new.scalar(sa.select(sa.func.count()).select_from(table)):
                    raise CannotMove(f"{store.setting}: there are rows in {table.name} already.")
            moved = 0
            for table in tables:
                await _copy(table, old, new)
                before, after = await content_of(table, old), await content_of(table, new)
                if before != after:
                    raise CannotMove(f"{store.setting}: {table.name} is not the same there.")
                moved += after.rows
        return moved
    finally:
        await here.dispose()
        await there.dispose()


async def _copy(table: sa.Table, old: AsyncConnection, new: AsyncConnection) -> None:
    insert = sa.insert(table).values({column.name: _bound(column) for column in table.columns})
    async for rows in _read(table, old):
        await new.execute(insert, [dict(row._mapping) for row in rows])
    counted = table.autoincrement_column
    if counted is not None:
        highest = sa.select(sa.func.coalesce(sa.func.max(counted), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, counted.name)
        await new.execute(sa.select(sa.func.setval(sequence, highest, False)))


def _bound(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """JSON goes as its text, so that no value and the value `null` stay two things."""
    if isinstance(column.type, sa.JSON):
        return sa.cast(sa.bindparam(column.name, type_=sa.Text), column.type)
    return sa.bindparam(column.name, type_=column.type)


async def _read(table: sa.Table, connection: AsyncConnection) -> AsyncIterator[Any]:
    columns = [
        (
            sa.cast(column, sa.Text).label(column.name)
            if isinstance(column.type, sa.JSON)
            else column
        )
        for column in table.columns
    ]
    result = await connection.stream(sa.select(*columns))
    async for rows in result.partitions(ROWS_AT_ONCE):
        yield rows


async def content_of(table: sa.Table, connection: AsyncConnection) -> Content:
    """How much is in a table, the same on both kinds of database where it holds the same."""
    texts = {column.name for column in table.columns if isinstance(column.type, sa.JSON)}
    count, total = 0, 0
    async for rows in _read(table, connection):
        for row in rows:
            plain = {
                name: json.loads(value) if name in texts and value is not None else value
                for name, value in row._mapping.items()
            }
            nothing = sorted(name for name, value in row._mapping.items() if value is None)
            said = json.dumps([plain, nothing], sort_keys=True, default=repr).encode()
            total += int.from_bytes(hashlib.sha256(said).digest())
            count += 1
    return Content(count, f"{total % (1 << 256):064x}")
