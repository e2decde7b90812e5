"""Tallies say what a count of all cases would, whatever becomes of these and whoever erases them.

The count from scratch is written here a second time, and compared after every step.
"""

import asyncio
import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cri_intake.actions import tallies
from cri_intake.actions.erasing import end_case
from cri_intake.actions.thread import go_on, pause
from cri_intake.models import Case, Pause, Tally
from cri_intake.queries.statistics import counts_since
from cri_intake.rules import OPEN, Status, working_days
from cri_intake.rules.statistics import Counted, Key, keys_of
from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import Refusal
from cri_shared.places import is_working_day
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.intake.conftest import Intake, started

# Near midnight in Belgium, and near the end of a month.
AT = dt.datetime(2026, 3, 31, 21, 30, tzinfo=dt.UTC)
TOPICS = st.lists(st.sampled_from(("health.a", "housing.b", "law.c")), unique=True, max_size=2)
COUNTRIES = st.sampled_from(("AM", "NP"))
EARLIEST = "0000-00"
WHICH = st.integers(0, 30)


@dataclass
class Lives:
    """Cases that come, change and go, and the numbers that those that went must have left."""

    intake: Intake
    now: dt.datetime = AT
    gone: Counter[Key] = field(default_factory=Counter)

    async def begin(self) -> None:
        async with self.intake.rig.service.database.writing() as work:
            await work.session.execute(delete(Case))
            await work.session.execute(delete(Tally))

    async def take(self, step: tuple[Any, ...]) -> None:
        """Take one step, and compare."""
        act, *told = step
        database = self.intake.rig.service.database
        with clock.frozen(self.now):
            try:
                async with database.writing() as work:
                    await act(self, work, *told)
            except Refusal:
                pass
            async with database.snapshot() as session:
                assert +(await counts_since(session, EARLIEST)) == await self.from_scratch(session)

    async def from_scratch(self, session: AsyncSession) -> Counter[Key]:
        """The numbers of all cases that there ever were."""
        counts = self.gone.copy()
        for case in (await session.execute(select(Case))).scalars().all():
            counts.update(await keys_from(session, case))
        return counts

    async def case(self, work: Work, which: int) -> Case | None:
        ids = select(Case.question_id).order_by(Case.question_id)
        found = (await work.session.execute(ids)).scalars().all()
        return await work.session.get(Case, found[which % len(found)]) if found else None

    async def pass_days(self, _work: Work, days: int) -> None:
        self.now += dt.timedelta(days=days, hours=7 * days % 24)

    async def ask(self, work: Work, country: str, topics: list[str], channel: str) -> None:
        work.session.add(new_case(country=country, topics=topics, channel=channel))

    async def change(self, work: Work, which: int, how: Callable[[Case], object]) -> None:
        if case := await self.case(work, which):
            how(case)

    async def triage(self, work: Work, which: int, country: str, topics: list[str]) -> None:
        if case := await self.case(work, which):
            case.triage(country=country, topics=topics, urgency="soon", sensitivity="green")

    async def stand_still(self, work: Work, which: int, still: bool) -> None:
        if case := await self.case(work, which):
            await (pause if still else go_on)(work, case, "asker")

    async def erase(self, work: Work, which: int) -> None:
        if case := await self.case(work, which):
            became = Status.WITHDRAWN if case.is_open else None
            self.gone.update(await keys_from(work.session, case, became))
            await end_case(work, self.intake.rig, case)

    async def count(self, work: Work) -> None:
        await tallies.count_changed(work)


def new_case(**told: Any) -> Case:
    """A case that comes now."""
    now = clock.now()
    sealed = {"receipt_verifier": secrets.token_bytes(32), "original_sealed": b"?"}
    asked = {"asker_role": "self", "language": "nl", "consent_version": "1", "consent_at": now}
    days = {"received_at": now, "changed_at": now, "read_by": clock.today()}
    return Case(question_id=new_id(), **sealed, **asked, **days, **told)


