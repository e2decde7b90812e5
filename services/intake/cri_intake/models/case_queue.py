"""The indexes by which officers find what they have to do, however much waits and was done."""

from cri_shared.db.some import index_of_some
from sqlalchemy import Index

from cri_intake.rules import OPEN, Status

_OPEN = "cases.status IN ({})".format(", ".join(f"'{status}'" for status in sorted(OPEN)))
_OURS = "AND cases.held IS false"
_ON_ITS_WAY = f"cases.status IN ('{Status.IN_REVIEW}', '{Status.WITH_PARTNER}')"

WORKING = f"{_OPEN} {_OURS}"  # what somebody looks after
UNREAD = f"cases.status = '{Status.RECEIVED}' {_OURS}"
DONE = _OPEN.replace("IN", "NOT IN", 1)
VIEWS = {  # of the queue, by name: those of which each case tells by itself whether it belongs
    "open": WORKING,
    "new": UNREAD,
    "desk": f"cases.status = '{Status.IN_REVIEW}' {_OURS} AND cases.released_at IS NULL",
    "partner": f"{_ON_ITS_WAY} {_OURS} AND cases.released_at IS NOT NULL"
    " AND cases.answer_waits IS false",
    "clarification": f"cases.status = '{Status.CLARIFICATION_NEEDED}' {_OURS}",
    "deliver": "cases.answer_waits IS true",  # never when it is closed
    "held": f"{_OPEN} AND cases.held IS true",  # too many came in at once
}
DELAYED = f"{WORKING} AND cases.delay IS NOT NULL"
DUE = f"{WORKING} AND cases.due_on IS NOT NULL"


def _of(name: str, where: str, *columns: str) -> Index:
    return index_of_some(f"ix_cases_{name}", where, *columns)


OF_QUEUE = (
    *(_of(view, where, "needed_by", "question_id") for view, where in VIEWS.items()),
    _of("done", DONE, "changed_at", "question_id"),
    _of("country", WORKING, "country", "received_at"),
    # What is late with one thing or another:
    _of("delay", DELAYED, "delay"),
    _of("due_on", DUE, "due_on"),
    _of("read_by", UNREAD, "read_by"),
)
