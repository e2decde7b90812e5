"""What stands in a column, each once, by as many looks into its index as there are values."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute


def values_of(
    column: "Column[Any] | InstrumentedAttribute[Any] | ColumnElement[Any]",
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """The values of a column that has an index, in order; NULL is none.

    Of the rows that fulfil the conditions, whose index it then is (`cri_shared.db.some`).

    `DISTINCT` goes along all rows on every database that we know.
    """
    found = select(func.min(column).label("value")).where(*conditions).cte("found", recursive=True)
    after = select(func.min(column)).where(column > found.c.value, *conditions).scalar_subquery()
    every = found.union_all(select(after).where(found.c.value.is_not(None)))
    return select(every.c.value).where(every.c.value.is_not(None))
