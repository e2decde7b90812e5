"""Tallies: cases are counted as they change; a case goes, and that there was one stays."""

from collections import Counter
from collections.abc import Sequence

from cri_shared.clockwork import Clockwork
from cri_shared.db import Work
from cri_shared.db.inserting import add_up
from sqlalchemy import bindparam, update

from cri_intake.models import Case, Tally
from cri_intake.models.base import table_of
from cri_intake.queries.statistics import Recount, changed_cases, of_case
from cri_intake.rules.statistics import Key

SECONDS = 5.0
IDLE_SECONDS = 60.0  # while nothing changes
_CASES, _TALLIES = table_of(Case), table_of(Tally)
_COUNTED = (
    update(_CASES)
    .where(_CASES.c.question_id == bindparam("its_id"))
    .values(counted=bindparam("now"), counted_version=bindparam("its_version"))
)


def work_by(clockwork: Clockwork) -> None:
    """Let the clockwork count what changed."""
    clockwork.every(SECONDS, "count-cases", count_changed, unchanged=IDLE_SECONDS)


async def count_changed(work: Work) -> None:
    """Bring the tallies up to date with the cases, so many of these at a time."""
    changed = await changed_cases(work.session)
    if not changed:
        return
    await _count(work, changed)
    told = [
        {"its_id": one.question_id, "its_version": one.version, "now": one.kept} for one in changed
    ]
    connection = await work.session.connection()
    await connection.execute(_COUNTED, told)


async def count_last(work: Work, question_id: str) -> None:
    """Count a case that is deleted in the same transaction; nothing where it is gone already."""
    await _count(work, await of_case(work.session, question_id))


async def _count(work: Work, changed: Sequence[Recount]) -> None:
    counts: Counter[Key] = Counter()
    for one in changed:
        one.into(counts)
    rows = [
        {"month": month, "measure": measure, "code": code, "number": number}
        for (month, measure, code), number in sorted(counts.items())  # one order: none waits twice
        if number
    ]
    await add_up(work.session, _TALLIES, rows)
