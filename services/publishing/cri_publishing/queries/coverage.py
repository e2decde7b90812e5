"""How well countries and topics are covered: counts of public entries by how fresh they are."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from statistics import mean

from cri_shared import clock
from cri_shared.places import ALL_TOPICS, GROUPS, TOPICS
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import EntryStatus, InView, PaceCount, ViewCount
from cri_publishing.models.entry import PUBLIC
from cri_publishing.models.views import SOON
from cri_publishing.rules.life import by_month

MONTHS_BACK = 12
Days = dict[int, int]  # so many days -> so many texts


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

    def add(self, view: str, count: int, oldest: dt.date | None) -> None:
        """Count what stands in a view; what is to be checked soon stands among the published."""
        if view == EntryStatus.DUE:
            self.due += count
        elif view == SOON:
            self.soon, self.fresh = self.soon + count, self.fresh - count
        else:
            self.fresh += count
        if oldest is not None:
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

    def add(self, country: str, code: str, view: str, n: int, oldest: dt.date | None) -> None:
        """Count what stands in a view: of a country, under a topic, a group, or all of them."""
        if code == ALL_TOPICS:
            several = (self.all, self.countries[country])
        else:
            several = (self.topics[code], self.cells[country, code])
        for counts in several:
            counts.add(view, n, oldest)


def columns_of(group: str) -> list[str]:
    """The columns of the matrix: every group, or the topics of one."""
    return [code for code, one in TOPICS.items() if one.parent == group] if group else [*GROUPS]


async def coverage(
    session: AsyncSession, country: str = "", codes: Iterable[str] | None = None
) -> Coverage:
    """The public database in numbers: of one country, of some topics and groups, or all of it."""
    wanted = [ViewCount.view.in_((*PUBLIC, SOON)), ViewCount.items > 0]
    if country:
        wanted.append(ViewCount.country == country)
    if codes is not None:
        wanted.append(ViewCount.code.in_([ALL_TOPICS, *codes]))
    oldest = select(func.min(InView.information_date)).where(
        InView.country == ViewCount.country, InView.code == ViewCount.code
    )
    columns = (ViewCount.country, ViewCount.code, ViewCount.view, ViewCount.items)
    rows = select(*columns, oldest.scalar_subquery()).where(*wanted)
    found = Coverage()
    for row in (await session.execute(rows)).all():
        found.add(*row)
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
    since = by_month(clock.today() - dt.timedelta(days=31 * MONTHS_BACK))
    columns = (PaceCount.month, PaceCount.renewed, PaceCount.days, PaceCount.texts)
    rows = select(*columns).where(PaceCount.month >= since).order_by(PaceCount.days)
    days: Mapping[dt.date, tuple[Days, Days]] = defaultdict(lambda: ({}, {}))
    for month, renewed, some, texts in (await session.execute(rows)).all():
        days[month][renewed][some] = texts
    months = sorted(days.items(), reverse=True)[:MONTHS_BACK]
    return [
        Pace(month, sum(new.values()), sum(renewed.values()), _median(new), _median(renewed))
        for month, (new, renewed) in months
    ]


def _median(days: Days) -> int | None:
    """What half of the texts took at most; `days` are in order."""
    if not days:
        return None
    places = list(accumulate(days.values()))
    middle = [bisect_right(places, at) for at in ((places[-1] - 1) // 2, places[-1] // 2)]
    ordered = list(days)
    return round(mean(ordered[at] for at in middle))
