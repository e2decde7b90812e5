"""What the coordinators' routes share: kind words where it was done already."""

from collections.abc import Awaitable, Callable

from cri_shared.db import Work
from cri_shared.errors import Kind, Refusal
from cri_shared.web.pages import see_other
from fastapi import Request
from fastapi.responses import Response

from cri_research.rig import Rig


async def do(
    request: Request, rig: Rig, back: str, said: str, act: Callable[[Work], Awaitable[object]]
) -> Response:
    """Do one thing in one transaction and go back; a conflict (done already) is said there."""
    try:
        async with rig.service.database.writing() as work:
            await act(work)
    except Refusal as refusal:
        if refusal.kind is not Kind.CONFLICT:
            raise
        said = refusal.message
    return see_other(request, back, said)
