"""Whose work a case is: the one place that turns officers away from what is another's."""

from cri_shared.identity.policy import route_of
from cri_shared.identity.staff import Staff
from fastapi import Request

from cri_intake.models import NotYours
from cri_intake.policy import POLICY
from cri_intake.queries import desk
from cri_intake.rig import rig_of

_RELEASES = POLICY.actions["text.release"].at


async def must_be_theirs(request: Request, staff: Staff) -> None:
    """Raises `NotFound`, or `NotYours`, for a case that is not with this officer.

    Who decided on a text as second officer may click once more and hear what became of it.
    """
    rig = await rig_of(request)
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, request.path_params["question_id"])
        if await desk.is_with(session, staff, case):
            return
        if route_of(request) in _RELEASES and await desk.has_decided(session, staff, case):
            return
        raise NotYours
