"""Gaps: numbers that a producer gave out and that never arrived; the producer sends them again.

A stream may skip a message without a word (one flipped bit on its disk is enough), so hearers
count.
"""

import datetime as dt

from sqlalchemy import delete, func, insert, select, update

from cri_shared import clock
from cri_shared.bus.consumer import Consumer
from cri_shared.bus.outbox import once_more
from cri_shared.bus.removal import leave_removal
from cri_shared.db.database import Work
from cri_shared.db.tables.spans import GAP_DAYS
from cri_shared.events import SERVICES, subjects_heard
from cri_shared.events.upkeep import ASKED_AT_ONCE, RESEND_ASKED, ResendAsked
from cri_shared.observe import log

# Messages are handled side by side, and what a process that died held comes after half a minute.
ASK_AFTER = dt.timedelta(seconds=60)
ASK_AGAIN_AFTER = dt.timedelta(minutes=10)
GIVE_UP_AFTER = dt.timedelta(days=GAP_DAYS)


class Gaps:
    """What one service misses of what it hears. Only the process that leads may look."""

    def __init__(self, consumer: Consumer) -> None:
        self._service = consumer.service
        self._consumer = consumer

    @property
    def subjects(self) -> list[str]:
        """Every subject that the service hears."""
        return [one for producer in SERVICES for one in subjects_heard(self._service, producer)]

    async def look(self, work: Work, *, ask_after: dt.timedelta | None = ASK_AFTER) -> int:
        """Find what is missing, ask for what is so long enough, and forget what came.

        Gives how many numbers are missing; None as `ask_after` asks for nothing.
        """
        missing = 0
        for subject in self.subjects:
            gaps = await self._missing(work, subject)
            await self._note(work, subject, gaps)
            if ask_after is not None:
                await self._ask(work, subject, clock.now() - ask_after)
            missing += len(gaps)
        return missing

    async def ask_beyond(self, work: Work) -> None:
        """Ask for what came after the last number known of each subject.

        A database from a backup cannot know what that is, and a producer passes over what it has
        not. The days that it sealed are among it, and tell of the rest.
        """
        for subject in self.subjects:
            first = await self._highest(work, subject) + 1
            numbers = tuple(range(first, first + ASKED_AT_ONCE))
            await work.emit(RESEND_ASKED[self._service](wanted=subject, numbers=numbers))

    async def _highest(self, work: Work, subject: str) -> int:
        tables = work.tables
        known = 0
        for table, column in (
            (tables.inbox, tables.inbox.c.number),
            (tables.dead_letters, tables.dead_letters.c.number),
            (tables.seals, tables.seals.c.last),
        ):
            last = select(func.max(column)).where(table.c.subject == subject)
            known = max(known, (await work.session.execute(last)).scalar() or 0)
        return known

    async def _missing(self, work: Work, subject: str) -> set[int]:
        """The numbers that are not here, up to the highest known; moves the floor up to them."""
        floor = await self._floor(work, subject)
        if floor is None:
            return set()
        here = await self._numbers_above(work, subject, floor)
        late = {number for of, number in self._consumer.delayed if of == subject}
        seals = work.tables.seals
        sealed = select(func.max(seals.c.last)).where(seals.c.subject == subject)
        told = (await work.session.execute(sealed)).scalar() or 0
        gaps = set(range(floor + 1, max([*here, told, floor]) + 1)) - here
        new_floor = min(gaps) - 1 if gaps else max([*here, floor])
        if new_floor != floor:
            hearings = work.tables.hearings
            moved = update(hearings).where(hearings.c.subject == subject)
            await work.session.execute(moved.values(floor=new_floor))
        return gaps - late

    async def _floor(self, work: Work, subject: str) -> int | None:
        """Up to which number nothing misses; None before anything is known of the subject."""
        hearings = work.tables.hearings
        of = hearings.c.subject == subject
        row = (await work.session.execute(select(hearings).where(of))).first()
        lowest = await self._lowest(work, subject, None if row is None else row.first)
        if lowest is None or (row is not None and lowest >= row.first):
            return None if row is None else int(row.floor)
        began = {"first": lowest, "floor": lowest - 1}
        if row is None:
            await work.session.execute(insert(hearings).values(subject=subject, **began))
        else:  # a seal tells that the service began to hear in the middle of a day
            await work.session.execute(update(hearings).where(of).values(began))
        return lowest - 1

    async def _lowest(self, work: Work, subject: str, heard: int | None) -> int | None:
        """Where the service began to hear: what came before that it never was to have.

        It is the first number `heard`, or the beginning of the seal into which that falls.
        """
        seals, inbox = work.tables.seals, work.tables.inbox
        if heard is None:
            of = select(func.min(inbox.c.number)).where(inbox.c.subject == subject)
            heard = (await work.session.execute(of)).scalar()
        reaching = select(func.min(seals.c.first)).where(seals.c.subject == subject)
        if heard is not None:
            reaching = reaching.where(seals.c.last >= heard)
        sealed: int | None = (await work.session.execute(reaching)).scalar()
        return min((one for one in (heard, sealed) if one is not None), default=None)

    async def _numbers_above(self, work: Work, subject: str, floor: int) -> set[int]:
        numbers: set[int] = set()
        for table in (work.tables.inbox, work.tables.dead_letters):
            above = (table.c.subject == subject) & (table.c.number > floor)
            found = await work.session.execute(select(table.c.number).where(above))
            numbers.update(found.scalars())
        return numbers

    async def _note(self, work: Work, subject: str, missing: set[int]) -> None:
        gaps = work.tables.gaps
        of = gaps.c.subject == subject
        known = set((await work.session.execute(select(gaps.c.number).where(of))).scalars())
        if healed := known - missing:
            await work.session.execute(delete(gaps).where(of, gaps.c.number.in_(healed)))
            log.info("bus.gap.healed", subject=subject, count=len(healed))
        if new := missing - known:
            noticed = [
                {"subject": subject, "number": number, "noticed_at": clock.now()}
                for number in sorted(new)
            ]
            await work.session.execute(insert(gaps), noticed)
            log.warning("bus.gap.noticed", subject=subject, count=len(new), first=min(new))

    async def _ask(self, work: Work, subject: str, noticed_before: dt.datetime) -> None:
        gaps = work.tables.gaps
        of = gaps.c.subject == subject
        asked = gaps.c.asked_at.is_(None) | (gaps.c.asked_at <= clock.now() - ASK_AGAIN_AFTER)
        due = select(gaps.c.number).where(of, gaps.c.noticed_at <= noticed_before, asked)
        numbers = (
            await work.session.execute(due.order_by(gaps.c.number).limit(ASKED_AT_ONCE))
        ).scalars()
        wanted = tuple(numbers)
        if wanted:
            event = RESEND_ASKED[self._service](wanted=subject, numbers=wanted)
            await work.emit(event)
            mark = update(gaps).where(of, gaps.c.number.in_(wanted))
            await work.session.execute(mark.values(asked_at=clock.now()))
            log.error("bus.gap.asked", subject=subject, count=len(wanted), first=wanted[0])

    async def give_up(self, work: Work) -> None:
        """Pass over what nobody can send any more, or it would raise the alarm for ever."""
        gaps = work.tables.gaps
        old = select(gaps).where(gaps.c.noticed_at <= clock.now() - GIVE_UP_AFTER)
        for row in (await work.session.execute(old)).all():
            log.error("bus.gap.given_up", subject=row.subject, number=row.number)
            await work.session.execute(
                insert(work.tables.inbox).values(
                    event_id=f"{row.subject}#{row.number}",
                    subject=row.subject,
                    number=row.number,
                    processed_at=clock.now(),
                )
            )


async def send_again(work: Work, asked: ResendAsked, service: str) -> None:
    """Let the relay publish again what a hearer misses, and remove the copies from before.

    What is not ours, or not published yet, is passed over.
    """
    if asked.wanted.split(".")[1] != service:
        return
    outbox = work.tables.outbox
    these = (
        (outbox.c.subject == asked.wanted)
        & outbox.c.number.in_(asked.numbers)
        & outbox.c.published_at.is_not(None)
    )
    rows = (await work.session.execute(select(outbox).where(these))).all()
    await work.session.execute(update(outbox).where(these).values(once_more(outbox)))
    for row in rows:
        if row.stream_sequence is not None:
            await leave_removal(work, row.stream_sequence, row.event_id)
    await work.wake_relay()
    log.warning("bus.gap.sent_again", subject=asked.wanted, count=len(rows))
