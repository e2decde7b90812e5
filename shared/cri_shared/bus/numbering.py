"""Numbers: each event gets the next of its subject, and those before it about the same thing.

Both are written to the outbox before anything is published, so an event that is published again
says what it said the first time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared.bus.envelope import message_id
from cri_shared.db.leadership import transaction
from cri_shared.db.tables import Messaging
from cri_shared.events.headers import AFTER, NUMBER


@dataclass(frozen=True)
class Numbered:
    """A row of the outbox, ready to leave: its number, and the headers of its message."""

    row: Row[Any]
    number: int
    headers: dict[str, str]


async def give_numbers(
    connection: AsyncConnection, tables: Messaging, rows: Sequence[Row[Any]]
) -> list[Numbered]:
    """Give a number to each row without one, durably. Only the relay that leads may do this.

    Rows that commit while this happens have none yet: they are for the next batch.
    """
    new = [row for row in rows if row.number is None]
    numbers = {row.id: row.number for row in rows if row.number is not None}
    headers = {row.id: dict(row.headers) for row in rows}
    if new:
        async with transaction(connection):
            numbers |= await _next_numbers(connection, tables, new)
            before = await _numbers_before(connection, tables, new)
            for row in new:
                earlier = before.setdefault(row.about, {})
                if earlier:
                    headers[row.id][AFTER] = " ".join(f"{s}={n}" for s, n in earlier.items())
                earlier[row.subject] = numbers[row.id]
            await _keep(connection, tables, new, numbers, headers)
    return [_ready(row, numbers[row.id], headers[row.id]) for row in rows]


def _ready(row: Row[Any], given: int, headers: Mapping[str, str]) -> Numbered:
    names = {NUMBER: str(given), "Nats-Msg-Id": message_id(row.event_id, row.copies)}
    return Numbered(row, given, {**headers, **names})


async def _next_numbers(
    connection: AsyncConnection, tables: Messaging, rows: Sequence[Row[Any]]
) -> dict[int, int]:
    counters = tables.counters
    subjects = {row.subject for row in rows}
    found = await connection.execute(select(counters).where(counters.c.subject.in_(subjects)))
    last = {row.subject: row.last_number for row in found}
    for subject in subjects - last.keys():
        await connection.execute(counters.insert().values(subject=subject, last_number=0))
    given = {}
    for row in rows:
        given[row.id] = last[row.subject] = last.get(row.subject, 0) + 1
    counter = update(counters).where(counters.c.subject == bindparam("of"))
    await connection.execute(
        counter.values(last_number=bindparam("given")),
        [{"of": subject, "given": last[subject]} for subject in subjects],
    )
    return given


async def _numbers_before(
    connection: AsyncConnection, tables: Messaging, rows: Sequence[Row[Any]]
) -> dict[str, dict[str, int]]:
    """What an event is about -> subject -> the last number given to an event about the same."""
    outbox = tables.outbox
    numbered = outbox.c.about.in_({row.about for row in rows}) & outbox.c.number.is_not(None)
    last = select(outbox.c.about, outbox.c.subject, func.max(outbox.c.number)).where(numbered)
    grouped = last.group_by(outbox.c.about, outbox.c.subject)
    before: dict[str, dict[str, int]] = {}
    for about, subject, highest in await connection.execute(grouped):
        before.setdefault(about, {})[subject] = highest
    return before


async def _keep(
    connection: AsyncConnection,
    tables: Messaging,
    rows: Sequence[Row[Any]],
    numbers: Mapping[int, int],
    headers: Mapping[int, Mapping[str, str]],
) -> None:
    this = update(tables.outbox).where(tables.outbox.c.id == bindparam("row_id"))
    await connection.execute(
        this.values(number=bindparam("given")),
        [{"row_id": row.id, "given": numbers[row.id]} for row in rows],
    )
    later = [{"row_id": row.id, "now": headers[row.id]} for row in rows if AFTER in headers[row.id]]
    if later:
        not_erased = this.where(tables.outbox.c.erased_at.is_(None))  # meanwhile
        await connection.execute(not_erased.values(headers=bindparam("now")), later)
