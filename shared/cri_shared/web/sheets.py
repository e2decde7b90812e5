"""Lists that people take along: CSV of columns that are public or internal, and of no others."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cri_shared import clock
from cri_shared.privacy.classes import C0, C1
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
        lines = [row(one.key for one in self._columns), *(row(_cells(line)) for line in found)]
        page = request.url.path.rpartition("/")[2].removesuffix(".csv")
        name = f"{page}-{clock.today().isoformat()}.csv"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
        body = BYTE_ORDER_MARK + "".join(lines)
        return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _cells(line: Iterable[Any]) -> Iterable[object]:
    return [_cell(value) for value in line]


def _cell(value: Any) -> object:
    """A value as a spreadsheet reads it; times are those of a clock in Brussels."""
    if isinstance(value, dt.datetime):
        return clock.belgian(value).strftime("%Y-%m-%d %H:%M")
    return " ".join(value) if isinstance(value, list) else value
