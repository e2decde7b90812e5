"""Who may do what in this console, and where its pages are."""

from typing import Annotated

from cri_shared.identity.guard import require
from cri_shared.identity.staff import Staff
from fastapi import Depends

Editor = Annotated[Staff, Depends(require("editor"))]
# Whoever hears that an entry does harm may take it back at once.
Withdrawer = Annotated[Staff, Depends(require("editor", "officer", "coordinator", "operator"))]
NO_STORE = {"Cache-Control": "no-store"}


def address(entry_id: str, rest: str = "") -> str:
    """The path of an entry's page in the console."""
    return f"/console/entries/{entry_id}{rest}"
