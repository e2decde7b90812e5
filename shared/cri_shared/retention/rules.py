"""Rules on keeping, as data: which rows end, how long after which moment, and what happens then."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Table, and_, exists, false, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from cri_shared import clock
from cri_shared.db.database import Work
from cri_shared.db.tables import Messaging
from cri_shared.db.tables.spans import HOLD_DAYS, LEDGER_DAYS, RETENTION
from cri_shared.privacy.keeping import Setting, Span
from cri_shared.settings import ServiceSettings
from cri_shared.words import N_

Ending = Callable[[Work, Sequence[Any]], Awaitable[None]]
AnyColumn = Column[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Rule:
    """The rows of a table for which a span has passed since a moment, a time or a day.

    They are deleted, or `ending` does what must be done with the values of their `key`. `about`
    holds the ids by which people hold something; without it nobody can.
    """

    name: str
    label: str  # in English; it has translations
    table: Table | type[DeclarativeBase]
    moment: ColumnElement[Any] | AnyColumn
    span: Span
    where: ColumnElement[bool] | None = None
    about: AnyColumn | None = None
    key: AnyColumn | None = None
    ending: Ending | None = None

    def __post_init__(self) -> None:
        if (self.key is None) != (self.ending is None):
            raise ValueError("an ending needs the key of its rows, and the other way round")

    @property
    def duty(self) -> str:
        """What the clockwork calls it."""
        return f"{RETENTION}.{self.name}"

    def length(self, settings: ServiceSettings) -> dt.timedelta:
        """How long, as the operator set it."""
        match self.span:
            case Setting(name):
                return dt.timedelta(days=getattr(settings, name))
            case dt.timedelta():
                return self.span
            case int():
                return dt.timedelta(days=self.span)

    def over(self, settings: ServiceSettings) -> ColumnElement[bool]:
        """Which rows have been kept long enough, held or not."""
        length = self.length(settings)
        is_day = isinstance(self.moment.type, Date)
        since = clock.today() - length if is_day else clock.now() - length
        over: ColumnElement[bool] = self.moment <= since
        return over if self.where is None else and_(over, self.where)

    def held(self, holds: Table) -> ColumnElement[bool]:
        """Which of its rows a person holds."""
        if self.about is None:
            return false()
        return exists().where(holds.c.about == self.about, standing(holds))

    def is_held(self, holds: Table) -> ColumnElement[bool]:
        """The same, for who looks for them: holds are few, and rows many."""
        if self.about is None:
            return false()
        return self.about.in_(select(holds.c.about).where(standing(holds)))


def standing(holds: Table) -> ColumnElement[bool]:
    """The holds that hold something today."""
    return and_(holds.c.lifted_at.is_(None), holds.c.until >= clock.today())


def usual_rules(tables: Messaging) -> list[Rule]:
    """What ends in the tables that every service has."""
    letters, mails, holds = tables.dead_letters, tables.mails, tables.holds
    erasures = tables.erasures
    return [
        Rule(
            "dead-letters",
            N_("Events that could not be handled"),
            letters,
            letters.c.died_at,
            Setting("keep_dead_letters_days"),
            about=letters.c.about,
        ),
        Rule(
            "mails",
            N_("Mails that could not be sent"),
            mails,
            mails.c.due_at,
            Setting("keep_mails_days"),
        ),
        Rule("holds", N_("Legal holds that are over"), holds, holds.c.until, HOLD_DAYS),
        Rule(
            "erasures",
            N_("Entries of the ledger of erasures"),
            erasures,
            erasures.c.erased_at,
            LEDGER_DAYS,
        ),
    ]
