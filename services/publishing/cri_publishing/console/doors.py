"""What the console's pages share: where they are, and that no browser keeps them."""

NO_STORE = {"Cache-Control": "no-store"}


def address(entry_id: str, rest: str = "") -> str:
    """The path of an entry's page in the console."""
    return f"/console/entries/{entry_id}{rest}"
