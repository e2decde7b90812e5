"""What a service does by itself so that no event is lost: count, ask, send again, seal, forget."""

import datetime as dt

from sqlalchemy import delete

from cri_shared import clock
from cri_shared.bus import seals
from cri_shared.bus.consumer import Consumer
from cri_shared.bus.gaps import Gaps, send_again
from cri_shared.clockwork import Clockwork
from cri_shared.db.database import Work
from cri_shared.db.tables.spans import AUDIT_DAYS, COUNT, INBOX_DAYS, OUTBOX_DAYS, PURGE
from cri_shared.events import producers_heard
from cri_shared.events.upkeep import DAY_SEALED, RESEND_ASKED, DaySealed, ResendAsked

LOOK_SECONDS = 30.0
IDLE_SECONDS = 120.0  # while nothing is heard: a gap shows by what comes after it
SEAL_SECONDS = 300.0
PURGE_SECONDS = 3600.0


class Upkeep:
    """Registers the duties and handlers of one service that keep its events complete."""

    def __init__(self, service: str, consumer: Consumer, clockwork: Clockwork) -> None:
        self.service = service
        self.gaps = Gaps(consumer)
        for producer in producers_heard(service):
            consumer.on(RESEND_ASKED[producer])(self._on_resend_asked)
            consumer.on(DAY_SEALED[producer])(_on_day_sealed)
        clockwork.every(LOOK_SECONDS, COUNT, self.count, unchanged=IDLE_SECONDS)
        clockwork.every(SEAL_SECONDS, "events.seal", self._seal)
        clockwork.every(PURGE_SECONDS, PURGE, purge)

    async def count(self, work: Work) -> None:
        """Compare new seals, and look for gaps."""
        await seals.compare(work, self.gaps.subjects)
        await self.gaps.give_up(work)
        await self.gaps.look(work)

    async def _seal(self, work: Work) -> None:
        await seals.seal(work, self.service)

    async def _on_resend_asked(self, event: ResendAsked, work: Work) -> None:
        await send_again(work, event, self.service)


async def _on_day_sealed(event: DaySealed, work: Work) -> None:
    await seals.keep(work, event)


async def purge(work: Work) -> None:
    """Forget what nobody can need any more."""
    tables = work.tables
    outbox, inbox, kept, heads = tables.outbox, tables.inbox, tables.seals, tables.audit_heads
    month = clock.now() - dt.timedelta(days=OUTBOX_DAYS)
    longer = clock.now() - dt.timedelta(days=INBOX_DAYS)
    # What was published then was made before: that finds it by an index.
    old = (outbox.c.created_at < month) & (outbox.c.published_at < month)
    await work.session.execute(delete(outbox).where(old))
    await work.session.execute(delete(inbox).where(inbox.c.processed_at < longer))
    years = clock.now() - dt.timedelta(days=AUDIT_DAYS)
    await work.session.execute(delete(kept).where(kept.c.day < longer.date()))
    await work.session.execute(delete(heads).where(heads.c.day < years.date()))
