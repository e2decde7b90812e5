"""The indexes by which coordinators find what there is to do, however much is open and was done."""

from cri_shared.db.some import index_of_some
from sqlalchemy import Index

from cri_research.models.questions import Question
from cri_research.rules.states import CLOSED, WORKABLE, Status, listed

OPEN = f"questions.status IN ({listed(WORKABLE)})"
# Not `IN`: beside one status, SQLite would look into an index for each of them, and sort.
UNDONE = f"questions.status NOT IN ({listed({Status.APPROVED, *CLOSED})})"
OWED = "questions.owed_by IS NOT NULL"  # never when it is closed
APPROVED = f"questions.status = '{Status.APPROVED}'"
ENDED = f"questions.status IN ({listed(CLOSED)})"
EVERY = (UNDONE, APPROVED, ENDED)  # each question is in one of them

_NEWEST = (Question.received_at.desc(), Question.research_id.desc())
FIRST_DUE = (Question.next_due, *_NEWEST)  # the order of what is open


def _of(name: str, where: str, *columns: object) -> tuple[Index, Index]:
    """The index of a view, by kind of question, and that of one country in it."""
    by_kind = (Question.renews, *columns)
    return (
        index_of_some(f"ix_questions_{name}", where, *by_kind),
        index_of_some(f"ix_questions_country_{name}", where, Question.country, *by_kind),
    )


OF_BOARD = (
    *_of("open", OPEN, *FIRST_DUE),
    *_of("undone", UNDONE, Question.status, *FIRST_DUE),
    # What is late was due first of all; that partners do not wait for the desk is seen there, too.
    *_of("owed", OWED, *FIRST_DUE, Question.owed_by),
    *_of("approved", APPROVED, Question.received_at, Question.research_id),
    *_of("ended", ENDED, Question.received_at, Question.research_id),
)
