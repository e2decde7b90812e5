"""The list of entries by what is to be done with them."""

from typing import Annotated

from cri_shared.web.pages import render
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from cri_publishing.console.doors import NO_STORE, Editor
from cri_publishing.models import Question
from cri_publishing.queries import lists
from cri_publishing.rig import InRig

router = APIRouter()


@router.get("")
async def entries(
    request: Request,
    rig: InRig,
    staff: Editor,
    view: str = "draft",
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> HTMLResponse:
    """One view with its count and the counts of the others."""
    if view not in lists.VIEWS:
        view = "draft"
    async with rig.service.database.reading() as session:
        counts = await lists.counts(session)
        rows: list[lists.Row] = []
        questions: list[Question] = []
        if view == "withheld":
            questions, following = await lists.withheld(session, after)
        else:
            rows, following = await lists.page_of(session, rig, view, after)
    return render(
        request,
        "entries.html",
        view=view,
        views=lists.VIEWS,
        counts=counts,
        rows=rows,
        questions=questions,
        following=following,
        headers=NO_STORE,
    )
