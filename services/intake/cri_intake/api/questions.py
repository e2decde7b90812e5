"""The API for partner organisations: post questions, read one's own cases and answers."""

from typing import Annotated, Any

from cri_shared.errors import Invalid, NotFound
from cri_shared.privacy.classes import C3
from cri_shared.privacy.receipts import form_fingerprint
from cri_shared.web.openapi import api_router, problems
from cri_shared.web.quick import QuickRoute
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from cri_intake.actions import erasing, recording
from cri_intake.actions.helpers import write_for_organisation
from cri_intake.actions.keys import TooManyQuestions
from cri_intake.api.once import (
    IDEMPOTENT,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    Reader,
    Writer,
    checked_key,
    record_or_replay,
)
from cri_intake.api.shapes import (
    ErasureRequested,
    MessageAdded,
    Question,
    QuestionPage,
    QuestionRecorded,
)
from cri_intake.models import Case, HelperMayNot, QuestionIsClosed, Wish
from cri_intake.queries import askers, research
from cri_intake.queries.cursors import CursorUnknown
from cri_intake.queries.keys import KeyLacksScope, KeyUnknown
from cri_intake.queries.organisations import (
    case_of_organisation,
    cases_of_organisation,
)
from cri_intake.rig import InRig, Rig
from cri_intake.rules import Scope
from cri_intake.submission import Submission

posting = api_router(route_class=QuickRoute)
router = api_router()
REPLAYED = "Idempotent-Replayed"


class NewMessage(BaseModel):
    """A message from the organisation to the helpdesk."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[
        str, Field(min_length=1, max_length=6000, examples=["Het kind is negen jaar oud."]), C3
    ]


@posting.post(
    "/questions",
    status_code=201,
    response_model=QuestionRecorded,
    responses=problems(
        KeyUnknown,
        KeyLacksScope,
        Invalid,
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        TooManyQuestions,
    ),
    openapi_extra=IDEMPOTENT,
)
async def post_question(
    request: Request,
    rig: InRig,
    holder: Writer,
    submission: Submission,
) -> Response:
    """Record a question. The same request again gives the same answer, receipt included."""
    key = checked_key(request)
    mac = recording.body_mac(rig, recording.canonical(await request.json()))
    answer, replayed = await record_or_replay(rig, holder, submission, key, mac)
    headers = {REPLAYED: "true"} if replayed else None
    return Response(answer, 201, media_type="application/json", headers=headers)


@router.get(
    "/questions",
    response_model=QuestionPage,
    responses=problems(KeyUnknown, KeyLacksScope, CursorUnknown),
)
async def list_questions(
    rig: InRig,
    holder: Reader,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> dict[str, Any]:
    """Your own questions, newest first, fifty at a time."""
    async with rig.service.database.reading() as session:
        page, following = await cases_of_organisation(session, holder.organisation_id, cursor)
    return {
        "questions": [summary(case, holder.organisation_id) for case in page],
        "next_cursor": following,
    }


@router.get(
    "/questions/{question_id}",
    response_model=Question,
    responses=problems(KeyUnknown, KeyLacksScope, NotFound),
)
async def get_question(rig: InRig, holder: Reader, question_id: str) -> dict[str, Any]:
    """Where one of your own questions is, what was written, and the answer once there is one.

    Of a question that was handed to you, messages are there where the asker lets you write.
    A key without the scope `answers:read-own` sees that there is an answer, and not what it says.
    """
    async with rig.service.database.reading() as session:
        followed = await case_of_organisation(session, holder.organisation_id, question_id)
        case = followed.case
        thread = await askers.thread_of(session, rig, case) if followed.may != "read" else []
        delivered = await research.delivered_to(session, rig, case)
    messages = [
        {"author": m.author, "text": m.text, "sent_at": m.sent_at.isoformat()} for m in thread
    ]
    answers = Scope.ANSWERS in holder.scopes
    answer = _answer(rig, delivered) if delivered and answers else None
    return summary(case, holder.organisation_id) | {"messages": messages, "answer": answer}


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


@router.post(
    "/questions/{question_id}/messages",
    status_code=201,
    response_model=MessageAdded,
    responses=problems(
        KeyUnknown,
        KeyLacksScope,
        NotFound,
        Invalid,
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        HelperMayNot,
        QuestionIsClosed,
    ),
    openapi_extra=IDEMPOTENT,
)
async def post_message(
    request: Request,
    rig: InRig,
    holder: Writer,
    question_id: str,
    message: NewMessage,
) -> dict[str, str]:
    """Write to the helpdesk about one of your questions, also to answer what it asked.

    The same request again adds nothing, for as long as there is the question.
    """
    sent_as = (holder.organisation_id, question_id, checked_key(request))
    form_id = form_fingerprint(" ".join(sent_as))
    async with rig.service.database.writing() as work:
        followed = await case_of_organisation(work.session, holder.organisation_id, question_id)
        await write_for_organisation(
            work, rig, followed, holder.organisation_id, message.text, form_id=form_id
        )
        if await askers.text_of_form(work.session, rig, followed.case, form_id) != message.text:
            raise IdempotencyKeyReused
    return {"status": followed.case.status}


@router.delete(
    "/questions/{question_id}",
    status_code=202,
    response_model=ErasureRequested,
    responses=problems(KeyUnknown, KeyLacksScope, NotFound, HelperMayNot),
)
async def erase_question(rig: InRig, holder: Writer, question_id: str) -> dict[str, str]:
    """Ask that one of your questions be erased: two officers do it. Asking twice is asking once.

    The asker's own number erases at once.
    """
    async with rig.service.database.writing() as work:
        followed = await case_of_organisation(work.session, holder.organisation_id, question_id)
        followed.must_own()
        await erasing.ask(work, followed.case, Wish.ORGANISATION)
    return {"status": "erasure_requested"}


def summary(case: Case, organisation_id: str) -> dict[str, Any]:
    """Where a question is, as the organisation reads it that follows it."""
    return {
        "question_id": case.question_id,
        "status": case.status,
        "country": case.country,
        "topics": case.topics,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "ending": case.ending,
        "received_at": case.received_at.isoformat(),
        "changed_at": case.changed_at.isoformat(),
        "handed_over": case.organisation_id != organisation_id,
    }
