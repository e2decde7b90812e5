"""Reading plans: what a database would do for a statement, and whether it goes through a table."""

import itertools
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.plans.recording import Statement

_SCANNED = re.compile(r"^SCAN (\w+?)(?:_\d+)?(?: AS \w+)?(?: USING (?:COVERING )?INDEX (\w+))?$")

_REMOVED = ("Rows Removed by Filter", "Rows Removed by Join Filter")


async def scans(
    connection: AsyncConnection, statement: Statement, growing: Collection[str]
) -> list[str]:
    """The tables among `growing` of which the plan of a statement reads every row.

    One whose rows are taken in the order of an index until there are enough of them is not.
    """
    read = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgresql
    return sorted({table async for table in read(connection, statement) if table in growing})


async def goes_by_few(connection: AsyncConnection, statement: Statement) -> bool:
    """Whether the plan of a statement goes by an index of some rows alone."""
    return await goes_by(connection, statement, *await _partial_indexes(connection))


async def goes_by(connection: AsyncConnection, statement: Statement, *indexes: str) -> bool:
    """Whether the plan of a statement goes by one of these indexes."""
    if connection.dialect.name == "sqlite":
        plan = "\n".join(await _steps(connection, statement))
    else:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        asked = f"EXPLAIN {statement.sql}"
        rows = await connection.exec_driver_sql(asked, statement.values)
        plan = "\n".join(rows.scalars())
    return any(re.search(rf"\b{name}\b", plan) for name in indexes)


async def goes_by_index_alone(
    connection: AsyncConnection, statement: Statement, index: str
) -> bool:
    """Whether all that a statement wants to know stands in this index, and no row is looked at."""
    if connection.dialect.name == "sqlite":
        return any(
            f"COVERING INDEX {index} " in step for step in await _steps(connection, statement)
        )
    await connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    return "Index Only Scan" in _kinds(await _plan(connection, statement))


async def goes_by_one(connection: AsyncConnection, statement: Statement, names: str) -> bool:
    """Whether SQLite finds rows of a statement by one of these columns (`a|b`) and nothing else."""
    alone = re.compile(rf"^SEARCH .* \((?:{names})=\?\)$")
    return any(alone.match(step) for step in await _steps(connection, statement))


async def effort(connection: AsyncConnection, statement: Statement) -> int:
    """How much a database does for a statement: steps of SQLite, rows of PostgreSQL."""
    if connection.dialect.name == "sqlite":
        driver = (await connection.get_raw_connection()).driver_connection
        steps = itertools.count()
        await driver.set_progress_handler(lambda: next(steps) and None, 1)
        await connection.exec_driver_sql(statement.sql, statement.values)
        await driver.set_progress_handler(None, 0)
        return next(steps)
    asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
    told = await connection.exec_driver_sql(asked, statement.values)
    return _rows_of(_plan_of(told.scalar_one()))


def _rows_of(plan: dict[str, Any]) -> int:
    """The rows that a plan went through, those of each of its steps."""
    of_each = sum(plan.get(name, 0) for name in ("Actual Rows", *_REMOVED))
    below = sum(_rows_of(one) for one in plan.get("Plans", ()))
    return round(of_each * plan["Actual Loops"]) + below


def _plan_of(told: Any) -> dict[str, Any]:
    """What `EXPLAIN (FORMAT JSON)` told, as text or not."""
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan


async def sorts(connection: AsyncConnection, statement: Statement) -> bool:
    """Whether a statement must read all its rows and put them in order before it has the first."""
    if connection.dialect.name == "sqlite":
        return any("USE TEMP B-TREE" in step for step in await _steps(connection, statement))
    await connection.exec_driver_sql("SET LOCAL enable_sort = off")
    return any(kind.endswith("Sort") for kind in _kinds(await _plan(connection, statement)))


async def _steps(connection: AsyncConnection, statement: Statement) -> list[str]:
    """The plan of SQLite, step by step."""
    asked = f"EXPLAIN QUERY PLAN {statement.sql}"
    rows = (await connection.exec_driver_sql(asked, statement.values)).all()
    return [row[3] for row in rows]


async def _on_sqlite(connection: AsyncConnection, statement: Statement) -> Any:
    steps = await _steps(connection, statement)
    partial = await _partial_indexes(connection)
    sorted_after = any("USE TEMP B-TREE FOR ORDER BY" in step for step in steps)
    for step in steps:
        if (found := _SCANNED.match(step)) is not None:
            in_order = "LIMIT" in statement.sql and not sorted_after
            if not in_order and found[2] not in partial:
                yield found[1]


async def _partial_indexes(connection: AsyncConnection) -> set[str]:
    """The indexes of a few rows each: what waits, what was refused."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    else:
        asked = "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL"
    return set((await connection.exec_driver_sql(asked)).scalars())


async def _plan(connection: AsyncConnection, statement: Statement) -> dict[str, Any]:
    """The plan of PostgreSQL, as with many rows."""
    # Its tables are empty here: so it takes an index wherever one is of use.
    for costly in ("seqscan", "hashjoin", "mergejoin", "material"):
        await connection.exec_driver_sql(f"SET LOCAL enable_{costly} = off")
    asked = f"EXPLAIN (FORMAT JSON) {statement.sql}"
    told = await connection.exec_driver_sql(asked, statement.values)
    return _plan_of(told.scalar_one())


def _kinds(plan: dict[str, Any]) -> set[str]:
    return {plan["Node Type"]}.union(*(_kinds(one) for one in plan.get("Plans", ())))


async def _on_postgresql(connection: AsyncConnection, statement: Statement) -> Any:
    plan = await _plan(connection, statement)
    partial = await _partial_indexes(connection)
    for table in _read_whole(plan, partial, few=False):
        yield table


def _read_whole(
    plan: dict[str, Any], partial: set[str], *, few: bool, above: str = ""
) -> Iterator[str]:
    """The tables of which a plan reads all; `few`: what is above takes rows until it has enough.

    `above` is the table for which rows are looked up.
    """
    kind, below = plan["Node Type"], plan.get("Plans", ())
    looked_up = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
    along = kind in looked_up and "Index Cond" not in plan and plan["Index Name"] not in partial
    if not few and (kind == "Seq Scan" or along):
        yield plan.get("Relation Name", above)
    few = kind == "Limit" or (few and kind not in ("Sort", "Aggregate", "Hash"))
    for one in below:
        yield from _read_whole(one, partial, few=few, above=plan.get("Relation Name", above))
