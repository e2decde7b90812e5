"""Many questions in one request: each row stands alone, and repeating the request repeats none."""

import json
from typing import Annotated, Any

from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C3
from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cri_intake.actions import recording
from cri_intake.api.once import InKey, checked_key, record_or_replay
from cri_intake.queries.organisations import KeyHolder
from cri_intake.rig import InRig, Rig
from cri_intake.submission import Submission

router = APIRouter(prefix="/api/v1")
MAX_ROWS = 500


class Batch(BaseModel):
    """Up to 500 questions; a row that is wrong does not stop the others."""

    model_config = ConfigDict(extra="forbid")

    questions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ROWS), C3]


@router.post("/questions/batch")
async def post_batch(
    rig: InRig,
    holder: InKey,
    batch: Batch,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """A result per row, in order. A row repeated under the same key and number is recorded once."""
    key = checked_key(idempotency_key)
    results = [
        {"row": number} | await _row(rig, holder, row, f"{key}:{number}")
        for number, row in enumerate(batch.questions, 1)
    ]
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
