"""Dead letters: messages that cannot be handled, kept sealed in the hearer's own database."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.bus.envelope import number_of
from cri_shared.db.database import Work
from cri_shared.db.inserting import insert_into
from cri_shared.db.tables import Messaging
from cri_shared.privacy.vault import open_sealed, seal


@dataclass(frozen=True)
class Letter:
    """One message as it came: headers and JSON body."""

    event_id: str
    subject: str
    headers: dict[str, str]
    body: bytes


async def give_up_about(work: Work, about: str) -> int:
    """Drop every letter about one thing; gives how many. Their numbers count as heard."""
    letters = work.tables.dead_letters
    of = letters.c.about == about
    found = select(letters.c.event_id, letters.c.subject, letters.c.number).where(of)
    rows = (await work.session.execute(found)).all()
    for row in rows:
        await _count_as_heard(
            work.session, work.tables.inbox, row.event_id, row.subject, row.number
        )
    await work.session.execute(delete(letters).where(of))
    return len(rows)


async def _count_as_heard(
    session: AsyncSession, inbox: Table, event_id: str, subject: str, number: int | None
) -> None:
    heard = insert_into(session, inbox).values(
        event_id=event_id, subject=subject, number=number, processed_at=clock.now()
    )
    await session.execute(heard.on_conflict_do_nothing())


def _reason_of(event_id: str) -> str:
    return f"reason:{event_id}"


class DeadLetters:
    """Keeps, lists and gives back dead letters; sealed under the service key."""

    def __init__(self, tables: Messaging, key: bytes) -> None:
        self._table = tables.dead_letters
        self._inbox = tables.inbox
        self._key = key

    async def keep(
        self, session: AsyncSession, letter: Letter, *, sequence: int, tries: int, reason: str
    ) -> None:
        """Store a letter; the same one twice is kept once, with the newest reason."""
        content = json.dumps(
            {"headers": letter.headers, "body": letter.body.decode("utf-8", "replace")}
        )
        await self.drop(session, letter.event_id)
        await session.execute(
            insert(self._table).values(
                event_id=letter.event_id,
                subject=letter.subject,
                number=number_of(letter.headers),
                about=letter.headers.get("ce-subject", "")[:64],
                stream_sequence=sequence,
                tries=tries,
                reason=reason,
                letter=seal(self._key, content.encode(), letter.event_id.encode()),
                died_at=clock.now(),
            )
        )

    async def listed(
        self, session: AsyncSession, *, subject: str | None = None
    ) -> Sequence[Row[Any]]:
        """Every letter (of a subject) without its content, oldest first."""
        rows = self._without_content(subject).order_by(self._table.c.id)
        found: Sequence[Row[Any]] = (await session.execute(rows)).all()
        return found

    async def page(
        self, session: AsyncSession, *, size: int, subject: str | None, before: int | None
    ) -> Sequence[Row[Any]]:
        """Up to `size` letters without their content, newest first, those below an id `before`."""
        t = self._table
        rows = self._without_content(subject).order_by(t.c.id.desc()).limit(size)
        rows = rows if before is None else rows.where(t.c.id < before)
        found: Sequence[Row[Any]] = (await session.execute(rows)).all()
        return found

    async def by_subject(self, session: AsyncSession) -> dict[str, int]:
        """Subject -> how many letters lie here, sorted by subject."""
        t = self._table
        counts = select(t.c.subject, func.count()).group_by(t.c.subject).order_by(t.c.subject)
        return {subject: count for subject, count in (await session.execute(counts)).all()}

    async def find(self, session: AsyncSession, event_id: str) -> Row[Any] | None:
        """One letter without its content, or None."""
        row = self._without_content(None).where(self._table.c.event_id == event_id)
        found: Row[Any] | None = (await session.execute(row)).first()
        return found

    def _without_content(self, subject: str | None) -> Select[Any]:
        t = self._table
        rows = select(*(column for column in t.c if column is not t.c.letter))
        return rows if subject is None else rows.where(t.c.subject == subject)

    async def count(self, session: AsyncSession) -> int:
        """How many letters lie here."""
        return (await session.execute(select(func.count()).select_from(self._table))).scalar_one()

    async def open(self, session: AsyncSession, event_id: str) -> Letter | None:
        """One letter with its content, or None."""
        t = self._table
        row = (await session.execute(select(t).where(t.c.event_id == event_id))).first()
        if row is None:
            return None
        content = json.loads(open_sealed(self._key, row.letter, event_id.encode()))
        return Letter(event_id, row.subject, content["headers"], content["body"].encode())

    async def failed_again(self, session: AsyncSession, event_id: str, reason: str) -> None:
        """Count one more try of a letter, and why that failed."""
        t = self._table
        tried = update(t).where(t.c.event_id == event_id)
        await session.execute(tried.values(tries=t.c.tries + 1, reason=reason))

    def seal_reason(self, event_id: str, reason: str) -> str:
        """What an operator wrote about a letter, as the audit trail may keep it."""
        return base64.b64encode(seal(self._key, reason, _reason_of(event_id))).decode()

    def open_reason(self, event_id: str, sealed: str) -> str:
        """The operator's words. Raises `Unreadable`."""
        return open_sealed(self._key, base64.b64decode(sealed), _reason_of(event_id)).decode()

    async def give_up(self, session: AsyncSession, letter: Letter) -> None:
        """Drop a letter whose event shall never take effect here.

        Its number counts as heard from now on: a hearer asks again for what it does not have.
        """
        await self.drop(session, letter.event_id)
        number = number_of(letter.headers)
        await _count_as_heard(session, self._inbox, letter.event_id, letter.subject, number)

    async def forget_erased(self, session: AsyncSession, event_id: str, subject: str) -> bool:
        """Drop a letter whose producer erased its event; gives whether there was one."""
        t = self._table
        of = delete(t).where(t.c.event_id == event_id, t.c.subject == subject)
        return bool((await session.execute(of)).rowcount)  # type: ignore[attr-defined]

    async def drop(self, session: AsyncSession, event_id: str) -> None:
        """Forget a letter."""
        await session.execute(delete(self._table).where(self._table.c.event_id == event_id))
