"""Statistics of the helpdesk: the tallies, and the cases that these do not count right yet."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.places import is_working_day
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, Pause, Tally
from cri_intake.rules import OPEN, working_days
from cri_intake.rules.statistics import Counted, Key, keys_of, months_until, shown, summed

MONTHS = 12
AT_ONCE = 1000  # cases that are counted in one transaction
_ROWS = select(
    Case.question_id,
    Case.received_at,
    Case.country,
    Case.topics,
    Case.channel,
    Case.language,
    Case.status,
    Case.ending,
    Case.answered_at,
    Case.rating,
    Case.version,
    Case.counted,
)
_UNCOUNTED = Case.counted_version != Case.version
_Stood = dict[str, list[tuple[dt.date, dt.date]]]


@dataclass(frozen=True)
class Recount:
    """A case that may have changed since it was counted: where the tallies do, and should."""

    question_id: str
    version: int
    before: list[Key]
    now: list[Key]

    def into(self, counts: Counter[Key]) -> None:
        """Count it as it is, in place of as it was."""
        counts.subtract(self.before)
        counts.update(self.now)

    @property
    def kept(self) -> list[list[str]]:
        """What the case keeps of where it is counted now."""
        return [[measure, code] for _, measure, code in self.now]


async def statistics(session: AsyncSession) -> dict[str, dict[str, int | None]]:
    """The numbers of twelve months by measure and code (`came` by month); None for too few.

    Of one moment where the session is a `Database.snapshot`.
    """
    months = months_until(clock.today(), MONTHS)
    sums = summed(await counts_since(session, months[0]), months)
    found = {measure: shown(numbers) for measure, numbers in sums.items()}
    came = found["came"]
    found["came"] = {month: came.get(month, 0) for month in months}
    return found


async def counts_since(session: AsyncSession, month: str) -> Counter[Key]:
    """The tallies from a month on, with what changed since these were brought up to date."""
    tallies = select(Tally.month, Tally.measure, Tally.code, Tally.number)
    rows = await session.execute(tallies.where(Tally.month >= month))
    counts: Counter[Key] = Counter({(r[0], r[1], r[2]): r[3] for r in rows.all()})
    for one in await _recounts(session, _ROWS.where(_UNCOUNTED)):
        one.into(counts)
    return counts


async def changed_cases(session: AsyncSession) -> list[Recount]:
    """Cases that are to be counted anew, for whoever does; not those that somebody changes now."""
    rows = _ROWS.where(_UNCOUNTED).order_by(Case.question_id).limit(AT_ONCE)
    return await _recounts(session, rows.with_for_update(skip_locked=True))


async def of_case(session: AsyncSession, question_id: str) -> list[Recount]:
    """How a case that is about to go is counted; nothing for one that is gone."""
    this = _ROWS.where(Case.question_id == question_id)
    return await _recounts(session, this.with_for_update())


async def _recounts(session: AsyncSession, rows: Select[*tuple[Any, ...]]) -> list[Recount]:
    cases = (await session.execute(rows)).all()
    stood = await _pauses(session, [one.question_id for one in cases if one.answered_at])
    return await asyncio.to_thread(_counted_anew, cases, stood) if cases else []


async def _pauses(session: AsyncSession, question_ids: Sequence[str]) -> _Stood:
    rows = select(Pause.question_id, Pause.began_at, Pause.ended_at)
    stood: _Stood = {}
    for start in range(0, len(question_ids), AT_ONCE):
        these = Pause.question_id.in_(question_ids[start : start + AT_ONCE])
        for of, began, ended in (await session.execute(rows.where(these))).all():
            until = clock.belgian(ended or clock.now()).date()
            stood.setdefault(of, []).append((clock.belgian(began).date(), until))
    return stood


def _counted_anew(cases: Iterable[Any], stood: _Stood) -> list[Recount]:
    """Slow where there are many: not in the event loop."""
    found = []
    for case in cases:
        now = sorted(set(keys_of(_counted(case, stood))))
        month = now[0][0]  # in which it came: that stays
        before = [(month, measure, code) for measure, code in case.counted]
        found.append(Recount(case.question_id, case.version, before, now))
    return found


def _counted(case: Any, stood: _Stood) -> Counted:
    received = clock.belgian(case.received_at).date()
    days = None
    if case.answered_at is not None:
        until = clock.belgian(case.answered_at).date()
        days = working_days(received, until, stood.get(case.question_id, ()), is_working_day)
    return Counted(
        received_on=received,
        country=case.country,
        topics=case.topics,
        channel=case.channel,
        language=case.language,
        became=_became(case.status, case.ending),
        days=days,
        useful=case.rating,
    )


def _became(status: str, ending: str | None) -> str:
    if status in OPEN:
        return "open"
    return ending if status == "closed" and ending else status


def lines(found: dict[str, dict[str, int | None]]) -> Sequence[tuple[str, str, int | str]]:
    """(measure, code, number) of everything that is shown, for a spreadsheet; "<5" for too few."""
    return [
        (measure, code, "<5" if number is None else number)
        for measure, numbers in found.items()
        for code, number in numbers.items()
    ]
