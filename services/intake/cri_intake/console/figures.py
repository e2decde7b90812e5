"""The desk's figures, for those who answer for it: counts by month, never a word of a text."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.pages import render
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.queries import figures
from cri_intake.rig import InRig
from cri_intake.rules.figures import VERDICTS, Month
from cri_intake.rules.figures import Line as Figures

router = APIRouter(prefix="/console", include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """A line of the page; no language and no kind: all of them. Empty: fewer than five."""

    month: Annotated[str, C1]
    language: Annotated[str, C1]
    kind: Annotated[str, C1]
    seen: Annotated[int | None, C1]
    missed: Annotated[int | None, C1]
    accepted: Annotated[int | None, C1]
    replaced: Annotated[int | None, C1]
    kept: Annotated[int | None, C1]
    percent_seen: Annotated[int | None, C1]
    percent_false_alarms: Annotated[int | None, C1]

    @classmethod
    def of(cls, month: Month, one: Figures) -> "Line":
        """What the page shows of one kind in one language, or of all."""
        of = (month.month, one.language, one.kind)
        seen, missed, accepted, replaced, kept = (one.shown(verdict) for verdict in VERDICTS)
        suggested = (accepted, replaced, kept)
        return cls(*of, seen, missed, *suggested, one.recall, one.false_alarms)


LINES = Lines(Line)


@router.get("/figures")
async def figures_page(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """How much of what tells who asks the machine saw, and what officers said of it."""
    async with rig.service.database.reading() as session:
        months = await figures.months(session)
        helped = await figures.helped(session)
    return render(request, "figures.html", months=months, helped=helped, day=dt.date.fromisoformat)


@router.get("/figures.csv")
async def figures_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """The numbers of the page, and none that it hides."""
    async with rig.service.database.reading() as session:
        found = await figures.months(session)
    return LINES.answer(request, _lines(found))


def _lines(months: Iterable[Month]) -> Iterator[Line]:
    for month in months:
        yield Line.of(month, month.total)
        for own in month.languages:
            yield from (Line.of(month, one) for one in own.lines)
