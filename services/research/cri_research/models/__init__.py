"""Research's tables; their methods change state and may refuse."""

from cri_research.models.answers import Draft, SubmittedAnswer
from cri_research.models.assignments import (
    Assignment,
    AssignmentIsClosed,
    Coming,
    NotAnsweredYet,
    NothingLeaves,
)
from cri_research.models.base import Base, messaging
from cri_research.models.board import OF_BOARD
from cri_research.models.gaps import MissedSearch, PublicEntry, RaisedObstacle
from cri_research.models.links import PartnerSession, SecretLink
from cri_research.models.partners import CountryState, Partner
from cri_research.models.questions import (
    Clarification,
    EarlyWithdrawal,
    PartnerCannotTakeIt,
    Question,
    QuestionIsClosed,
    Remark,
)

__all__ = [
    "OF_BOARD",
    "Assignment",
    "AssignmentIsClosed",
    "Base",
    "Clarification",
    "Coming",
    "CountryState",
    "Draft",
    "EarlyWithdrawal",
    "MissedSearch",
    "NotAnsweredYet",
    "NothingLeaves",
    "Partner",
    "PartnerCannotTakeIt",
    "PartnerSession",
    "PublicEntry",
    "Question",
    "QuestionIsClosed",
    "RaisedObstacle",
    "Remark",
    "SecretLink",
    "SubmittedAnswer",
    "messaging",
]
