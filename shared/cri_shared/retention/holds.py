"""Legal holds: a person says why something must be kept for now, and until which day."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.db.columns import new_id
from cri_shared.db.database import Work
from cri_shared.errors import Refusal
from cri_shared.identity.audit import note
from cri_shared.identity.staff import Staff
from cri_shared.retention.rules import standing
from cri_shared.words import N_

REASONS = {
    "court": N_("A court case"),
    "authority": N_("An inquiry of an authority"),
    "complaint": N_("A complaint"),
    "person": N_("The person asked for it"),
}
LONGEST_DAYS = 730


class Held(Refusal):
    """The law asks to keep it for now."""

    slug = "held"
    message = N_("This is held for legal reasons. It cannot be erased now.")


async def place(work: Work, about: str, *, reason: str, until: dt.date, by: Staff) -> str:
    """Keep what has this id until the end of a day; gives the hold's id.

    The same hold again is the one that stands.
    """
    table = work.tables.holds
    same = (table.c.about == about) & (table.c.reason == reason) & (table.c.until == until)
    found = await work.session.execute(select(table.c.hold_id).where(same, standing(table)))
    if known := found.scalars().first():
        return str(known)
    hold_id = new_id()
    await work.session.execute(
        insert(table).values(
            hold_id=hold_id,
            about=about,
            reason=reason,
            until=until,
            placed_by=by.name,
            placed_at=clock.now(),
        )
    )
    await note(work, "hold.placed", about, by=by, reason=reason, until=until.isoformat())
    return hold_id


async def lift(work: Work, hold_id: str, *, by: Staff) -> None:
    """End a hold before its day; one that does not stand stays as it is."""
    table = work.tables.holds
    this = (table.c.hold_id == hold_id) & standing(table)
    about = (await work.session.execute(select(table.c.about).where(this))).scalar_one_or_none()
    if about is None:
        return
    lifted = update(table).where(this).values(lifted_at=clock.now(), lifted_by=by.name)
    await work.session.execute(lifted)
    await note(work, "hold.lifted", about, by=by)


async def is_held(session: AsyncSession, table: Table, about: str) -> bool:
    """Whether a hold stands on this id."""
    one = select(exists().where(table.c.about == about, standing(table)))
    return bool((await session.execute(one)).scalar_one())


async def must_be_free(work: Work, about: str) -> None:
    """Raises `Held` where a hold stands on this id."""
    if await is_held(work.session, work.tables.holds, about):
        raise Held


async def standing_holds(session: AsyncSession, table: Table) -> Sequence[Row[Any]]:
    """Every hold that stands, the first to end first."""
    rows = select(table).where(standing(table)).order_by(table.c.until, table.c.id)
    found: Sequence[Row[Any]] = (await session.execute(rows)).all()
    return found
