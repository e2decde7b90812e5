"""Obstacles in counts: by quarter, by what people do, by edition; never fewer than five."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C0, C1
from cri_shared.web.pages import render
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_training.console.report_paper import LAST_ONES
from cri_training.queries.obstacles import Counted, counted
from cri_training.rig import InRig
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.reports import ALL, LAST

router = APIRouter(prefix="/console/obstacles", include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """A number of the page; without `number` it is too few. No code: all who answered."""

    counted_by: Annotated[str, C1]
    which: Annotated[str, C1]
    title: Annotated[str, C0]  # of an edition
    starts_on: Annotated[dt.date | None, C0]
    code: Annotated[str, C1]
    obstacle: Annotated[str, C1]
    number: Annotated[int | None, C1]


LINES = Lines(Line)


@router.get("")
async def obstacles(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """How many people spoke of each obstacle."""
    async with rig.service.database.reading() as session:
        found = await counted(session, rig, every=False)
    return render(
        request,
        "obstacles.html",
        found=found,
        everybody=ALL,
        fewest=FEWEST,
        last_ones=LAST_ONES,
        most=LAST,
        day=dt.date.fromisoformat,
    )


@router.get(".csv")
async def obstacles_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """The numbers of the page, and none that it hides."""
    async with rig.service.database.reading() as session:
        found = await counted(session, rig)
    return LINES.answer(request, _lines(found))


def _lines(found: Counted) -> Iterator[Line]:
    for cut in found.answers:
        by, which = cut
        title, starts_on = found.editions.get(which, ("", None))
        for code, numbers in found.codes:
            yield Line(by, which, title, starts_on, code.code, code.title, numbers[cut])
        yield Line(by, which, title, starts_on, "", "", found.answers[cut])
