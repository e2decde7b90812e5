"""The list of partner organisations as a file for spreadsheets."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_intake.queries.organisations import Known, every_organisation
from cri_intake.rig import InRig

router = APIRouter(prefix="/console/organisations", include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """An organisation, how many of its keys open something, and when the last of them ends."""

    organisation_id: Annotated[str, C1]
    name: Annotated[str, C1]
    email: Annotated[str | None, C1]
    language: Annotated[str, C1]
    created_at: Annotated[dt.datetime, C1]
    keys: Annotated[int, C1]
    keys_end_at: Annotated[dt.datetime | None, C1]

    @classmethod
    def of(cls, known: Known) -> "Line":
        """The line of an organisation."""
        one, ends = known.organisation, [key.expires_at for key in known.live]
        who = (one.organisation_id, one.name, one.email, one.language, one.created_at)
        return cls(*who, len(ends), max(ends, default=None))


LINES = Lines(Line)


@router.get(".csv")
async def organisations_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """All organisations, without a key."""
    async with rig.service.database.reading() as session:
        every = await every_organisation(session)
    return LINES.answer(request, map(Line.of, every))
