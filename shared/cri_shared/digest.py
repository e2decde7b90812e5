"""Digests: in the morning of a working day a mail says how much is new, and nothing of what.

A person hears from each service of what their roles let them work on there, since the morning
before. The row that says until when they were told is written in the transaction that holds the
mail: whichever process does it, and however often one dies, a morning is told once.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select

from cri_shared import clock
from cri_shared.consoles import CONSOLES
from cri_shared.db.database import Work
from cri_shared.db.inserting import Where, insert_into
from cri_shared.db.tables.spans import DIGEST_DAYS, TELL_NEWS
from cri_shared.identity.models import Account
from cri_shared.mail import Mail
from cri_shared.places.calendars import is_working_day
from cri_shared.service import Service
from cri_shared.web.i18n import Words
from cri_shared.words import N_

LOOK_SECONDS = 30
AT_ONCE = 20  # people in one transaction
FIRST = dt.timedelta(days=1)  # how far back somebody's first digest looks
SUBJECT = N_("There is news: %(console)s")
TEXT = N_(
    "Hello,\n\n%(console)s: this is new since %(since)s.\n\n%(lines)s\n\n"
    "Sign in to see it: %(url)s\n\n"
    "This mail never says what anybody wrote. In your account you choose whether you get it:\n"
    "%(url)s/account\n"
)


@dataclass(frozen=True)
class Reader:
    """Whom a digest is for; `vouched_for` says that another sign-in chose the address."""

    staff_id: str
    email: str
    language: str
    roles: frozenset[str]
    vouched_for: bool


Count = Callable[[Reader, dt.datetime], Select[Any]]


@dataclass(frozen=True)
class News:
    """What somebody with a role is told of: its name, and how much of it came since an instant."""

    role: str
    label: str
    count: Count


class Digests:
    """The digests of one service."""

    def __init__(self, service: Service, package: str, news: Sequence[News]) -> None:
        self._service = service
        self._package = package
        self._table = service.database.outbox.tables.digests
        self._news = (*news, News("operator", N_("Events that could not be heard"), self._letters))
        self._told: dt.date | None = None
        service.clockwork.every(LOOK_SECONDS, TELL_NEWS, self.tell)

    async def tell(self, work: Work) -> None:
        """Tell those who were not told today, some of them at a time."""
        today = clock.today()
        hour = clock.belgian(clock.now()).hour
        early = hour < self._service.settings.digest_hour
        if self._told == today or early or not is_working_day(today):
            return
        readers = await self._readers()
        told = await self._last_told(work.session)
        morning = clock.start_of_day(today)
        first = clock.now() - FIRST
        waiting = [one for one in readers if told.get(one.staff_id, first) < morning]
        for reader in waiting[:AT_ONCE]:
            await self._tell(work, reader, told.get(reader.staff_id, first), morning)
        if len(waiting) <= AT_ONCE:
            self._told = today
            old = self._table.c.until < clock.now() - dt.timedelta(days=DIGEST_DAYS)
            await work.session.execute(delete(self._table).where(old))

    async def _readers(self) -> list[Reader]:
        """Who wants to hear of news, and has a role of which there is some."""
        roles = {one.role for one in self._news}
        return [
            _reader(account, held)
            for account, held in await self._service.identity.everybody()
            if account.digest and account.disabled_at is None and roles.intersection(held)
        ]

    async def _last_told(self, where: Where) -> dict[str, dt.datetime]:
        rows = await where.execute(select(self._table.c.staff_id, self._table.c.until))
        return {row.staff_id: row.until for row in rows.all()}

    async def _tell(
        self, work: Work, reader: Reader, since: dt.datetime, morning: dt.datetime
    ) -> None:
        if not await self._claim(work.session, reader.staff_id, morning):
            return
        counted = await self.counted(work.session, reader, since)
        if counted:
            await self._service.post.post(work, self._mail(reader, since, counted))

    async def _claim(self, where: Where, staff_id: str, morning: dt.datetime) -> bool:
        """Whether it is this process that tells a person this morning."""
        now = clock.now()
        mine = (
            insert_into(where, self._table)
            .values(staff_id=staff_id, until=now)
            .on_conflict_do_update(
                index_elements=[self._table.c.staff_id],
                set_={"until": now},
                where=self._table.c.until < morning,
            )
            .returning(self._table.c.staff_id)
        )
        return (await where.execute(mine)).first() is not None

    async def counted(
        self, where: Where, reader: Reader, since: dt.datetime
    ) -> list[tuple[str, int]]:
        """(what it is called, how much of it is new), without what there is nothing of."""
        own = [one for one in self._news if one.role in reader.roles]
        counts = [
            (one.label, int((await where.execute(one.count(reader, since))).scalar_one()))
            for one in own
        ]
        return [(label, count) for label, count in counts if count]

    def _mail(self, reader: Reader, since: dt.datetime, counted: list[tuple[str, int]]) -> Mail:
        words = Words((self._package, "cri_shared"), reader.language)
        settings = self._service.settings
        console = words.gettext(CONSOLES.get(settings.service, settings.service))
        lines = "\n".join(f"- {words.gettext(label)}: {count}" for label, count in counted)
        text = words.gettext(
            TEXT,
            console=console,
            since=words.date_time(since),
            lines=lines,
            url=f"{settings.public_url}/console",
        )
        return Mail(reader.email, words.gettext(SUBJECT, console=console), text)

    def _letters(self, _reader: Reader, since: dt.datetime) -> Select[Any]:
        letters = self._service.database.outbox.tables.dead_letters
        return select(func.count()).where(letters.c.died_at > since)


def _reader(account: Account, roles: Sequence[str]) -> Reader:
    return Reader(
        account.staff_id,
        account.email,
        account.language,
        frozenset(roles),
        account.issuer is not None,
    )
