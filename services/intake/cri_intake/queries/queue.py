"""The officers' queue: saved views with their counts, filters, pages in order of need."""

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.db.some import Met, number_of, said
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES, ELSEWHERE, LANGUAGES, TOPICS
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Alarm, Case, Draft, PartnerOrganisation, Pause
from cri_intake.models.case_queue import DELAYED, DONE, DUE, UNREAD, WORKING
from cri_intake.models.case_queue import VIEWS as OF_CASES
from cri_intake.queries.cursors import cursor_of, read_day, read_instant
from cri_intake.rules import CHANNELS, OPEN, URGENCIES, Status

PAGE = 50
MOST = 1000  # a view that holds more is told to hold more
VIEWS = (
    "open",
    "new",
    "mine",
    "danger",
    "desk",
    "second",
    "partner",
    "clarification",
    "deliver",
    "overdue",
    "held",
    "done",
)
RARE = ("danger", "second", "held")  # which are shown where they hold something
_NO_DAY = dt.date(9999, 12, 31)
# What is `WORKING`, in other words: what goes with it has an index of its own, smaller than that.
LOOKED_AFTER = and_(Case.status.in_(OPEN), Case.held.is_(False))
_DANGER = Case.question_id.in_(select(Alarm.question_id).where(Alarm.ended_at.is_(None)))
_PAUSED = (
    select(func.min(Pause.reason))
    .where(Pause.question_id == Case.question_id, Pause.ended_at.is_(None))
    .correlate(Case)
    .scalar_subquery()
)
_SECOND = select(Draft.question_id).where(Draft.second_asked_at.is_not(None))
_WAITS = _SECOND.where(Draft.question_id == Case.question_id).exists()


_Wanted = Select[tuple[Case, str | None, bool, bool, str | None]]

NOBODY = "nobody"  # in place of an officer's id: questions that nobody has taken


