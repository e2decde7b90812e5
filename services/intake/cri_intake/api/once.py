"""Whose key a request carries, and how a repeated request records a question once."""

import json
import re
from typing import Annotated, Any

from cri_shared import clock
from cri_shared.errors import Kind, Refusal
from cri_shared.places.languages import PUBLIC_LANGUAGES
from cri_shared.privacy.receipts import format_receipt
from cri_shared.words import N_
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import IntegrityError

from cri_intake.actions import recording
from cri_intake.actions.keys import count_use, note_use
from cri_intake.queries import keys, organisations
from cri_intake.queries.keys import KeyHolder
from cri_intake.rig import InRig, Rig
from cri_intake.rules import Scope, Status
from cri_intake.submission import Submission

_KEY_PATTERN = r"^[A-Za-z0-9_-]{16,64}$"
# FastAPI would say that the header may be left out: it may not, but we say it in our own words.
IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "your own name for this request: the same when you send it again",
            "schema": {"type": "string", "pattern": _KEY_PATTERN},
            "example": "5f0c2a1e-7d43-4b7e-9a0e-2f6d1c8b9e34",
        }
    ]
}
_bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey")


class IdempotencyKeyReused(Refusal):
    """The key was used for something else."""

    kind = Kind.INVALID
    slug = "idempotency-key-reused"
    message = N_("This Idempotency-Key was used for something else. Use a new one.")


class IdempotencyKeyMissing(Refusal):
    """Without a key a repeated request would be a second question."""

    kind = Kind.INVALID
    slug = "idempotency-key-missing"
    message = N_("Send an Idempotency-Key of 16 to 64 letters, digits, - or _.")


async def holder_of_key(
    request: Request,
    rig: InRig,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> KeyHolder:
    """The organisation whose key came with the request; raises `KeyUnknown`."""
    if given is None:
        raise keys.KeyUnknown
    address = request.client.host if request.client else ""
    holder = await keys.holder_of_key(rig.service.database, given.credentials, address)
    if holder.last_used_on != clock.today():
        async with rig.service.database.writing() as work:
            await note_use(work, holder)
    return holder


InKey = Annotated[KeyHolder, Depends(holder_of_key)]


async def writer(holder: InKey) -> KeyHolder:
    """An organisation that may post; raises `KeyLacksScope`."""
    holder.must(Scope.WRITE)
    return holder


async def reader(holder: InKey) -> KeyHolder:
    """An organisation that may read what became of its questions; raises `KeyLacksScope`."""
    holder.must(Scope.CASES)
    return holder


Writer = Annotated[KeyHolder, Depends(writer)]
Reader = Annotated[KeyHolder, Depends(reader)]


def checked_key(request: Request) -> str:
    """The request's idempotency key; raises `IdempotencyKeyMissing`."""
    sent = request.headers.get("Idempotency-Key", "")
    if not re.match(_KEY_PATTERN, sent):
        raise IdempotencyKeyMissing
    return sent


async def record_or_replay(
    rig: Rig,
    holder: KeyHolder,
    submission: Submission,
    key: str,
    mac: bytes,
    *,
    in_batch: bool = False,
) -> tuple[str, bool]:
    """(answer, whether it is a repeated one) of a request to record a question.

    Raises `IdempotencyKeyReused`, and `TooManyQuestions` for a new one beyond the key's limits.
    """
    async with rig.after_the_first((holder.organisation_id, key)):
        again = await _replayed(rig, holder.organisation_id, key, mac)
        if again is not None:
            return again, True
        try:
            async with rig.service.database.for_programs():
                return await _record(rig, holder, submission, key, mac, in_batch=in_batch), False
        except IntegrityError:  # the same request won the race: it is its answer that counts
            again = await _replayed(rig, holder.organisation_id, key, mac)
            if again is None:
                raise
            return again, True


async def _record(
    rig: Rig, holder: KeyHolder, submission: Submission, key: str, mac: bytes, *, in_batch: bool
) -> str:
    async with (
        rig.new_owner("case") as (question_id, case_key),
        rig.service.database.writing() as work,
    ):
        recorded = await recording.record_question(
            work,
            rig,
            submission,
            key=case_key,
            question_id=question_id,
            channel="api",
            organisation_id=holder.organisation_id,
        )
        answer = json.dumps(_answer(rig, recorded, submission.language))
        await recording.remember_response(
            work,
            holder.organisation_id,
            question_id,
            key=case_key,
            idempotency_key=key,
            mac=mac,
            response=answer,
        )
        # Last, for who counts holds up all others of this key until the end of the transaction.
        await count_use(work, rig, holder.key_id, in_batch=in_batch)
    return answer


async def _replayed(rig: Rig, organisation_id: str, key: str, mac: bytes) -> str | None:
    record = await organisations.remembered(rig.service.database, organisation_id, key)
    if record is None:
        return None
    if record.body_mac != mac:
        raise IdempotencyKeyReused
    return await organisations.response_of(rig, record)


def _answer(rig: Rig, recorded: recording.Recorded, language: str) -> dict[str, Any]:
    page_language = language if language in PUBLIC_LANGUAGES else "en"
    return {
        "question_id": recorded.question_id,
        "receipt": format_receipt(recorded.receipt),
        "status": Status.RECEIVED,
        "received_at": recorded.received_at.isoformat(),
        "follow_url": f"{rig.settings.public_url}/{page_language}/follow",
    }