async def keys_from(session: AsyncSession, case: Case, became: str | None = None) -> set[Key]:
    """Where a case counts, by nothing but its own row and its pauses."""
    if became is None:
        ended = case.ending if case.status == Status.CLOSED else None
        became = "open" if case.status in OPEN else ended or case.status
    days, received = None, clock.belgian(case.received_at).date()
    if case.answered_at is not None:
        rows = select(Pause).where(Pause.question_id == case.question_id)
        stood = [
            (clock.belgian(one.began_at).date(), clock.belgian(one.ended_at or clock.now()).date())
            for one in (await session.execute(rows)).scalars().all()
        ]
        until = clock.belgian(case.answered_at).date()
        days = working_days(received, until, stood, is_working_day)
    of = (case.country, case.topics, case.channel, case.language)
    return set(keys_of(Counted(received, *of, became, days, case.rating)))


def delivered(case: Case) -> None:
    if case.is_open:
        case.deliver()


def changes() -> st.SearchStrategy[tuple[Any, ...]]:
    ways = (
        lambda case: case.give("leen", "Leen D."),
        lambda case: case.rate("yes"),
        lambda case: case.rate("no"),
        lambda case: case.end(Status.CLOSED, "no_partner"),
        lambda case: case.end(Status.REFUSED, "tracing"),
        lambda case: case.need_clarification(True),
        Case.withdraw,
        Case.keep_longer,
        delivered,
        delivered,
    )
    return st.tuples(st.just(Lives.change), WHICH, st.sampled_from(ways))


STEPS = st.one_of(
    st.tuples(st.just(Lives.ask), COUNTRIES, TOPICS, st.sampled_from(("web", "api"))),
    st.tuples(st.just(Lives.triage), WHICH, COUNTRIES, TOPICS),
    changes(),
    changes(),
    st.tuples(st.just(Lives.stand_still), WHICH, st.booleans()),
    st.tuples(st.just(Lives.pass_days), st.integers(1, 40)),
    st.tuples(st.just(Lives.count)),
    st.tuples(st.just(Lives.erase), WHICH),
)


def test_tallies_are_what_a_count_of_all_cases_would_be(database_url: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stage = started(tmp_path, database_url=database_url)
        intake = runner.run(stage.__aenter__())

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(STEPS, min_size=5, max_size=25))
        def live(steps: Sequence[tuple[Any, ...]]) -> None:
            runner.run(_live(intake, steps))

        try:
            live()
        finally:
            runner.run(stage.__aexit__(None, None, None))


async def _live(intake: Intake, steps: Sequence[tuple[Any, ...]]) -> None:
    lives = Lives(intake)
    await lives.begin()
    for step in steps:
        await lives.take(step)
    await lives.take((Lives.count,))
    async with intake.rig.service.database.reading() as session:
        rows = (await session.execute(select(Tally))).scalars().all()
        kept = {(row.month, row.measure, row.code): row.number for row in rows}
        assert {key: number for key, number in kept.items() if number} == dict(
            await lives.from_scratch(session)
        )


@pytest.mark.parametrize(  # on SQLite one writes at a time
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
async def test_a_case_that_somebody_changes_is_counted_when_that_is_over(intake: Intake) -> None:
    database = intake.rig.service.database
    lives = Lives(intake)
    await lives.begin()
    async with database.writing() as work:
        work.session.add(new_case(country="AM", topics=[], channel="web"))
        work.session.add(new_case(country="NP", topics=[], channel="web"))
    async with database.writing() as work:
        case = await lives.case(work, 0)
        assert case is not None
        case.withdraw()
        await work.session.flush()
        async with database.writing() as meanwhile:
            await tallies.count_changed(meanwhile)
        async with database.snapshot() as session:
            tallied = select(Tally.number).where(Tally.measure == "came")
            assert (await session.execute(tallied)).scalars().all() == [1]
    await lives.take((Lives.count,))
