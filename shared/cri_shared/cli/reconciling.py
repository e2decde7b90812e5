"""`cri-<service> reconcile`: compare what was heard with what each producer says it gave out."""

import datetime as dt

from cri_shared.bus import seals
from cri_shared.bus.seals import BEFORE, EQUAL, Comparison
from cri_shared.cli.running import close
from cri_shared.service import Service

SHOWN = 20


async def reconcile(service: Service, *, ask: bool) -> tuple[list[str], bool]:
    """Lines for people, one for each sealed subject and day, and whether nothing is amiss.

    With `ask` the producers are asked at once for what is missing.
    """
    gaps = service.upkeep.gaps
    try:
        async with service.database.writing() as work:
            compared = await seals.compare(work, gaps.subjects, again=True)
            after = dt.timedelta(0) if ask else None
            missing = await gaps.look(work, ask_after=after)
    finally:
        await close(service)
    lines = [_line(one) for one in compared]
    lines.append(f"{len(compared)} sealed days compared, {missing} events missing.")
    return lines, not missing and all(one.verdict in (EQUAL, BEFORE) for one in compared)


def _line(one: Comparison) -> str:
    missing = ", ".join(map(str, one.missing[:SHOWN]))
    more = f" and {len(one.missing) - SHOWN} more" if len(one.missing) > SHOWN else ""
    named = f"  missing: {missing}{more}" if one.missing and one.verdict != BEFORE else ""
    return f"{one.day}  {one.subject}  {one.first}-{one.last}  {one.verdict}{named}"
