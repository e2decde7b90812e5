"""The chain: one worker seals what was noted, drops what is old enough, and anybody may check.

Notes are written without the chain, so that nobody waits for a turn to write one; a duty seals them
seconds later, in the order in which it finds them.
"""

import datetime as dt
import hmac
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.clockwork import Clockwork
from cri_shared.db.database import Work
from cri_shared.db.inserting import Where
from cri_shared.db.tables import Messaging
from cri_shared.db.tables.spans import AUDIT_DAYS, DROP_AUDIT
from cri_shared.identity.audit import note
from cri_shared.identity.staff import Staff
from cri_shared.trail.heads import heads_of
from cri_shared.trail.marks import CHECKED, Mark, newest_mark
from cri_shared.trail.walk import (
    START,
    Entry,
    Finding,
    Head,
    Kind,
    Report,
    Walk,
    content_of,
    mac_of,
)

SEAL_SECONDS = 5.0
IDLE_SECONDS = 60.0  # while nothing is noted
DROP_SECONDS = 3600.0
AT_ONCE = 2000
# A note whose transaction was long appears below ids that are sealed: the usual look goes so far
# back, because an idle process looks every few seconds, and the hourly one for two days.
LATE = 1000
LONGEST = dt.timedelta(days=2)  # no transaction takes so long
TELL_EACH = 50_000  # entries of a long check
Told = Callable[[int, int], None]


