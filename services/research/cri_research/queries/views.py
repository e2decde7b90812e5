"""The views of the board: what is in each, in which order, and how much."""

from typing import Any

from cri_shared import clock
from cri_shared.db.some import Met, number_of, said
from sqlalchemy import ColumnElement, ScalarSelect, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from cri_research.models import Assignment, Question
from cri_research.models.board import APPROVED, ENDED, FIRST_DUE, OPEN, OWED, UNDONE
from cri_research.queries.filters import Filters
from cri_research.rules import states

VIEWS = (
    "new",
    "with_partner",
    "overdue",
    "asked_back",
    "to_review",
    "approved",
    "returned",
    "closed",
    "open",
)
DONE = ("approved", "closed")
PAGE = 100
MOST = 1000  # a view that holds more is told to hold more
_Its = aliased(Assignment, name="its")  # any assignment of a question, beside the first due


def _of_view(view: str) -> list[ColumnElement[bool]]:
    match view:
        case "overdue":
            today = clock.today()
            return [said(OWED), Question.next_due < today, Question.owed_by < today]
        case "open":
            return [said(OPEN)]
        case "closed":
            return [said(ENDED)]
        case "approved":
            return [said(APPROVED)]
        case _:
            return [said(UNDONE), Question.status == view]


def _ordered(view: str, rows: Select[Any]) -> Select[Any]:
    """First due first; what needs nothing more (approved, closed) newest first."""
    if view in DONE:
        return rows.order_by(Question.received_at.desc(), Question.research_id.desc())
    return rows.order_by(*FIRST_DUE)


def rows_of(view: str, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Every question of a view once, in its order, beside its assignment that is due first."""
    its_own = _Its.research_id == Question.research_id
    first = select(_Its.assignment_id).where(its_own, _Its.status.in_(states.OPEN))
    first = first.order_by(_Its.due_on, _Its.assignment_id).limit(1)
    is_first = Assignment.assignment_id == first.correlate(Question).scalar_subquery()
    beside = select(Question).outerjoin_from(Question, Assignment, is_first)
    return _ordered(view, beside.where(*_of_view(view), *filters.clauses()))


async def page_of(session: AsyncSession, view: str, filters: Filters) -> list[Question]:
    """The first hundred questions of a view, in its order: of those of each kind."""
    found: list[Question] = []
    for kind in filters.kinds:
        rows = select(Question).where(*await _narrowed(session, view, kind))
        rows = _ordered(view, rows.options(selectinload(Question.assignments)))
        found += (await session.execute(rows.limit(PAGE))).scalars()
    found.sort(key=lambda one: (one.received_at, one.research_id), reverse=True)
    if view not in DONE:
        found.sort(key=lambda one: one.next_due)
    return found[:PAGE]


async def _narrowed(
    session: AsyncSession, view: str, filters: Filters
) -> list[ColumnElement[bool]]:
    """What is in a view: along an index in its order, or else so few that they can be sorted.

    A view has its order in the whole of it and in each country. Some of several countries are
    gathered and sorted where they are few, and met soon along the whole where they are many.
    """
    within, countries = [*_of_view(view), filters.of_kind()], filters.of_countries()
    if filters.countries is None or len(filters.countries) <= 1:
        return [*within, *countries]
    if (await session.execute(select(_number(view, filters)))).scalar_one() <= MOST:
        few = select(Question.research_id).where(*within, *countries).limit(MOST)
        return [Question.research_id.in_(few)]
    return [*within, *map(Met, countries)]


async def counts(session: AsyncSession, filters: Filters) -> dict[str, int]:
    """How many each view holds, as far as `MOST`; those that need nothing more are not counted."""
    views = [view for view in VIEWS if view not in DONE]
    numbers = select(*(_number(view, filters) for view in views))
    return dict(zip(views, (await session.execute(numbers)).one(), strict=True))


def _number(view: str, filters: Filters) -> ScalarSelect[int]:
    """How many questions a view holds; one more than `MOST` where it holds more."""
    return number_of(Question, *_of_view(view), *filters.clauses(), most=MOST)
