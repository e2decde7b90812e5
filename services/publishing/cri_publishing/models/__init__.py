"""Publishing's tables; their methods change state and may refuse."""

from cri_publishing.models.base import Base, messaging
from cri_publishing.models.changes import ChangeKind, CountryChange
from cri_publishing.models.entry import (
    Entry,
    EntryStatus,
    NothingPublished,
    NotYourEmbargo,
    RefreshState,
    WithdrawalReason,
    WorkUnderWay,
)
from cri_publishing.models.links import Link, LinkState
from cri_publishing.models.listing import Facts, Listing, RetirementReason
from cri_publishing.models.question import Question, QuestionState, Withholding
from cri_publishing.models.readers import MistakeReport, ReaderCount
from cri_publishing.models.remark import Part, Remark
from cri_publishing.models.version import (
    AuthorMayNotApprove,
    DraftChanged,
    OtherApproverNamed,
    Version,
    VersionState,
    WrongStep,
)
from cri_publishing.models.views import InView, PaceCount, ViewCount

__all__ = [
    "AuthorMayNotApprove",
    "Base",
    "ChangeKind",
    "CountryChange",
    "DraftChanged",
    "Entry",
    "EntryStatus",
    "Facts",
    "InView",
    "Link",
    "LinkState",
    "Listing",
    "MistakeReport",
    "NotYourEmbargo",
    "NothingPublished",
    "OtherApproverNamed",
    "PaceCount",
    "Part",
    "Question",
    "QuestionState",
    "ReaderCount",
    "RefreshState",
    "Remark",
    "RetirementReason",
    "Version",
    "VersionState",
    "ViewCount",
    "WithdrawalReason",
    "Withholding",
    "WorkUnderWay",
    "WrongStep",
    "messaging",
]
