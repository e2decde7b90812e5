"""The API for partner organisations: post questions, read one's own cases and answers."""

import base64
import datetime as dt
import json
import re
from typing import Annotated, Any

from cri_shared.db import new_id
from cri_shared.errors import Invalid, Kind, Refusal
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.classes import C3
from cri_shared.privacy.receipts import format_receipt
from cri_shared.words import N_
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError

from cri_intake.actions import recording
from cri_intake.actions.thread import add_message
from cri_intake.models import Case
from cri_intake.queries import askers, organisations, research
from cri_intake.rig import InRig, Rig
from cri_intake.submission import Submission

router = APIRouter(prefix="/api/v1")
REPLAYED = "Idempotent-Replayed"
_KEY_PATTERN = r"^[A-Za-z0-9_-]{16,64}$"


class IdempotencyKeyReused(Refusal):
    """The key was used for another question."""

    kind = Kind.INVALID
    slug = "idempotency-key-reused"
    message = N_("This Idempotency-Key was used for another question. Use a new one.")


class IdempotencyKeyMissing(Refusal):
    """Without a key a repeated request would be a second question."""

    kind = Kind.INVALID
    slug = "idempotency-key-missing"
    message = N_("Send an Idempotency-Key of 16 to 64 letters, digits, - or _.")


class NewMessage(BaseModel):
    """A message from the organisation to the helpdesk."""

    text: Annotated[str, Field(min_length=1, max_length=6000), C3]


async def organisation(rig: InRig, authorization: Annotated[str | None, Header()] = None) -> str:
    """The organisation whose key came with the request; raises `KeyUnknown`."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise organisations.KeyUnknown
    async with rig.service.database.reading() as session:
        return (await organisations.holder_of_key(session, key)).organisation_id


Organisation = Annotated[str, Depends(organisation)]


@router.post("/questions", status_code=201)
async def post_question(
    request: Request,
    rig: InRig,
    organisation_id: Organisation,
    submission: Submission,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Record a question. The same request again gives the same answer, receipt included."""
    if not idempotency_key or not re.match(_KEY_PATTERN, idempotency_key):
        raise IdempotencyKeyMissing
    mac = recording.body_mac(rig, recording.canonical(json.loads(await request.body())))
    again = await _replayed(rig, organisation_id, idempotency_key, mac)
    if again is not None:
        return again
    try:
        answer = await _record(rig, organisation_id, submission, idempotency_key, mac)
    except IntegrityError:  # the same request won the race: it is its answer that counts
        again = await _replayed(rig, organisation_id, idempotency_key, mac)
        if again is None:
            raise
        return again
    return Response(answer, 201, media_type="application/json")


async def _record(
    rig: Rig, organisation_id: str, submission: Submission, idempotency_key: str, mac: bytes
) -> str:
    """Record a question with the answer to its request; raises `IntegrityError` for a repeat."""
    question_id = new_id()
    async with rig.new_key("case", question_id) as key, rig.service.database.writing() as work:
        recorded = await recording.record_question(
            work,
            rig,
            submission,
            key=key,
            question_id=question_id,
            channel="api",
            organisation_id=organisation_id,
        )
        answer = json.dumps(_recorded(rig, recorded))
        await recording.remember_response(
            work,
            recorded.case,
            key=key,
            idempotency_key=idempotency_key,
            mac=mac,
            response=answer,
        )
    return answer


async def _replayed(
    rig: Rig, organisation_id: str, idempotency_key: str, mac: bytes
) -> Response | None:
    async with rig.service.database.reading() as session:
        record = await organisations.remembered(session, organisation_id, idempotency_key)
    if record is None:
        return None
    if record.body_mac != mac:
        raise IdempotencyKeyReused
    answer = await organisations.response_of(rig, record)
    return Response(answer, 201, media_type="application/json", headers={REPLAYED: "true"})


def _recorded(rig: Rig, recorded: recording.Recorded) -> dict[str, Any]:
    return {
        "question_id": recorded.case.question_id,
        "receipt": format_receipt(recorded.receipt),
        "status": recorded.case.status,
        "received_at": recorded.case.received_at.isoformat(),
        "follow_url": f"{rig.settings.public_url}/{_page_language(recorded.case)}/follow",
    }


