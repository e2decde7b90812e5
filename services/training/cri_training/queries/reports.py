"""Reports over all editions: people by period, kind of work and edition, as far as may be told."""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from cri_shared import clock
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Attendance, Edition, FeedbackAnswer, SignUp, Tally
from cri_training.queries.coding import feedback_over
from cri_training.queries.feedback import answer_of
from cri_training.rig import Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.disclosure import Shown, people, shown
from cri_training.rules.feedback import Answer, Counts, counts
from cri_training.rules.obstacles import quarter_of
from cri_training.rules.reports import MEASURES, Reached, how_far

Cut = tuple[str, str]  # (all, year, quarter, role or edition; which one)
ALL: Cut = ("all", "")
ORDER = ("all", "year", "quarter", "role", "edition")


@dataclass(frozen=True)
class Group:
    """People of an edition and a kind of work who got equally far."""

    edition_id: str
    quarter: dt.date
    role: str
    reached: Reached
    number: int


@dataclass(frozen=True)
class Report:
    """By cut: the four numbers of people, and what those who answered said; None: too few."""

    numbers: dict[Cut, dict[str, int | None]]
    feedback: dict[Cut, Counts | None]
    titles: dict[str, str]  # of editions

    def of(self, by: str) -> list[Cut]:
        """The cuts of a kind, in order."""
        return [cut for cut in self.numbers if cut[0] == by]


async def report(session: AsyncSession, rig: Rig) -> Report:
    """All numbers; editions that begin later, and forms that are open, are not in it."""
    rows = select(Edition.edition_id, Edition.title, Edition.ends_at).where(
        Edition.published_at.is_not(None), Edition.ends_at <= clock.now()
    )
    editions = (await session.execute(rows)).all()
    quarters = {i: quarter_of(clock.belgian(ends).date()) for i, _, ends in editions}
    groups = [g async for g in _groups(session, quarters)]
    numbers = _numbers(groups)
    return Report(
        {cut: {m: numbers[cut, m] for m in MEASURES} for cut in _ordered({c for c, _ in numbers})},
        await _feedback(session, rig, quarters),
        {i: title for i, title, _ in editions},
    )


async def _groups(session: AsyncSession, quarters: dict[str, dt.date]) -> AsyncIterator[Group]:
    """Those who are there, and those who are counted only."""
    came = exists().where(Attendance.sign_up_id == SignUp.sign_up_id, Attendance.presence.in_(CAME))
    columns = (SignUp.edition_id, SignUp.role, SignUp.status, came)
    for edition_id, role, status, there, number in await session.execute(
        select(*columns, func.count()).group_by(*columns)
    ):
        far = how_far(status, came=bool(there))
        if far is not None and edition_id in quarters:
            yield Group(edition_id, quarters[edition_id], role or "", far, number)
    for one in (await session.execute(select(Tally))).scalars():
        if one.edition_id in quarters:
            far = Reached(one.reached)
            yield Group(one.edition_id, quarters[one.edition_id], one.role, far, one.number)


def cuts_of(edition_id: str, quarter: dt.date, role: str | None) -> Iterator[Cut]:
    """Where somebody counts."""
    yield ALL
    yield "year", str(quarter.year)
    yield "quarter", quarter.isoformat()
    yield "edition", edition_id
    if role:
        yield "role", role


def _ordered(cuts: set[Cut]) -> list[Cut]:
    return sorted(cuts | {ALL}, key=lambda cut: (ORDER.index(cut[0]), cut[1]))


def parts_of(held: Sequence[tuple[str, dt.date]]) -> list[tuple[Cut, list[Cut]]]:
    """What everybody, each year and each quarter falls into, from (edition, quarter)."""
    within: dict[Cut, set[Cut]] = defaultdict(set)
    for edition_id, quarter in held:
        year, own = ("year", str(quarter.year)), ("quarter", quarter.isoformat())
        within[ALL].add(year)
        within[year].add(own)
        within[own].add(("edition", edition_id))
    wholes = sorted(within, key=lambda cut: (ORDER.index(cut[0]), cut[1]))
    return [(whole, sorted(within[whole])) for whole in wholes]


def _numbers(groups: Sequence[Group]) -> Shown[tuple[Cut, str]]:
    members: dict[tuple[Cut, str], int] = defaultdict(int)
    for measure in MEASURES:
        members[ALL, measure] = 0
    at = 0
    for group in groups:
        mask = ((1 << group.number) - 1) << at
        at += group.number
        for cut in cuts_of(group.edition_id, group.quarter, group.role):
            for measure, counted in MEASURES.items():
                members[cut, measure] |= mask if group.reached in counted else 0
    wanted = {
        (cut, measure): members[cut, measure]
        for cut in _ordered({cut for cut, _ in members})
        for measure in MEASURES
    }
    parts = parts_of([(group.edition_id, group.quarter) for group in groups])
    roles = [cut for cut in _ordered({cut for cut, _ in wanted}) if cut[0] == "role"]
    return shown(
        wanted,
        [
            ((whole, measure), [(part, measure) for part in among])
            for whole, among in [*parts, (ALL, roles)]
            for measure in MEASURES
        ],
    )


async def _feedback(
    session: AsyncSession, rig: Rig, quarters: dict[str, dt.date]
) -> dict[Cut, Counts | None]:
    rows = select(FeedbackAnswer).join(Edition).where(feedback_over(rig))
    given = [
        row
        for row in (await session.execute(rows.order_by(FeedbackAnswer.answer_id))).scalars()
        if row.edition_id in quarters
    ]
    members: dict[Cut, list[int]] = defaultdict(list)
    for number, row in enumerate(given):
        for cut in cuts_of(row.edition_id, quarters[row.edition_id], row.role):
            members[cut].append(number)
    cuts = _ordered(set(members))
    parts = parts_of([(row.edition_id, quarters[row.edition_id]) for row in given])
    roles = [cut for cut in cuts if cut[0] == "role"]
    may = shown({cut: people(members[cut]) for cut in cuts}, [*parts, (ALL, roles)])
    answers: list[Answer] = [answer_of(row) for row in given]
    return {cut: counts([answers[n] for n in members[cut]]) if may[cut] else None for cut in cuts}
