"""Lists that people take along: CSV of columns that are public or internal, and of no others."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import Any, get_type_hints

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cri_shared import clock
from cri_shared.privacy.classes import C0, C1, FieldClass
from cri_shared.spreadsheet import BYTE_ORDER_MARK, row

OPEN = frozenset({C0.name, C1.name})


class ColumnRestricted(ValueError):
    """Somebody made a list to take along of what must not leave its database."""


class Sheet:
    """The columns of a list; raises `ColumnRestricted` where one is of another class."""

    def __init__(self, *columns: InstrumentedAttribute[Any]) -> None:
        restricted = [str(one) for one in columns if one.info.get("class") not in OPEN]
        if restricted:
            raise ColumnRestricted(", ".join(restricted))
        self._columns = columns

    async def answer(
        self, request: Request, session: AsyncSession, rows: Select[*tuple[Any, ...]]
    ) -> Response:
        """The columns of these rows as a file named after the page and the day; reads no others."""
        found = (await session.execute(rows.with_only_columns(*self._columns))).all()
        return _file(request, [one.key for one in self._columns], found)


class Lines:
    """A list that is worked out: its lines are of a dataclass whose fields say their class.

    Raises `ColumnRestricted` where one says none, or another than public or internal.
    """

    def __init__(self, kind: type[Any]) -> None:
        self._names = [one.name for one in fields(kind)]
        hints = get_type_hints(kind, include_extras=True)
        restricted = [name for name in self._names if _class_of(hints[name]) not in OPEN]
        if restricted:
            raise ColumnRestricted(", ".join(restricted))

    def answer(self, request: Request, lines: Iterable[Any]) -> Response:
        """These lines as a file named after the page and the day."""
        return _file(request, self._names, map(astuple, lines))


def _class_of(hint: Any) -> str | None:
    marks = getattr(hint, "__metadata__", ())
    return next((mark.name for mark in marks if isinstance(mark, FieldClass)), None)


def _file(request: Request, names: Iterable[str], rows: Iterable[Iterable[Any]]) -> Response:
    page = request.url.path.rpartition("/")[2].removesuffix(".csv")
    name = f"{page}-{clock.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    body = BYTE_ORDER_MARK + "".join([row(names), *(row(_cells(line)) for line in rows)])
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _cells(line: Iterable[Any]) -> Iterable[object]:
    return [_cell(value) for value in line]


def _cell(value: Any) -> object:
    """A value as a spreadsheet reads it; times are those of a clock in Brussels."""
    if isinstance(value, dt.datetime):
        return clock.belgian(value).strftime("%Y-%m-%d %H:%M")
    return " ".join(value) if isinstance(value, list) else value
