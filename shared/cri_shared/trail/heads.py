"""Heads: how far a service's chain was each day, told to others, who keep it."""

import datetime as dt

from sqlalchemy import Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared.db.database import Work
from cri_shared.db.inserting import insert_into
from cri_shared.events.upkeep import AuditHead, DaySealed
from cri_shared.trail.walk import Head


async def head_now(work: Work) -> AuditHead | None:
    """The newest link of this service's chain, or None before the first."""
    chain = work.tables.audit_chain
    newest = select(chain.c.number, chain.c.mac).order_by(chain.c.number.desc()).limit(1)
    row = (await work.session.execute(newest)).one_or_none()
    return AuditHead(number=row.number, mac=row.mac) if row else None


async def is_news(work: Work, service: str, day: dt.date, head: AuditHead | None) -> bool:
    """Whether the head of this service's chain was not told yet; once a day it may be."""
    if head is None:
        return False
    heads = work.tables.audit_heads
    told = select(heads.c.day).where(
        heads.c.service == service, or_(heads.c.number >= head.number, heads.c.day >= day)
    )
    return (await work.session.execute(told.limit(1))).first() is None


async def keep_head(work: Work, event: DaySealed) -> None:
    """Keep the head that a producer told with a day; the first one told of a day counts."""
    if event.audit is None:
        return
    row = insert_into(work.session, work.tables.audit_heads).values(
        service=event.producer,
        day=event.day,
        number=event.audit.number,
        mac=event.audit.mac,
    )
    await work.session.execute(row.on_conflict_do_nothing())


async def heads_of(session: AsyncSession, table: Table, service: str | None = None) -> list[Head]:
    """The heads kept here (of one service), by service and day."""
    kept = select(table).order_by(table.c.service, table.c.day)
    if service is not None:
        kept = kept.where(table.c.service == service)
    return [
        Head(row.service, row.day.isoformat(), row.number, row.mac)
        for row in (await session.execute(kept)).all()
    ]