def _page_language(case: Case) -> str:
    return case.language if case.language in INTERFACE_LANGUAGES else "en"


@router.get("/questions")
async def list_questions(
    rig: InRig, organisation_id: Organisation, cursor: Annotated[str | None, Query()] = None
) -> dict[str, Any]:
    """The organisation's own cases, newest first, fifty at a time."""
    async with rig.service.database.reading() as session:
        cases = await organisations.cases_of_organisation(session, organisation_id, _after(cursor))
    page, more = cases[: organisations.PAGE], len(cases) > organisations.PAGE
    return {
        "questions": [_summary(case) for case in page],
        "next_cursor": _cursor(page[-1]) if more else None,
    }


@router.get("/questions/{question_id}")
async def get_question(
    rig: InRig, organisation_id: Organisation, question_id: str
) -> dict[str, Any]:
    """One of the organisation's own cases."""
    async with rig.service.database.reading() as session:
        case = await organisations.case_of_organisation(session, organisation_id, question_id)
        thread = await askers.thread_of(session, rig, case)
        delivered = await research.delivered_to(session, rig, case)
    messages = [
        {"author": m.author, "text": m.text, "sent_at": m.sent_at.isoformat()} for m in thread
    ]
    answer = _answer(rig, delivered) if delivered else None
    return _summary(case) | {"messages": messages, "answer": answer}


def _answer(rig: Rig, delivered: research.Delivered) -> dict[str, Any]:
    """The delivered answer as JSON: what research approved, without its ids."""
    told = delivered.answer.model_dump(
        mode="json",
        include={
            "outcome",
            "text",
            "language",
            "information_date",
            "period_from",
            "period_to",
            "sources",
            "accounts",
            "tried",
            "answered_by",
        },
    )
    note = delivered.note
    slug = delivered.entry_slug
    return told | {
        "note": {"kind": note.kind, "language": note.language, "text": note.text} if note else None,
        "entry_url": f"{rig.settings.search_url}/en/entries/{slug}" if slug else None,
        "changed_at": delivered.entry_changed_at.isoformat()
        if delivered.entry_changed_at
        else None,
    }


@router.post("/questions/{question_id}/messages", status_code=201)
async def post_message(
    rig: InRig, organisation_id: Organisation, question_id: str, message: NewMessage
) -> dict[str, str]:
    """Add something to a case's thread."""
    async with rig.service.database.writing() as work:
        case = await organisations.case_of_organisation(work.session, organisation_id, question_id)
        await add_message(work, rig, case, message.text)
    return {"status": case.status}


@router.get("/countries")
async def countries() -> list[dict[str, Any]]:
    """The countries a question may be about."""
    return [
        {"code": c.code, "names": c.names, "languages": c.languages} for c in COUNTRIES.values()
    ]


@router.get("/topics")
async def topics() -> list[dict[str, Any]]:
    """The topics, with the group each belongs to."""
    return [
        {"code": t.code, "group": t.parent, "names": t.names}
        for t in (*GROUPS.values(), *TOPICS.values())
    ]


def _summary(case: Case) -> dict[str, Any]:
    return {
        "question_id": case.question_id,
        "status": case.status,
        "country": case.country,
        "topics": case.topics,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "ending": case.ending,
        "received_at": case.received_at.isoformat(),
        "changed_at": case.changed_at.isoformat(),
    }


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(
        f"{case.received_at.isoformat()}|{case.question_id}".encode()
    ).decode()


class CursorUnknown(Invalid):
    """The cursor is not one of ours."""

    slug = "cursor-unknown"
    message = N_("This cursor is not valid. Start from the first page.")


def _after(cursor: str | None) -> tuple[dt.datetime, str] | None:
    if cursor is None:
        return None
    try:
        at, _, question_id = base64.urlsafe_b64decode(cursor).decode().partition("|")
        instant = dt.datetime.fromisoformat(at)
    except ValueError:
        raise CursorUnknown from None
    if instant.tzinfo is None:
        raise CursorUnknown
    return instant, question_id
