"""Where a page of a long list ends: a text in an address, after which the next page begins."""

import base64
import datetime as dt

from cri_shared.errors import Invalid
from cri_shared.words import N_


class CursorUnknown(Invalid):
    """The cursor is not one of ours."""

    slug = "cursor-unknown"
    message = N_("This cursor is not valid. Start from the first page.")


def cursor_of(at: dt.date, question_id: str) -> str:
    """The cursor after a question that stands in its list by this day or instant, then its id."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{question_id}".encode()).decode()


def read_instant(cursor: str) -> tuple[dt.datetime, str]:
    """(instant, question_id) of a cursor; raises `CursorUnknown`."""
    at, question_id = _parts(cursor)
    try:
        instant = dt.datetime.fromisoformat(at)
    except ValueError:
        raise CursorUnknown from None
    if instant.tzinfo is None:
        raise CursorUnknown
    return instant, question_id


def read_day(cursor: str) -> tuple[dt.date, str]:
    """(day, question_id) of a cursor; raises `CursorUnknown`."""
    at, question_id = _parts(cursor)
    try:
        return dt.date.fromisoformat(at), question_id
    except ValueError:
        raise CursorUnknown from None


def _parts(cursor: str) -> tuple[str, str]:
    try:
        at, _, question_id = base64.urlsafe_b64decode(cursor).decode().partition("|")
    except ValueError:
        raise CursorUnknown from None
    return at, question_id
