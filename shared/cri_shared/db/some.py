"""Some rows of a table: indexes of them alone, and how many there are, as far as people count."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    Integer,
    ScalarSelect,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def index_of_some(name: str, where: str, *columns: Any, unique: bool = False) -> Index:
    """An index of the rows of which this is true; it is used where a query says the same words."""
    which = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=which, sqlite_where=which)


def said(where: str) -> ColumnElement[bool]:
    """The words of such an index as a condition."""
    return literal_column(f"({where})")


class Met(FunctionElement[bool]):
    """A condition that rows meet or not as they are gone along: SQLite uses no index for it.

    It has no statistics, and would take an index of what nearly all rows are. PostgreSQL has.
    """

    name = "met"
    inherit_cache = True
    type = Boolean()

    def __init__(self, condition: ColumnElement[bool]) -> None:
        super().__init__(condition)


@compiles(Met)
def _plainly(met: Met, compiler: SQLCompiler, **how: Any) -> str:
    return f"({compiler.process(met.clauses, **how)})"


@compiles(Met, "sqlite")
def _without_an_index(met: Met, compiler: SQLCompiler, **how: Any) -> str:
    return f"CASE WHEN {compiler.process(met.clauses, **how)} THEN 1 ELSE 0 END = 1"


def number_of(table: Any, *conditions: ColumnElement[bool], most: int) -> ScalarSelect[int]:
    """How many rows of a table fulfil these; one more than `most` where more do."""
    one = select(literal_column("1", Integer))
    some = one.select_from(table).where(*conditions).limit(most + 1)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