@dataclass(frozen=True)
class Filters:
    """What narrows a view down; `officer` is a staff id, or `NOBODY`."""

    country: str | None = None
    topic: str | None = None
    officer: str | None = None
    urgency: str | None = None
    channel: str | None = None
    language: str | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """What an address asks for; what no question can have is left out."""
        codes: dict[str, Container[str]] = {
            "country": {*COUNTRIES, ELSEWHERE.code},
            "topic": TOPICS,
            "urgency": URGENCIES,
            "channel": CHANNELS,
            "language": LANGUAGES,
        }
        chosen = {name: asked[name] for name, ours in codes.items() if asked.get(name, "") in ours}
        return cls(officer=asked.get("officer", "")[:32] or None, **chosen)

    @property
    def chosen(self) -> dict[str, str]:
        """Those that narrow it down, by name."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    case: Case
    organisation: str | None
    waits_for_second: bool
    is_in_danger: bool
    paused: str | None  # why the clock stands still
    is_overdue: bool


def _views(staff: Staff) -> dict[str, ColumnElement[bool]]:
    others = _SECOND.where(Draft.writer_id != staff.staff_id)
    return {name: said(where) for name, where in OF_CASES.items()} | {
        "mine": and_(LOOKED_AFTER, Case.officer_id == staff.staff_id),
        "danger": _DANGER,
        "second": and_(LOOKED_AFTER, Case.question_id.in_(others)),
        "overdue": Case.question_id.in_(_overdue()),
        "done": said(DONE),
    }


def _overdue() -> CompoundSelect[tuple[str]]:
    """What is late with one thing or another, each found by an index of its own."""
    today = clock.today()
    late = (
        (DELAYED, Case.delay == "late"),
        (DUE, Case.due_on < today),
        (WORKING, Case.needed_by < today),
        (UNREAD, Case.read_by < today),
    )
    return union(*(select(Case.question_id).where(said(which), when) for which, when in late))


def is_overdue(row: Case) -> bool:
    """Whether something that was promised for a case is late."""
    today = clock.today()
    unread = row.status == Status.RECEIVED and row.read_by < today
    passed = any(day is not None and day < today for day in (row.due_on, row.needed_by))
    return row.is_open and (row.delay == "late" or unread or passed)


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    """What narrows a view down, met or not as the view is gone along."""
    conditions: list[ColumnElement[bool]] = [
        column == wanted
        for column, wanted in (
            (Case.country, filters.country),
            (Case.urgency, filters.urgency),
            (Case.channel, filters.channel),
            (Case.language, filters.language),
        )
        if wanted
    ]
    if filters.officer == NOBODY:
        conditions.append(Case.officer_id.is_(None))
    elif filters.officer:
        conditions.append(Case.officer_id == filters.officer)
    if filters.topic:
        # A code holds letters and one dot, so it cannot be part of another one in quotes.
        conditions.append(cast(Case.topics, Text).contains(f'"{filters.topic}"'))
    return [Met(one) for one in conditions]


async def counts(session: AsyncSession, staff: Staff, filters: Filters) -> dict[str, int]:
    """How many questions each view holds, as far as `MOST`; those that are done are not counted."""
    views = [name for name in _views(staff) if name != "done"]
    counted = await counts_of(session, staff, [(view, filters) for view in views])
    return dict(zip(views, counted, strict=True))


async def counts_of(
    session: AsyncSession, staff: Staff, asked: Sequence[tuple[str, Filters]]
) -> list[int]:
    """How many questions each of these holds: a view other than `done`, and its filters.

    More than `MOST` are `MOST + 1`.
    """
    if not asked:
        return []
    views = _views(staff)
    numbers = [
        number_of(Case, views[view], *_narrowed(filters), most=MOST) for view, filters in asked
    ]
    return [int(number) for number in (await session.execute(select(*numbers))).one()]


async def page_of(
    session: AsyncSession, staff: Staff, view: str, filters: Filters, after: str | None
) -> tuple[list[Row], str | None]:
    """A page of a view, and the cursor of the next page or None: needed first, or done last."""
    wanted = (
        select(Case, PartnerOrganisation.name, _WAITS, _DANGER, _PAUSED)
        .outerjoin(PartnerOrganisation, PartnerOrganisation.organisation_id == Case.organisation_id)
        .where(_views(staff)[view], *_narrowed(filters))
    )
    parts = _newest(wanted, after) if view == "done" else _needed(wanted, after)
    found: list[Any] = []
    for part in parts:
        if len(found) <= PAGE:
            found += (await session.execute(part.limit(PAGE + 1 - len(found)))).all()
    rows = [Row(row[0], row[1], row[2], row[3], row[4], is_overdue(row[0])) for row in found[:PAGE]]
    more = len(found) > PAGE
    return rows, _cursor(rows[-1].case, view) if more else None


def _newest(wanted: _Wanted, after: str | None) -> list[_Wanted]:
    at = type_coerce(Case.changed_at, UtcDateTime)
    if after is not None:
        instant, question_id = read_instant(after)
        last = tuple_(literal(instant, UtcDateTime), literal(question_id))
        wanted = wanted.where(tuple_(at, Case.question_id) < last)
    return [wanted.order_by(at.desc(), Case.question_id.desc())]


def _needed(wanted: _Wanted, after: str | None) -> list[_Wanted]:
    """Those that are needed by a day, and then the others: neither has to be sorted."""
    by_day = wanted.where(Case.needed_by.is_not(None)).order_by(Case.needed_by, Case.question_id)
    others = wanted.where(Case.needed_by.is_(None)).order_by(Case.question_id)
    if after is None:
        return [by_day, others]
    day, question_id = read_day(after)
    if day == _NO_DAY:
        return [others.where(Case.question_id > question_id)]
    key = tuple_(Case.needed_by, Case.question_id)
    return [by_day.where(key > tuple_(literal(day, Date), literal(question_id))), others]


def _cursor(last: Case, view: str) -> str:
    return cursor_of(
        last.changed_at if view == "done" else last.needed_by or _NO_DAY, last.question_id
    )
