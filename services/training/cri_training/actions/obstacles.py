"""What other services hear of obstacles: counts of a quarter, once nothing of it is open."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.training import ObstacleCounted
from sqlalchemy import delete, select

from cri_training.models import Code, ToldCount
from cri_training.queries.obstacles import Counted, counted, unfinished_quarters
from cri_training.rig import Rig
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.obstacles import quarter_of


async def tell_counts(work: Work, rig: Rig) -> None:
    """Tell every count that may be shown, and is new or changed by five people or more."""
    found = await counted(work.session, rig, every=False)
    open_ = await unfinished_quarters(work.session, rig) | {quarter_of(clock.today())}
    told = {
        (one.code, one.quarter): one
        for one in (await work.session.execute(select(ToldCount))).scalars()
    }
    merged = await _merged(work)
    for code, quarter, number in _counts(found):
        before = told.get((code.code, quarter))
        if quarter in open_ or (before and abs(before.number - number) < FEWEST):
            continue
        replaced = [one for one in merged[code.code] if (one, quarter) in told]
        await work.emit(
            ObstacleCounted(
                code=code.code,
                country=code.country,
                topic=code.topic,
                period=quarter,
                count=number,
                replaces=tuple(replaced),
            )
        )
        gone = delete(ToldCount).where(ToldCount.code.in_(replaced), ToldCount.quarter == quarter)
        await work.session.execute(gone)
        await work.session.merge(ToldCount(code=code.code, quarter=quarter, number=number))


def _counts(found: Counted) -> Iterator[tuple[Code, dt.date, int]]:
    for code, numbers in found.codes:
        for cut in found.of("quarter"):
            if number := numbers[cut]:
                yield code, dt.date.fromisoformat(cut[1]), number


async def _merged(work: Work) -> dict[str, list[str]]:
    """By code, those whose passages it has."""
    rows = select(Code.code, Code.merged_into).where(Code.merged_into.is_not(None))
    into = {code: other for code, other in (await work.session.execute(rows)).all() if other}
    found: dict[str, list[str]] = defaultdict(list)
    for code, other in into.items():
        while other in into:
            other = into[other]
        found[other].append(code)
    return found
