"""The retention engine: each rule is a duty of the clockwork, and a line of the report."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, and_, delete, exists, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared.clockwork import Clockwork
from cri_shared.db.database import Database, Work
from cri_shared.db.some import number_of
from cri_shared.identity.audit import note
from cri_shared.identity.models import ABSOLUTE, IDLE, INVITATION, RETENTION_OF_STAFF
from cri_shared.identity.refusals import StoreAway
from cri_shared.identity.store import Identity
from cri_shared.progress import Progress
from cri_shared.retention.rules import Rule, usual_rules
from cri_shared.settings import ServiceSettings
from cri_shared.words import N_

RUN_SECONDS = 600.0
AT_ONCE = 500  # rows of one rule in one run
# Of these in one transaction: on SQLite nobody else can write meanwhile. A case takes 5 to 10 ms.
_TOGETHER = 25
COUNTED = 10_000  # rows; of more it is enough to know that they are more
ENDED = "retention.ended"
_STAFF = {
    "invitations": (N_("Invitations that nobody used"), INVITATION),
    "sessions": (N_("Sessions of staff that are over"), min(IDLE, ABSOLUTE)),
}


@dataclass(frozen=True)
class Line:
    """One rule and the rows under it: all (None: not counted), and those that it ends now.

    `held` are those that it would end now, were there no legal hold. What is more than `COUNTED`
    is not counted further.
    """

    name: str
    label: str
    length: dt.timedelta
    rows: int | None
    due: int
    held: int
    turn: int | None = None  # how many of them one turn ends, where that may not be all

    @property
    def progress(self) -> Progress:
        """How long it takes until all that is due has ended."""
        return Progress(self.due, 0, self.turn or max(self.due, 1), RUN_SECONDS)


class Retention:
    """Ends what was kept long enough; services add rules of their own before they start."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        clockwork: Clockwork,
        identity: Identity,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clockwork = clockwork
        self._identity = identity
        self._holds = database.outbox.tables.holds
        self._rules: list[Rule] = []
        self.add(*usual_rules(database.outbox.tables))
        clockwork.every(RUN_SECONDS, RETENTION_OF_STAFF, self._end_staffs)

    def add(self, *rules: Rule) -> None:
        """Go by these rules too."""
        for rule in rules:
            self._rules.append(rule)
            self._clockwork.tends(RUN_SECONDS, rule.duty, partial(self._end, rule))

    async def report(self) -> list[Line]:
        """What each rule would end now: counts, and nothing of what is counted."""
        async with self._database.reading() as session:
            lines = [await self._line(session, rule) for rule in self._rules]
        over = await self._identity.over()
        return lines + [
            Line(f"staff-{name}", label, length, None, over[name], 0)
            for name, (label, length) in _STAFF.items()
        ]

    async def run(self) -> None:
        """End everything that is due now."""
        for rule in self._rules:
            while await self._end(rule) == AT_ONCE and rule.key is not None:
                pass
        await self._identity.forget_over()

    async def knows(self, session: AsyncSession, about: str) -> bool:
        """Whether some rule will once end something that has this id."""
        named = [rule.about for rule in self._rules if rule.about is not None]
        any_of = (select(exists().where(column == about)) for column in named)
        return any([(await session.execute(one)).scalar_one() for one in any_of])

    async def _end(self, rule: Rule) -> int:
        """End the rows of a rule (at most `AT_ONCE` where that is more than to delete them)."""
        ended = 0
        while ended < AT_ONCE:
            async with self._database.writing() as work:
                some = await self._end_some(work, rule)
            ended += some
            if rule.key is None or some < _TOGETHER:
                break
        return ended

    async def _end_some(self, work: Work, rule: Rule) -> int:
        due = (rule.over(self._settings), ~rule.held(self._holds))
        if rule.key is None or rule.ending is None:
            ended = await work.session.execute(delete(rule.table).where(*due))
            count: int = ended.rowcount  # type: ignore[attr-defined]
        else:
            oldest = select(rule.key).where(*due).order_by(rule.moment).limit(_TOGETHER)
            keys = (await work.session.execute(oldest)).scalars().all()
            if keys:
                await rule.ending(work, keys)
            count = len(keys)
        if count:
            await note(work, ENDED, rule.name, rows=count)
        return count

    async def _end_staffs(self, _work: Work) -> None:
        with suppress(StoreAway):  # it says so itself, and the next run looks again
            await self._identity.forget_over()

    async def _line(self, session: AsyncSession, rule: Rule) -> Line:
        over, held = rule.over(self._settings), rule.held(self._holds)
        every = rule.where if rule.where is not None else true()
        rows, due, kept = [
            await _count(session, rule, which)
            for which in (every, and_(over, ~held), and_(over, rule.is_held(self._holds)))
        ]
        turn = None if rule.key is None else AT_ONCE
        return Line(rule.name, rule.label, rule.length(self._settings), rows, due, kept, turn)


async def _count(session: AsyncSession, rule: Rule, which: ColumnElement[bool]) -> int:
    """How many rows of a rule's table are such, up to one more than are counted."""
    found: int = (
        await session.execute(select(number_of(rule.table, which, most=COUNTED)))
    ).scalar_one()
    return found


def told(count: int) -> str:
    """A number of rows for people, in every language."""
    return str(count) if count <= COUNTED else f"> {COUNTED}"
