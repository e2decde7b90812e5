"""The square of a sign-up: a trainer's telephone opens the one person, with the buttons."""

from cri_shared.identity.guard import Permitted
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_training.console.attendance import page
from cri_training.queries import attendance
from cri_training.rig import InRig

router = APIRouter(prefix="/console/check-in", include_in_schema=False)


@router.get("/{sign_up_id}")
async def check_in(request: Request, rig: InRig, staff: Permitted, sign_up_id: str) -> HTMLResponse:
    """One person at the session of this moment; looking changes nothing."""
    async with rig.service.database.reading() as session:
        edition_id, number = await attendance.session_of(session, sign_up_id)
    return await page(request, rig, staff, edition_id, number, only=sign_up_id)
