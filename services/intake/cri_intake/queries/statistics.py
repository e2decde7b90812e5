"""Statistics of the helpdesk: the cases that are there, and the tallies of those that are gone."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from cri_shared import clock
from cri_shared.places import is_working_day
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, Pause, Tally
from cri_intake.rules import OPEN, working_days
from cri_intake.rules.statistics import Counted, Key, keys_of, months_until, shown, summed

MONTHS = 12
_COLUMNS = (
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
)
_Stood = dict[str, list[tuple[dt.date, dt.date]]]


async def statistics(session: AsyncSession) -> dict[str, dict[str, int | None]]:
    """The numbers of twelve months by measure and code (`came` by month); None for too few."""
    months = months_until(clock.today(), MONTHS)
    first = dt.datetime.fromisoformat(f"{months[0]}-01").replace(tzinfo=dt.UTC)
    tallies = select(Tally.month, Tally.measure, Tally.code, Tally.number)
    rows = await session.execute(tallies.where(Tally.month >= months[0]))
    counts: Counter[Key] = Counter({(r[0], r[1], r[2]): r[3] for r in rows.all()})
    since = Case.received_at > first - dt.timedelta(days=1)
    cases = (await session.execute(select(*_COLUMNS).where(since))).all()
    stood = await _pauses(session, since)
    counts.update(await asyncio.to_thread(_keys, cases, stood))
    found = {measure: shown(numbers) for measure, numbers in summed(counts, months).items()}
    came = found["came"]
    found["came"] = {month: came.get(month, 0) for month in months}
    return found


async def counted(session: AsyncSession, question_id: str) -> list[Key]:
    """Where a case that is about to go adds one; nothing for one that is gone."""
    rows = (await session.execute(select(*_COLUMNS).where(Case.question_id == question_id))).all()
    this = Case.question_id == question_id
    return _keys(rows, await _pauses(session, this)) if rows else []


async def _pauses(session: AsyncSession, which: ColumnElement[bool]) -> _Stood:
    rows = select(Pause.question_id, Pause.began_at, Pause.ended_at)
    rows = rows.join(Case, Case.question_id == Pause.question_id).where(which)
    stood: _Stood = {}
    for of, began, ended in (await session.execute(rows)).all():
        until = clock.belgian(ended or clock.now()).date()
        stood.setdefault(of, []).append((clock.belgian(began).date(), until))
    return stood


def _keys(cases: Iterable[Any], stood: _Stood) -> list[Key]:
    """Slow where there are many: not in the event loop."""
    return [key for case in cases for key in keys_of(_counted(case, stood))]


def _counted(case: Any, stood: _Stood) -> Counted:
    received = clock.belgian(case.received_at).date()
    days = None
    if case.answered_at is not None:
        until = clock.belgian(case.answered_at).date()
        pauses = stood.get(case.question_id)
        days = (
            working_days(received, until, pauses, is_working_day)
            if pauses
            else _days_between(received, until)
        )
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


@lru_cache(maxsize=50_000)  # two days that many cases share
def _days_between(received: dt.date, until: dt.date) -> int:
    return working_days(received, until, (), is_working_day)


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
