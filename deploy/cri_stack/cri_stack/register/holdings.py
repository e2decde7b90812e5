"""What is kept where, as the code declares it: every table of every database, field by field."""

import datetime as dt
import importlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from cri_index.store import TABLES
from cri_shared.events import SERVICES
from cri_shared.identity.models import Base as StaffBase
from cri_shared.privacy import key_tables
from cri_shared.privacy.finding import metadata_of
from cri_shared.privacy.keeping import Ground, Kept, Setting, Span, kept
from cri_shared.privacy.stores import Store
from cri_shared.settings import ServiceSettings
from pydantic import BaseModel

from cri_stack.logs import LogSettings

PACKAGES = (
    "cri_shared",
    *(f"cri_{service}" for service in SERVICES),
    "cri_index",
    "cri_stack",
)
_INDEX_SERVER = {
    "indexes": kept("which indexes there are", Ground.NOBODY),
    "keys": kept("which keys may ask and write", Ground.NOBODY, until="it is taken back"),
    "tasks": kept("what it was asked to do", Ground.NOBODY, until="many newer ones have ended"),
}
_LABEL = re.compile(r"^ *(\w+) .*-- (C\d|K)$", re.MULTILINE)


@dataclass(frozen=True)
class Field:
    """A column: how secret it is, and how it is guarded (empty: it is not)."""

    name: str
    held: str
    guard: str


@dataclass(frozen=True)
class Holding:
    """A table of a database; `store` is whose rules it follows, `span` the length in words.

    `also` says in words when rows end in other ways.
    """

    database: Store
    store: Store
    table: str
    kept: Kept
    span: str
    fields: tuple[Field, ...]
    also: tuple[str, ...] = ()


def databases() -> Mapping[Store, sa.MetaData]:
    """Every database that the packages declare.

    Raises `KeyError` for tables of which nobody says in which database they lie.
    """
    shared = {id(StaffBase.metadata): Store.STAFF, id(key_tables.metadata): Store.KEYS}
    found = {shared[id(held)]: held for held in metadata_of("cri_shared")}
    for service in SERVICES:
        (found[Store(service)],) = metadata_of(f"cri_{service}")
    found[Store.INDEX_SERVER] = labelled(TABLES)
    return MappingProxyType({store: found[store] for store in Store if store in found})


def holdings() -> list[Holding]:
    """Every table, database by database, by name."""
    return [
        Holding(
            database,
            table.info.get("store", database),
            table.name,
            table.info["kept"],
            in_words(table.info["kept"].span, database),
            tuple(_fields(table)),
            tuple(_also(table.info["kept"], database)),
        )
        for database, metadata in databases().items()
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
    ]


def labelled(statements: str) -> sa.MetaData:
    """The tables of cri-index, whose columns have their class in a comment behind them.

    Raises `KeyError` for a table of which nobody says why it is kept.
    """
    metadata = sa.MetaData()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(statements)
        made = "select name, sql from sqlite_master where type = 'table' and sql like '%(%'"
        for name, text in connection.execute(f"{made} and name not like 'sqlite_%'").fetchall():
            labels = dict(_LABEL.findall(text))
            columns = connection.execute("select name from pragma_table_info(?)", (name,))
            sa.Table(
                name,
                metadata,
                *(sa.Column(c, sa.Text, info={"class": labels.get(c)}) for (c,) in columns),
                **_INDEX_SERVER[name],
            )
    return metadata


def in_words(span: Span | None, database: Store) -> str:
    """A length of time in words; a setting with its default, its limits and its name."""
    match span:
        case None:
            return ""
        case Setting(name):
            return _setting(name, database)
        case dt.timedelta():
            return _amount(span)
        case int():
            return _amount(dt.timedelta(days=span))


def _also(promise: Kept, database: Store) -> Iterator[str]:
    return (f"{in_words(one.span, database)} {one.until}" for one in promise.also)


def _setting(name: str, store: Store) -> str:
    settings = _settings_of(store)
    told = settings.model_json_schema()["properties"][name]
    own = settings.model_config.get("env_prefix", "CRI_")
    prefix = "CRI_" if name in ServiceSettings.model_fields else own
    variable = f"{prefix}{name}".upper()
    least, most = told["minimum"], told["maximum"]
    return f"{_days(told['default'])} (`{variable}`, {least} to {most})"


def _settings_of(store: Store) -> type[BaseModel]:
    if store is Store.LOGS:
        return LogSettings
    found: type[BaseModel] = importlib.import_module(f"cri_{store}.settings").Settings
    return found


def _amount(span: dt.timedelta) -> str:
    if span.days and not span.seconds:
        return _days(span.days)
    hours, rest = divmod(int(span.total_seconds()), 3600)
    return f"{hours} hours" if not rest else f"{int(span.total_seconds()) // 60} minutes"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _fields(table: sa.Table) -> Iterator[Field]:
    for column in table.columns:
        yield Field(column.name, column.info["class"], column.info.get("guard", ""))
