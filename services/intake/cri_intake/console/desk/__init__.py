"""The desk: the original beside the new text, what the machine sees in both, and the release."""

from cri_shared.identity.guard import Permitted
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_intake.actions.presence import come_to
from cri_intake.console.desk import leaving, writing
from cri_intake.console.desk.page import Place, show_draft
from cri_intake.rig import InRig

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/questions/{question_id}/desk")
async def desk_page(
    request: Request, staff: Permitted, rig: InRig, question_id: str
) -> HTMLResponse:
    """Where a research question is written."""
    await come_to(rig, question_id, staff)
    return await show_draft(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/preview")
async def preview(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Look at the text as it would leave."""
    return await writing.preview(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/release")
async def release(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Let the text go."""
    return await leaving.release(request, rig, staff, Place(question_id))


@router.post("/questions/{question_id}/desk/send-back")
async def send_back(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Ask for another text."""
    return await leaving.send_back(request, rig, staff, Place(question_id))


_REPLY = "/questions/{question_id}/clarifications/{clarification_id}"


@router.get(_REPLY)
async def reply_page(
    request: Request, staff: Permitted, rig: InRig, question_id: str, clarification_id: str
) -> HTMLResponse:
    """Where the reply to a partner is written."""
    return await show_draft(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/preview")
async def preview_reply(
    request: Request, staff: Permitted, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Look at the reply as it would leave."""
    return await writing.preview(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/release")
async def release_reply(
    request: Request, staff: Permitted, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Let the reply go."""
    return await leaving.release(request, rig, staff, Place(question_id, clarification_id))


@router.post(f"{_REPLY}/send-back")
async def send_reply_back(
    request: Request, staff: Permitted, rig: InRig, question_id: str, clarification_id: str
) -> Response:
    """Ask for another reply."""
    return await leaving.send_back(request, rig, staff, Place(question_id, clarification_id))
