"""What the console's pages share: who may see them, and where they are."""

from cri_shared.identity.guard import Permitted

Editor = Permitted
Withdrawer = Permitted
NO_STORE = {"Cache-Control": "no-store"}


def address(entry_id: str, rest: str = "") -> str:
    """The path of an entry's page in the console."""
    return f"/console/entries/{entry_id}{rest}"