class Trail:
    """The audit trail of one service, sealed under a secret of its key files."""

    def __init__(self, service: str, key: bytes, tables: Messaging) -> None:
        self._service = service
        self._key = key
        self._audit, self._chain = tables.audit, tables.audit_chain
        self._segments, self._heads = tables.audit_segments, tables.audit_heads

    def work_by(self, clockwork: Clockwork) -> None:
        """Let the clockwork seal and drop."""
        clockwork.every(SEAL_SECONDS, "audit.seal", self.seal, unchanged=IDLE_SECONDS)
        clockwork.every(DROP_SECONDS, DROP_AUDIT, self.drop)

    async def seal(self, work: Work) -> None:
        """Seal what was noted since, at most a few thousand entries."""
        await self._seal(work, await self._newly_unsealed(work.session))

    async def _seal(self, work: Work, unsealed: Select[tuple[object, ...]]) -> None:
        rows = (await work.session.execute(unsealed.limit(AT_ONCE))).all()
        if not rows:
            return
        number, before = await self._end(work.session)
        links = []
        for row in rows:
            number, before = number + 1, mac_of(self._key, number + 1, before, content_of(row))
            links.append({"number": number, "audit_id": row.id, "mac": before})
        await work.session.execute(insert(self._chain), links)

    async def drop(self, work: Work) -> None:
        """Seal what was noted late, and drop the entries of more than two years ago.

        A signed record says where they ended.
        """
        await self._seal(work, self._lately_unsealed())
        audit, chain = self._audit, self._chain
        limit = clock.now() - dt.timedelta(days=AUDIT_DAYS)
        joined = chain.join(audit, audit.c.id == chain.c.audit_id)
        kept = select(chain.c.number).select_from(joined).where(audit.c.at >= limit)
        first = kept.order_by(chain.c.number).limit(1)  # ends at the first one
        first_kept = (await work.session.execute(first)).scalar()
        old = select(chain.c.number, chain.c.mac).order_by(chain.c.number.desc()).limit(1)
        if first_kept is not None:
            old = old.where(chain.c.number < first_kept)
        last = (await work.session.execute(old)).one_or_none()
        if last is None:
            return
        await self._record(work, last.number, last.mac, limit)
        gone = select(chain.c.audit_id).where(chain.c.number <= last.number)
        await work.session.execute(delete(audit).where(audit.c.id.in_(gone)))
        await work.session.execute(delete(chain).where(chain.c.number <= last.number))

    async def _record(self, work: Work, number: int, mac: str, limit: dt.datetime) -> None:
        now = clock.now()
        await work.session.execute(
            insert(self._segments).values(
                last_number=number,
                mac=mac,
                before=limit,
                dropped_at=now,
                signature=self._signature(number, mac, limit, now),
            )
        )

    def _signature(self, number: int, mac: str, before: dt.datetime, at: dt.datetime) -> str:
        told = f"dropped:{number}:{mac}:{before.isoformat()}:{at.isoformat()}"
        return hmac.digest(self._key, told.encode(), "sha256").hex()

    async def unsealed(self, where: Where) -> int:
        """How many entries wait to be sealed, of the newest ones."""
        return await self._count(where, await self._newly_unsealed(where))

    async def _count(self, where: Where, of: Select[tuple[object, ...]]) -> int:
        waiting = select(func.count()).select_from(of.subquery())
        return int((await where.execute(waiting)).scalar_one())

    def _lately_unsealed(self) -> Select[tuple[object, ...]]:
        """The entries of two days that are not sealed, by the index of when they were noted."""
        lately = self._unsealed().where(self._audit.c.at > clock.now() - LONGEST)
        return lately.order_by(None).order_by(self._audit.c.at, self._audit.c.id)

    async def _newly_unsealed(self, where: Where) -> Select[tuple[object, ...]]:
        """The newest entries that are not sealed, and those noted late just below.

        Where they begin is asked first: PostgreSQL cannot foresee what a query in a query gives,
        and would gather all links of the chain.
        """
        newest = select(func.coalesce(func.max(self._chain.c.audit_id), 0))
        return self._unsealed((await where.execute(newest)).scalar_one() - LATE)

    def _unsealed(self, after: int | None = None) -> Select[tuple[object, ...]]:
        audit, chain = self._audit, self._chain
        sealed = select(chain.c.number).where(chain.c.audit_id == audit.c.id)
        waiting = select(audit).order_by(audit.c.id)
        if after is not None:  # of both, or one of them is gone along from its beginning
            sealed = sealed.where(chain.c.audit_id > after)
            waiting = waiting.where(audit.c.id > after)
        return waiting.where(~sealed.exists())

    async def check(
        self, session: AsyncSession, heads: Iterable[Head] = (), *, tell: Told | None = None
    ) -> Report:
        """Go along the whole chain, and compare with the heads kept here and elsewhere.

        `tell` hears now and then how many entries it went along, and up to which number they go.
        """
        walk, findings = await self._begin(session)
        report = await self._go(session, walk, findings, heads, tell)
        waiting = await self._count(session, self._unsealed())
        return replace(report, unsealed=waiting, whole_on=clock.today())

    async def check_further(self, session: AsyncSession) -> Report:
        """Go along what was sealed since a look at the chain found it whole, and noted so.

        The whole chain where there is no such mark, or where what it marks was dropped. An entry
        that was changed behind the mark is left to a look at all of it.
        """
        mark = await newest_mark(session, self._audit, self._key)
        if mark is None or mark.number < await self._dropped(session):
            return await self.check(session)
        there = select(self._chain.c.mac).where(self._chain.c.number == mark.number)
        mac, findings = (await session.execute(there)).scalar(), []
        if mac != mark.mac and mark.number:
            kind = Kind.MISSING if mac is None else Kind.REPLACED
            findings.append(Finding(kind, mark.number, mark.number, "where it was found whole"))
        walk = Walk(self._key, mark.number, mark.mac)
        report = await self._go(session, walk, findings, (), None)
        waiting = await self._count(session, self._lately_unsealed())
        return replace(report, after=mark.number, whole_on=mark.whole_on, unsealed=waiting)

    async def note_check(self, work: Work, report: Report, by: Staff | str) -> None:
        """Note that somebody looked, and mark how far the chain was found whole."""
        facts: dict[str, Any] = {"entries": report.entries, "whole": report.whole}
        if report.whole and report.whole_on is not None:
            facts |= Mark(report.last, report.mac, report.whole_on).signed(self._key)
        await note(work, CHECKED, "audit", by=by, **facts)

    async def _go(
        self,
        session: AsyncSession,
        walk: Walk,
        findings: list[Finding],
        heads: Iterable[Head],
        tell: Told | None,
    ) -> Report:
        told = [*await heads_of(session, self._heads, self._service), *heads]
        own = [head for head in told if head.service == self._service]
        walk.expect(own)
        last = (await self._end(session)).number
        async for entry in self._entries(session, walk.number):
            walk.take(entry)
            if tell is not None and walk.entries % TELL_EACH == 0:
                tell(walk.entries, last)
        findings = findings + walk.end()
        return Report(walk.entries, findings, walk.number, compared=len(own), mac=walk.before)

    async def _dropped(self, session: AsyncSession) -> int:
        """The number of the last entry that was dropped for its age; 0 where none was."""
        last = select(func.coalesce(func.max(self._segments.c.last_number), 0))
        return int((await session.execute(last)).scalar_one())

    async def _begin(self, session: AsyncSession) -> tuple[Walk, list[Finding]]:
        """Where the chain begins: at the start, or behind what was dropped."""
        dropped = select(self._segments).order_by(self._segments.c.last_number)
        walk, findings = Walk(self._key), []
        for row in (await session.execute(dropped)).all():
            signed = self._signature(row.last_number, row.mac, row.before, row.dropped_at)
            early = row.dropped_at - row.before < dt.timedelta(days=AUDIT_DAYS)
            if early or not hmac.compare_digest(signed, row.signature):
                findings.append(Finding(Kind.FORGED, row.last_number, row.last_number, "record"))
            walk = Walk(self._key, row.last_number, row.mac)
        return walk, findings

    async def _entries(self, session: AsyncSession, after: int) -> AsyncIterator[Entry]:
        audit, chain = self._audit, self._chain
        joined = chain.outerjoin(audit, audit.c.id == chain.c.audit_id)
        columns = [column for column in audit.c if column.name != "id"]
        page = select(chain, audit.c.id.label("entry_id"), *columns).select_from(joined)
        while True:
            further = page.where(chain.c.number > after).order_by(chain.c.number).limit(AT_ONCE)
            rows = (await session.execute(further)).all()
            for row in rows:
                content = None if row.entry_id is None else content_of(row)
                yield Entry(row.number, row.mac, content, row.audit_id)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].number

    async def _end(self, session: AsyncSession) -> "_End":
        for table, number in (
            (self._chain, self._chain.c.number),
            (self._segments, self._segments.c.last_number),
        ):
            last = select(number, table.c.mac).order_by(number.desc()).limit(1)
            found = (await session.execute(last)).one_or_none()
            if found is not None:
                return _End(*found)
        return _End(0, START)


class _End(NamedTuple):
    number: int
    mac: str
