"""Whose work a case is: the one place that turns officers away from what is another's."""

from cri_shared.identity.staff import Staff
from fastapi import Request

from cri_intake.models import NotYours
from cri_intake.queries import desk
from cri_intake.rig import rig_of


async def must_be_theirs(request: Request, staff: Staff) -> None:
    """Raises `NotFound`, or `NotYours`, for a case that is not with this officer."""
    rig = await rig_of(request)
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, request.path_params["question_id"])
        if not await desk.is_with(session, staff, case):
            raise NotYours
