"""A store that grew: the rows that the code of a service made there, many times over.

Each copy has ids, numbers and days of its own, so that what belongs together does so in every
copy. Sealed texts are copied as they are: they weigh what they weigh and open for the first alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, String, Table, text
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

from tests.plans.tables import SMALL

SPREAD_DAYS = 300
_MARKED = {
    "slug",
    "sign_up_id",
    "research_id",
    "about",
    "owner_id",
    "event_id",
    "entry_id",
    "key_id",
    "answer_id",
}
_NUMBERED = {"stream_sequence", "audit_id", "counted_no"}
_STAFF = {"staff_id", "actor_id", "officer_id", "writer_id", "session_id", "organisation_id"}
SQLITE = {
    "numbers": "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :copies)",
    "mark": "printf('%08x', n.k)",
    "bytes": "randomblob(32)",
    "instant": "strftime('%Y-%m-%d %H:%M:%f', {0}, '-' || (n.k * {1}) || ' seconds') || '000'",
    "day": "date({0}, '-' || (n.k * {1} / 86400) || ' days')",
}
POSTGRESQL = {
    "numbers": "WITH n(k) AS (SELECT generate_series(1, CAST(:copies AS integer)))",
    "mark": "lpad(to_hex(n.k), 8, '0')",
    "bytes": "decode(md5(random()::text) || md5(random()::text), 'hex')",
    "instant": "{0} - n.k * {1} * interval '1 second'",
    "day": "{0} - n.k * {1} / 86400",
}


@dataclass(frozen=True)
class Growth:
    """How many copies, and what of most of them is otherwise than in the first.

    That is SQL by table and column, or `=` and the column whose value it is. The newest `alike`
    copies are as the first one, so that there is work for people. `days` are those over which
    copies lie, the first one today.
    """

    copies: int
    alike: int
    otherwise: Mapping[str, Mapping[str, str]]
    days: int = SPREAD_DAYS


def grow(connection: Connection, table: Table, growth: Growth) -> None:
    """Add the copies of all rows of a table."""
    if growth.copies < 1:
        return
    words = SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL
    step = max(1, growth.days * 86400 // growth.copies)
    strides = {name: _highest(connection, table, name) for name in _counted(table)}
    changed = growth.otherwise.get(table.name, {})
    made = {column.name: _value(column, words, step, strides) for column in table.columns}
    for name, other in changed.items():
        wanted = made[other.removeprefix("=")] if other.startswith("=") else other
        made[name] = f"CASE WHEN n.k > {growth.alike} THEN {wanted} ELSE {made[name]} END"
    columns, values = [f'"{name}"' for name in made], made.values()
    name = f'"{table.name}"'
    rows = f"SELECT {', '.join(values)} FROM {name} AS t, n"  # noqa: S608 - names of our tables
    into = f"INSERT INTO {name} ({', '.join(columns)})"
    if connection.dialect.name == "sqlite":  # which wants the numbers before the rows
        connection.execute(text(f"{words['numbers']} {into} {rows}"), {"copies": growth.copies})
    else:
        connection.execute(text(f"{into} {words['numbers']} {rows}"), {"copies": growth.copies})
        if "id" in strides:  # the next one that the service makes comes after the copies
            next_one = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id))"
            connection.execute(text(f"{next_one} FROM {name}"))


def _counted(table: Table) -> Iterator[str]:
    for column in table.columns:
        is_key = column.primary_key and isinstance(_plain(column), Integer)
        of_events = column.name == "number" and "subject" in table.columns
        if of_events or column.name in _NUMBERED or (is_key and column.name == "id"):
            yield column.name


def _highest(connection: Connection, table: Table, name: str) -> int:
    """By how much a number grows from copy to copy; what refers to another table's, as it does."""
    of = ("audit", "id") if name == "audit_id" else (table.name, name)
    highest = text(f'SELECT max("{of[1]}") FROM "{of[0]}"')  # noqa: S608 - names of our tables
    found = connection.execute(highest).scalar()
    return int(found or 1)


def _plain(column: Column[Any]) -> Any:
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _value(column: Column[Any], words: Mapping[str, str], step: int, strides: Any) -> str:
    kind, name = _plain(column), f't."{column.name}"'
    if column.name in strides:
        return f"{name} + n.k * {strides[column.name]}"
    if isinstance(kind, DateTime):
        return words["instant"].format(name, step)
    if isinstance(kind, Date):
        return words["day"].format(name, step)
    if isinstance(kind, LargeBinary) and (column.unique or column.primary_key):
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE {words['bytes']} END"
    if isinstance(kind, String) and _is_marked(column):
        mark = words["mark"]
        return (
            f"CASE WHEN length({name}) > 24 THEN {mark} || substr({name}, 9)"
            f" ELSE {mark} || {name} END"
        )
    return name


def _is_marked(column: Column[Any]) -> bool:
    """Whether each copy has an id of its own there."""
    referred = {key.column.table.name for key in column.foreign_keys}
    own = column.primary_key or bool(referred)
    if referred & SMALL.keys() or (column.name in _STAFF and not own):  # there are no copies
        return False
    named = column.name in _MARKED or column.unique or bool(column.foreign_keys)
    return bool(named) or (column.primary_key and column.name.endswith(("_id", "key", "slug")))
