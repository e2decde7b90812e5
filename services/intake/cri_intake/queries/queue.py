"""The officers' queue: saved views with their counts, filters, pages in order of need."""

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES, ELSEWHERE, LANGUAGES, TOPICS
from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Alarm, Case, Draft, PartnerOrganisation, Pause
from cri_intake.queries.cursors import cursor_of, read_day, read_instant
from cri_intake.rules import CHANNELS, OPEN, URGENCIES, Status

PAGE = 50
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
_DANGER = Case.question_id.in_(select(Alarm.question_id).where(Alarm.ended_at.is_(None)))
_PAUSED = (
    select(func.min(Pause.reason))
    .where(Pause.question_id == Case.question_id, Pause.ended_at.is_(None))
    .correlate(Case)
    .scalar_subquery()
)
_WAITS = exists().where(Draft.question_id == Case.question_id, Draft.second_asked_at.is_not(None))


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
    working = and_(Case.status.in_(OPEN), Case.held.is_(False))
    waiting = _WAITS.where(Draft.writer_id != staff.staff_id)
    return {
        "open": working,
        "new": and_(working, Case.status == Status.RECEIVED),
        "mine": and_(working, Case.officer_id == staff.staff_id),
        "danger": _DANGER,
        "desk": and_(working, Case.status == Status.IN_REVIEW, Case.released_at.is_(None)),
        "second": and_(working, waiting),
        "partner": and_(
            working,
            Case.released_at.is_not(None),
            Case.status.in_([Status.IN_REVIEW, Status.WITH_PARTNER]),
            Case.answer_waits.is_(False),
        ),
        "clarification": and_(working, Case.status == Status.CLARIFICATION_NEEDED),
        "deliver": and_(working, Case.answer_waits.is_(True)),
        "overdue": and_(working, _overdue()),
        "held": and_(Case.status.in_(OPEN), Case.held.is_(True)),
        "done": Case.status.not_in(OPEN),
    }


def _overdue() -> ColumnElement[bool]:
    today = clock.today()
    return or_(
        Case.delay == "late",
        Case.due_on < today,
        Case.needed_by < today,
        and_(Case.status == Status.RECEIVED, Case.read_by < today),
    )


def is_overdue(row: Case) -> bool:
    """Whether something that was promised for a case is late."""
    today = clock.today()
    unread = row.status == Status.RECEIVED and row.read_by < today
    passed = any(day is not None and day < today for day in (row.due_on, row.needed_by))
    return row.is_open and (row.delay == "late" or unread or passed)


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.country:
        conditions.append(Case.country == filters.country)
    for column, wanted in (
        (Case.urgency, filters.urgency),
        (Case.channel, filters.channel),
        (Case.language, filters.language),
    ):
        if wanted:
            conditions.append(column == wanted)
    if filters.officer:
        nobody = filters.officer == NOBODY
        conditions.append(
            Case.officer_id.is_(None) if nobody else Case.officer_id == filters.officer
        )
    if filters.topic:
        # A code holds letters and one dot, so it cannot be part of another one in quotes.
        conditions.append(cast(Case.topics, Text).contains(f'"{filters.topic}"'))
    return conditions


async def counts(session: AsyncSession, staff: Staff, filters: Filters) -> dict[str, int]:
    """How many questions each view holds; those that are done grow for ever and stay uncounted."""
    views = [name for name in _views(staff) if name != "done"]
    counted = await counts_of(session, staff, [(view, filters) for view in views])
    return dict(zip(views, counted, strict=True))


async def counts_of(
    session: AsyncSession, staff: Staff, asked: Sequence[tuple[str, Filters]]
) -> list[int]:
    """How many questions each of these holds: a view other than `done`, and its filters."""
    if not asked:
        return []
    views = _views(staff)
    narrowed = [and_(views[view], *_narrowed(filters)) for view, filters in asked]
    return [int(value) for value in (await session.execute(_sums(narrowed))).one()]


def _sums(conditions: Iterable[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """How many of the questions that somebody looks after fulfil each of these.

    What narrows a view down is no condition on the rows: SQLite would look at a whole country.
    """
    sums = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in conditions]
    # Not "or": PostgreSQL would look at every case for that.
    open_ones = select(Case.question_id).where(Case.status.in_(OPEN))
    in_danger = select(Alarm.question_id).where(Alarm.ended_at.is_(None))
    return select(*sums).where(Case.question_id.in_(open_ones.union(in_danger)))


async def page_of(
    session: AsyncSession, staff: Staff, view: str, filters: Filters, after: str | None
) -> tuple[list[Row], str | None]:
    """A page of a view, and the cursor of the next page or None: needed first, or done last."""
    done = view == "done"
    needed: ColumnElement[Any] = func.coalesce(Case.needed_by, _NO_DAY)
    at = type_coerce(Case.changed_at, UtcDateTime) if done else needed
    order = [column.desc() if done else column.asc() for column in (at, Case.question_id)]
    wanted = (
        select(Case, PartnerOrganisation.name, _WAITS, _DANGER, _PAUSED)
        .outerjoin(PartnerOrganisation, PartnerOrganisation.organisation_id == Case.organisation_id)
        .where(_views(staff)[view], *_narrowed(filters))
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if after is not None:
        last = _read_cursor(after, done=done)
        key = tuple_(at, Case.question_id)
        wanted = wanted.where(key < last if done else key > last)
    found = (await session.execute(wanted)).all()
    rows = [Row(row[0], row[1], row[2], row[3], row[4], is_overdue(row[0])) for row in found[:PAGE]]
    more = len(found) > PAGE
    return rows, _cursor(rows[-1].case, view) if more else None


def _cursor(last: Case, view: str) -> str:
    return cursor_of(
        last.changed_at if view == "done" else last.needed_by or _NO_DAY, last.question_id
    )


def _read_cursor(cursor: str, *, done: bool) -> ColumnElement[Any]:
    at, question_id = read_instant(cursor) if done else read_day(cursor)
    return tuple_(literal(at, UtcDateTime if done else Date), literal(question_id))
