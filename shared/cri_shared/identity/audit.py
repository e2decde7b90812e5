"""Who did what to what, and when: written in the transaction that did it, never content."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.db.database import Work
from cri_shared.identity.staff import Staff

BY_ITSELF = "cri"


@dataclass(frozen=True)
class Noted:
    """One thing that was done: `action` is a static dotted name, `facts` holds ids and codes."""

    at: dt.datetime
    actor: str
    action: str
    facts: dict[str, Any]


async def note(
    work: Work, action: str, about: str, *, by: Staff | str | None = None, **facts: Any
) -> None:
    """Note what a person (or, with `by=None`, the service itself) did to `about`, an id.

    `facts` are ids, codes and dates (C1): never what anybody wrote.
    """
    await work.session.execute(
        insert(work.tables.audit).values(
            at=clock.now(),
            actor_id=by.staff_id if isinstance(by, Staff) else None,
            actor=by.name if isinstance(by, Staff) else by or BY_ITSELF,
            action=action,
            about=about,
            facts=facts,
        )
    )


async def history(session: AsyncSession, table: Any, about: str | Iterable[str]) -> list[Noted]:
    """What was done to one thing (or several), oldest first; `table` is `messaging.audit`."""
    ids = [about] if isinstance(about, str) else list(about)
    rows = select(table).where(table.c.about.in_(ids)).order_by(table.c.id)
    return [
        Noted(row.at, row.actor, row.action, row.facts)
        for row in (await session.execute(rows)).all()
    ]
