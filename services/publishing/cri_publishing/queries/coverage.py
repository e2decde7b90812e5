"""How well countries and topics are covered: counts of public entries by how fresh they are."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from cri_shared import clock
from cri_shared.places import GROUPS, TOPICS
from sqlalchemy import String, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import Entry, Question, Version
from cri_publishing.models.entry import PUBLIC

SOON_DAYS = 30
MONTHS_BACK = 12


class Freshness(StrEnum):
    """How a public entry stands today."""

    FRESH = "fresh"
    SOON = "soon"  # to be checked within `SOON_DAYS`
    DUE = "due"


@dataclass
class Counts:
    """How many public entries there are of each freshness, and the oldest information in them."""

    fresh: int = 0
    soon: int = 0
    due: int = 0
    oldest: dt.date | None = None

    def add(self, freshness: str, count: int, oldest: dt.date) -> None:
        """Count some entries more."""
        setattr(self, freshness, getattr(self, freshness) + count)
        self.oldest = min(self.oldest or oldest, oldest)

    @property
    def total(self) -> int:
        """How many there are."""
        return self.fresh + self.soon + self.due

    @property
    def state(self) -> str:
        """The colour of a cell: `none`, or the worst that is in it."""
        if not self.total:
            return "none"
        return Freshness.DUE if self.due else Freshness.SOON if self.soon else Freshness.FRESH

    @property
    def percent_good(self) -> int | None:
        """The share that is not past its date; None where there is nothing."""
        return round(100 * (self.total - self.due) / self.total) if self.total else None


@dataclass
class Coverage:
    """The public database in numbers, by country, by topic and by both."""

    all: Counts = field(default_factory=Counts)
    countries: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    topics: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    cells: defaultdict[tuple[str, str], Counts] = field(default_factory=lambda: defaultdict(Counts))

    def add(
        self, country: str, topics: Iterable[str], freshness: str, n: int, oldest: dt.date
    ) -> None:
        """Count entries on these topics: in each topic and group once, in their country once."""
        known = [code for code in topics if code in TOPICS]
        groups = [group for code in known if (group := TOPICS[code].parent)]
        self.all.add(freshness, n, oldest)
        self.countries[country].add(freshness, n, oldest)
        for code in dict.fromkeys([*known, *groups]):
            self.topics[code].add(freshness, n, oldest)
            self.cells[country, code].add(freshness, n, oldest)


def columns_of(group: str) -> list[str]:
    """The columns of the matrix: every group, or the topics of one."""
    return [code for code, one in TOPICS.items() if one.parent == group] if group else [*GROUPS]


async def coverage(session: AsyncSession) -> Coverage:
    """The whole public database, counted by the database itself."""
    today = clock.today()
    freshness = case(
        (Entry.review_by < today, Freshness.DUE.value),
        (Entry.review_by <= today + dt.timedelta(days=SOON_DAYS), Freshness.SOON.value),
        else_=Freshness.FRESH.value,
    ).label("freshness")
    topics = cast(Entry.topics, String).label("topic_codes")
    rows = (
        select(Entry.country, topics, freshness, func.count(), func.min(Entry.information_date))
        .where(Entry.status.in_(PUBLIC))
        .group_by(Entry.country, topics, freshness)
    )
    found = Coverage()
    for country, codes, state, count, oldest in (await session.execute(rows)).all():
        found.add(country, json.loads(codes), state, count, oldest)
    return found


@dataclass(frozen=True)
class Pace:
    """How long texts of one month took from the approved answer to their readers, in days."""

    month: dt.date
    new: int
    renewed: int
    median_new: int | None
    median_renewed: int | None


async def paces(session: AsyncSession) -> list[Pace]:
    """The last twelve months in which something was published, newest first."""
    since = clock.now() - dt.timedelta(days=31 * MONTHS_BACK)
    rows = (
        select(Version.published_at, Version.number, Question.approved_on)
        .join(Question, Question.research_id == Version.answer_id)
        .where(Version.published_at >= since, Question.approved_on.is_not(None))
    )
    days: Mapping[dt.date, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for published_at, number, approved_on in (await session.execute(rows)).all():
        assert published_at is not None  # the query asks for it
        assert approved_on is not None
        day = clock.belgian(published_at).date()
        days[day.replace(day=1)][number > 1].append(max((day - approved_on).days, 0))
    return [*_paces(days)][:MONTHS_BACK]


def _paces(days: Mapping[dt.date, tuple[list[int], list[int]]]) -> Iterator[Pace]:
    for month, (new, renewed) in sorted(days.items(), reverse=True):
        middle = [round(median(some)) if some else None for some in (new, renewed)]
        yield Pace(month, len(new), len(renewed), *middle)
