"""What an auditor may read of the trail: who did what to what and when, and never a text."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.db.database import Database
from cri_shared.db.values import values_of
from cri_shared.spreadsheet import row

COLUMNS = ("id", "at", "actor", "actor_id", "action", "about", "facts")
SEALED = "(sealed)"
_LONGEST_CODE = 64  # ids and codes are shorter; what is longer is a sealed text
_PAGE = 1000


@dataclass(frozen=True)
class Filters:
    """Which entries: from and until a day (in Brussels), by whom, which action, about what."""

    since: dt.date | None = None
    until: dt.date | None = None
    actor: str = ""
    action: str = ""
    about: str = ""

    def of(self, audit: Table) -> list[ColumnElement[bool]]:
        """The conditions on the table."""
        asked = []
        if self.since:
            asked.append(audit.c.at >= clock.start_of_day(self.since))
        if self.until:
            asked.append(audit.c.at < clock.start_of_day(self.until + dt.timedelta(days=1)))
        same = {"actor": self.actor, "action": self.action, "about": self.about}
        asked += [audit.c[name] == value for name, value in same.items() if value]
        return asked

    def told(self) -> dict[str, str]:
        """Those that were set, by name."""
        values = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "actor": self.actor,
            "action": self.action,
            "about": self.about,
        }
        return {name: value for name, value in values.items() if value}


class Line(NamedTuple):
    """One entry as an auditor sees it."""

    id: int
    at: dt.datetime
    actor: str
    actor_id: str | None
    action: str
    about: str
    facts: dict[str, Any]


async def lines(
    session: AsyncSession, audit: Table, filters: Filters, *, before: int | None, size: int
) -> list[Line]:
    """Entries, newest first, before an id."""
    asked = filters.of(audit)
    if before is not None:
        asked.append(audit.c.id < before)
    newest = select(audit).where(*asked).order_by(audit.c.id.desc()).limit(size)
    return [_line(row) for row in (await session.execute(newest)).all()]


async def names(session: AsyncSession, audit: Table, column: str) -> list[str]:
    """Everything that stands in a column, once, in order."""
    return list((await session.execute(values_of(audit.c[column]))).scalars())


def _line(row: Any) -> Line:
    facts = {name: _code(value) for name, value in row.facts.items()}
    return Line(row.id, row.at, row.actor, row.actor_id, row.action, row.about, facts)


def _code(value: Any) -> Any:
    return SEALED if isinstance(value, str) and len(value) > _LONGEST_CODE else value


async def as_csv(database: Database, filters: Filters) -> AsyncIterator[str]:
    """All entries, oldest first, as CSV with a head, a thousand lines at a time."""
    audit = database.outbox.tables.audit
    yield row(COLUMNS)
    after = None
    while True:
        asked = filters.of(audit)
        if after is not None:
            asked.append(audit.c.id > after)
        async with database.reading() as session:
            oldest = select(audit).where(*asked).order_by(audit.c.id).limit(_PAGE)
            found = [_line(row) for row in (await session.execute(oldest)).all()]
        if found:
            yield "".join(row(_cells(line)) for line in found)
        if len(found) < _PAGE:
            return
        after = found[-1].id


def _cells(line: Line) -> Sequence[str]:
    facts = json.dumps(line.facts, sort_keys=True, ensure_ascii=False)
    at = line.at.isoformat(timespec="seconds")
    return [str(line.id), at, line.actor, line.actor_id or "", line.action, line.about, facts]
