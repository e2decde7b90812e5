"""`cri migrate-store`: every table of every store arrives on PostgreSQL as it was on SQLite."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from cri_shared.db.columns import UtcDateTime
from cri_shared.db.engine import make_engine
from cri_shared.testing.postgres import PostgresServer
from cri_stack import moving
from cri_stack.layout import SERVICES, Layout
from cri_stack.moving import CannotMove, Store
from cri_stack.store_verbs import migrate_store
from cri_stack.up import alone
from typer import Typer
from typer.testing import CliRunner

AT = dt.datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=dt.UTC)
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]


@pytest.fixture
def targets(postgres_server: PostgresServer) -> dict[str, str]:
    """A new database for each store."""
    return {store.setting: postgres_server.create_database() for store in moving.stores()}


def values(column: sa.Column[Any], number: int) -> Any:
    """Something that is hard to carry, of the type of a column."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        nothing = sa.null() if column.nullable else []
        return [{"z": [1, None, "é"], "a": {"ا": 1.5}}, None, nothing][number % 3]
    if isinstance(kind, sa.LargeBinary):
        return b"\x00\xff" + bytes([number]) * 30
    if isinstance(kind, UtcDateTime):
        return AT + dt.timedelta(seconds=number)
    if isinstance(kind, sa.Date):
        return AT.date() + dt.timedelta(days=number)
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Float):
        return number + 0.1
    if isinstance(kind, sa.Integer):
        return number
    return f"{number}é\n'ا"[: getattr(kind, "length", None)]


def rows_of(table: sa.Table) -> Iterator[dict[str, Any]]:
    """Three rows; what one refers to is the row of the same number."""
    for number in (1, 2, 3):
        yield {
            column.name: values(column, number)
            if number != 2 or not column.nullable or isinstance(column.type, sa.JSON)
            else None
            for column in table.columns
        }


async def fill(store: Store, url: str) -> int:
    """Rows in every table of a store that takes them so; gives how many tables there are."""
    engine = make_engine(url)
    tables = store.metadata.sorted_tables
    async with engine.connect() as connection:
        await connection.run_sync(store.metadata.create_all)
        await connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for table in tables:
            for row in rows_of(table):
                await connection.execute(sa.insert(table).values(row))
        await connection.commit()
    await engine.dispose()
    return len(tables)


def sources_of(layout: Layout) -> dict[str, str]:
    """Where each store is now."""
    return {name: url for part in SERVICES for name, url in layout.environment(part).items()}


async def test_every_table_arrives_as_it_was(layout: Layout, targets: dict[str, str]) -> None:
    sources, said = sources_of(layout), list[str]()
    tables = 0
    for store in moving.stores():
        tables += await fill(store, sources[store.setting])
    with pytest.raises(CannotMove, match="no CRI_RESEARCH_KEYSTORE_URL"):
        await moving.move(layout, targets | {"CRI_RESEARCH_KEYSTORE_URL": ""}, said.append)
    assert said == []

    await moving.move(layout, targets, said.append)
    assert sum(int(line.split()[1]) for line in said) == 3 * tables
    for store in moving.stores():
        engines = [make_engine(url) for url in (sources[store.setting], targets[store.setting])]
        for table in store.metadata.sorted_tables:
            here, there = [await everything(engine, table) for engine in engines]
            assert here == there, table.name
        for engine in engines:
            await engine.dispose()
    with pytest.raises(CannotMove, match="there are rows in"):
        await moving.move(layout, targets, said.append)
    await new_rows_get_numbers_after_those_that_came(targets)


async def everything(engine: Any, table: sa.Table) -> list[Any]:
    """The rows of a table as programs see them, and where JSON is no value at all."""
    absent = [c.is_(sa.null()).label(f"{c.name} is nothing") for c in table.columns]
    async with engine.connect() as connection:
        found = await connection.execute(sa.select(*table.columns, *absent))
        return sorted(map(repr, map(tuple, found)))


async def test_a_platform_that_is_up_or_a_list_that_is_not_there_changes_nothing(
    layout: Layout,
) -> None:
    command = Typer()
    command.command()(migrate_store)
    layout.remember()
    words = ["--var", str(layout.var), "--to"]
    listed = layout.var / "operator.env"
    refused = CliRunner().invoke(command, [*words, str(listed)])
    assert refused.exit_code == 2
    listed.write_text("")
    with alone(layout):
        assert "CRI runs in" in CliRunner().invoke(command, [*words, str(listed)]).output


async def new_rows_get_numbers_after_those_that_came(targets: dict[str, str]) -> None:
    """Where the database counts, it goes on from the highest number."""
    (store,) = [store for store in moving.stores() if store.package == "cri_training"]
    numbered = [t for t in store.metadata.sorted_tables if t.autoincrement_column is not None]
    assert numbered
    engine = make_engine(targets[store.setting])
    async with engine.begin() as connection:
        for table in numbered:
            counted = table.autoincrement_column
            assert counted is not None
            sequence = sa.func.pg_get_serial_sequence(table.name, counted.name)
            assert await connection.scalar(sa.select(sa.func.nextval(sequence))) == 4, table.name
    await engine.dispose()
