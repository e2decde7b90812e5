"""Numbers: each event gets the next of its subject, and those before it about the same thing.

Both are written to the outbox before anything is published, so an event that is published again
says what it said the first time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cri_shared.bus.envelope import message_id
from cri_shared.db.inserting import insert_into
from cri_shared.db.leadership import transaction
from cri_shared.db.tables import Messaging
from cri_shared.events.headers import AFTER, NUMBER


@dataclass(frozen=True)
class Numbered:
    """A row of the outbox, ready to leave: its number, and the headers of its message."""

    row: Row[Any]
    number: int
    headers: dict[str, str]


class Numbering:
    """Gives numbers to the rows of one outbox. Only the relay that leads may do this.

    Its statements are made once: a relay that publishes does each of them for every event.
    """

    def __init__(self, engine: AsyncEngine, tables: Messaging) -> None:
        outbox, counters = tables.outbox, tables.counters
        more = insert_into(engine, counters)
        self._count = more.on_conflict_do_update(
            index_elements=[counters.c.subject],
            set_={"last_number": counters.c.last_number + more.excluded.last_number},
        ).returning(counters.c.subject, counters.c.last_number)
        same = outbox.c.about.in_(bindparam("abouts", expanding=True))
        last = select(outbox.c.about, outbox.c.subject, func.max(outbox.c.number))
        numbered = last.where(same, outbox.c.number.is_not(None))
        self._before = numbered.group_by(outbox.c.about, outbox.c.subject)
        this = update(outbox).where(outbox.c.id == bindparam("row_id"))
        self._number = this.values(number=bindparam("given"))
        not_erased = this.where(outbox.c.erased_at.is_(None))  # meanwhile
        self._rename = not_erased.values(headers=bindparam("now"))

    async def give(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Numbered]:
        """Give a number to each row without one, durably.

        Rows that commit while this happens have none yet: they are for the next batch.
        """
        new = [row for row in rows if row.number is None]
        numbers = {row.id: row.number for row in rows if row.number is not None}
        headers = {row.id: dict(row.headers) for row in rows}
        if new:
            async with transaction(connection):
                numbers |= await self._next_numbers(connection, new)
                before = await self._numbers_before(connection, new)
                for row in new:
                    earlier = before.setdefault(row.about, {})
                    if earlier:
                        headers[row.id][AFTER] = " ".join(f"{s}={n}" for s, n in earlier.items())
                    earlier[row.subject] = numbers[row.id]
                await self._keep(connection, new, numbers, headers)
        return [_ready(row, numbers[row.id], headers[row.id]) for row in rows]

    async def _next_numbers(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[int, int]:
        added = Counter(row.subject for row in rows)
        counts = [{"subject": subject, "last_number": count} for subject, count in added.items()]
        found = await connection.execute(self._count, counts)
        last = {subject: highest - added[subject] for subject, highest in found}
        given = {}
        for row in rows:
            given[row.id] = last[row.subject] = last[row.subject] + 1
        return given

    async def _numbers_before(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[str, dict[str, int]]:
        """What an event is about -> subject -> the last number given to an event about the same."""
        before: dict[str, dict[str, int]] = {}
        abouts = {"abouts": list({row.about for row in rows})}
        for about, subject, highest in await connection.execute(self._before, abouts):
            before.setdefault(about, {})[subject] = highest
        return before

    async def _keep(
        self,
        connection: AsyncConnection,
        rows: Sequence[Row[Any]],
        numbers: Mapping[int, int],
        headers: Mapping[int, Mapping[str, str]],
    ) -> None:
        given = [{"row_id": row.id, "given": numbers[row.id]} for row in rows]
        await connection.execute(self._number, given)
        named = [row.id for row in rows if AFTER in headers[row.id]]
        if named:
            now = [{"row_id": row_id, "now": headers[row_id]} for row_id in named]
            await connection.execute(self._rename, now)


def _ready(row: Row[Any], given: int, headers: Mapping[str, str]) -> Numbered:
    names = {NUMBER: str(given), "Nats-Msg-Id": message_id(row.event_id, row.copies)}
    return Numbered(row, given, {**headers, **names})
