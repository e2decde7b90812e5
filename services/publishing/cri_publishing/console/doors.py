"""What the console's pages share: where they are, and that no browser keeps them."""

from typing import Any

from cri_shared.web.forms import Submitted
from cri_shared.web.pages import render
from fastapi import Request
from fastapi.responses import HTMLResponse

NO_STORE = {"Cache-Control": "no-store"}


def address(entry_id: str, rest: str = "") -> str:
    """The path of an entry's page in the console."""
    return f"/console/entries/{entry_id}{rest}"


def form_page(
    request: Request, template: str, form: Submitted[Any] | None, **about: Any
) -> HTMLResponse:
    """A page with a form: empty, or as it was sent, with what is wrong with it."""
    return render(
        request,
        template,
        status=422 if form else 200,
        v=form.values if form else {},
        errors=form.errors if form else {},
        headers=NO_STORE,
        **about,
    )
