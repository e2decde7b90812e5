"""Whose a case or key is: the one place that turns away from what is another's."""

from cri_shared.identity.policy import route_of
from cri_shared.identity.staff import MEMBER, Staff
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import NotYours
from cri_intake.policy import POLICY
from cri_intake.queries import desk, members, organisations
from cri_intake.queries.helpers import did_follow
from cri_intake.rig import rig_of

_KEYS = POLICY.actions["ours.revoke_key"].at
_RELEASES = POLICY.actions["text.release"].at
_GIVES_BACK = POLICY.actions["ours.give_back"].at


async def must_be_theirs(request: Request, staff: Staff) -> None:
    """Raises `NotFound`, or `NotYours`, for a case that is not with this officer.

    Who decided on a text as second officer may click once more and hear what became of it.
    """
    rig = await rig_of(request)
    async with rig.service.database.reading() as session:
        if staff.has(MEMBER):
            await _must_be_ours(request, staff, session)
            return
        case = await desk.case_of(session, request.path_params["question_id"])
        if await desk.is_with(session, staff, case):
            return
        if route_of(request) in _RELEASES and await desk.has_decided(session, staff, case):
            return
        raise NotYours


async def _must_be_ours(request: Request, staff: Staff, session: AsyncSession) -> None:
    """Raises `NotFound` for what is not of the organisation that somebody signs in for.

    Who follows a question no more may say so once more.
    """
    own = (await members.organisation_of(session, staff)).organisation_id
    names = request.path_params
    if route_of(request) in _KEYS:
        await organisations.key_of(session, own, names["key_id"])
        return
    question_id, gives_back = names["question_id"], route_of(request) in _GIVES_BACK
    if not (gives_back and await did_follow(session, own, question_id)):
        await organisations.case_of_organisation(session, own, question_id)
