"""One step with an entry: done in a transaction, then its page again, or its form to be mended."""

from collections.abc import Awaitable, Callable
from typing import Any

from cri_shared.db import Work
from cri_shared.web.forms import Submitted
from cri_shared.web.pages import see_other
from fastapi import Request
from fastapi.responses import Response

from cri_publishing.actions.hours import AlreadyAsked
from cri_publishing.console.doors import address
from cri_publishing.console.entry import show
from cri_publishing.models import NothingPublished, WorkUnderWay, WrongStep
from cri_publishing.rig import Rig


async def step(
    request: Request,
    rig: Rig,
    entry_id: str,
    do: Callable[[Work], Awaitable[Any]],
    said: str,
    *,
    rest: str = "",
    back: str = "",
) -> Response:
    """Do one thing in a transaction and show the entry again; a second click is told so kindly."""
    try:
        async with rig.service.database.writing() as work:
            await do(work)
    except (WrongStep, NothingPublished, WorkUnderWay, AlreadyAsked) as late:
        return see_other(request, address(entry_id, back), late.message)
    return see_other(request, address(entry_id, rest), said)


async def again(request: Request, rig: Rig, entry_id: str, form: Submitted[Any]) -> Response:
    """The page with what was typed, and what is wrong with it."""
    return await show(request, rig, entry_id, status=422, v=form.values, errors=form.errors)
