"""Many questions in one request: each row stands alone, and repeating the request repeats none."""

import json
from typing import Annotated, Any

from cri_shared.errors import Invalid, Refusal
from cri_shared.privacy.classes import C3
from cri_shared.web.openapi import SCHEMAS, api_router, problems
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cri_intake.actions import recording
from cri_intake.actions.imports import Course
from cri_intake.api.once import (
    IDEMPOTENT,
    IdempotencyKeyMissing,
    Writer,
    checked_key,
    record_or_replay,
)
from cri_intake.api.shapes import BatchResults
from cri_intake.queries.keys import KeyHolder, KeyLacksScope, KeyUnknown
from cri_intake.rig import InRig, Rig
from cri_intake.submission import Submission

router = api_router()
MAX_ROWS = 500


class Batch(BaseModel):
    """Up to 500 questions; a row that is wrong does not stop the others."""

    model_config = ConfigDict(extra="forbid")

    questions: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MAX_ROWS,
            description="each as you would send it alone",
            json_schema_extra={"items": {"$ref": f"{SCHEMAS}Submission"}},
        ),
        C3,
    ]


@router.post(
    "/questions/batch",
    response_model=BatchResults,
    response_model_exclude_unset=True,
    responses=problems(KeyUnknown, KeyLacksScope, Invalid, IdempotencyKeyMissing),
    openapi_extra=IDEMPOTENT,
)
async def post_batch(
    request: Request,
    rig: InRig,
    holder: Writer,
    batch: Batch,
) -> dict[str, Any]:
    """Record up to 500 questions; rows have a limit per day of their own.

    The answer is 200 with a result per row, in order: a row that is wrong does not stop the others.
    People of your organisation see at `/console/ours` how far it is.
    A row is known by the `Idempotency-Key` and its number, so send the whole batch again, in the
    same order, when no answer came, or with some rows mended.
    """
    key = checked_key(request)
    course = Course(rig, holder.organisation_id, key, len(batch.questions))
    await course.begin()
    results = []
    for number, row in enumerate(batch.questions, 1):
        result = await _row(rig, holder, row, f"{key}:{number}")
        results.append({"row": number} | result)
        await course.row(recorded=result["status"] == 201)
    return {"results": results}


async def _row(rig: Rig, holder: KeyHolder, row: dict[str, Any], key: str) -> dict[str, Any]:
    mac = recording.body_mac(rig, recording.canonical(row))
    try:
        submission = Submission.model_validate(row)
        answer, replayed = await record_or_replay(rig, holder, submission, key, mac, in_batch=True)
    except ValidationError as wrong:
        errors = [
            {"pointer": "/" + "/".join(map(str, error["loc"])), "message": error["msg"]}
            for error in wrong.errors(include_input=False, include_url=False)
        ]
        return {"status": 422, "type": "invalid", "errors": errors}
    except Refusal as refusal:
        return {"status": refusal.status, "type": refusal.slug, "detail": refusal.message}
    return {"status": 201, "replayed": replayed, "question": json.loads(answer)}
