"""The API for what askers hand over: an organisation follows a question by a code."""

from typing import Annotated, Any

from cri_shared.privacy.classes import K
from cri_shared.web.lanes import lanes_of
from cri_shared.web.openapi import api_router, problems
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from cri_intake.actions.helpers import CODES, use_code
from cri_intake.api.once import Reader
from cri_intake.api.questions import summary
from cri_intake.api.shapes import QuestionSummary
from cri_intake.queries.keys import KeyLacksScope, KeyUnknown
from cri_intake.rig import InRig
from cri_intake.rules.codes import CodeUnknown, parse_code

router = api_router()


class HandedOver(BaseModel):
    """What an asker told you."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[
        str,
        Field(
            max_length=40, description="twelve digits, for one day", examples=["482 019 377 564"]
        ),
        K,
    ]


@router.post(
    "/questions/handed-over",
    response_model=QuestionSummary,
    responses=problems(KeyUnknown, KeyLacksScope, CodeUnknown),
)
async def follow_by_code(
    request: Request, rig: InRig, holder: Reader, told: HandedOver
) -> dict[str, Any]:
    """Follow a question that its asker hands to you. The same code again gives the same.

    From then on it is among your own; you write to the helpdesk about it where the asker let you.
    The asker sees that you follow it, and may end that at any time.
    """
    code = parse_code(told.code)
    async with lanes_of(request).trying(CODES, request) as attempt:
        async with rig.service.database.writing() as work:
            case = await use_code(work, rig, code, holder.organisation_id)
        attempt.succeeded = True
    return summary(case, holder.organisation_id)
