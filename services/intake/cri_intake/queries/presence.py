"""What others do with a question meanwhile: who has it open, and what changed since it was read."""

import datetime as dt

from cri_shared import clock
from cri_shared.identity.audit import BY_ITSELF
from cri_shared.identity.staff import Staff
from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Message, Viewing, messaging
from cri_intake.queries.desk import WORDS_SHOWN
from cri_intake.rules import OPEN_MINUTES


async def others_at(session: AsyncSession, question_id: str, staff: Staff) -> list[Viewing]:
    """The colleagues who opened a question in the last minutes, the latest first."""
    since = clock.now() - dt.timedelta(minutes=OPEN_MINUTES)
    rows = select(Viewing).where(
        Viewing.question_id == question_id,
        Viewing.staff_id != staff.staff_id,
        Viewing.opened_at > since,
    )
    return list((await session.execute(rows.order_by(Viewing.opened_at.desc()))).scalars())


async def has_changed(
    session: AsyncSession, question_id: str, staff: Staff, since: dt.datetime
) -> bool:
    """Whether another person (an officer, the asker, who helps them) did something with it."""
    audit = messaging.audit
    done = exists().where(
        audit.c.about == question_id,
        audit.c.at > since,
        audit.c.actor != BY_ITSELF,
        audit.c.action != WORDS_SHOWN,
        or_(audit.c.actor_id.is_(None), audit.c.actor_id != staff.staff_id),
    )
    said = exists().where(
        Message.question_id == question_id,
        Message.sent_at > since,
        Message.author != "helpdesk",
    )
    return bool((await session.execute(select(or_(done, said)))).scalar_one())
