"""Intake's tables; a case's methods change its state and may refuse."""

from cri_intake.models.base import Base, messaging
from cri_intake.models.case import Case
from cri_intake.models.danger import Alarm, NoDanger
from cri_intake.models.desk import Clarification, Draft, Reveal, SecondOfficerNeeded
from cri_intake.models.erasures import (
    AnotherMustErase,
    ErasureRequest,
    NobodyAsks,
    ToldErasure,
    Wish,
)
from cri_intake.models.figures import DeskCount, Miss
from cri_intake.models.helpers import Helper, HelperCode, HelperMayNot
from cri_intake.models.imports import Import
from cri_intake.models.members import Member
from cri_intake.models.organisations import (
    ApiKey,
    IdempotencyRecord,
    KeyUse,
    PartnerOrganisation,
)
from cri_intake.models.presence import Viewing
from cri_intake.models.public import (
    CountedForm,
    CountryState,
    HelpedCount,
    KnownEntry,
    KnownVersion,
)
from cri_intake.models.referrals import Referral, ReferralUnknown
from cri_intake.models.refusals import (
    AnswerRatedBefore,
    CasesDiffer,
    KeptLongerBefore,
    NotAnswered,
    NotTriaged,
    NotYours,
    QuestionIsClosed,
    QuestionIsReleased,
)
from cri_intake.models.research import (
    Assignment,
    DeliveryNote,
    Release,
    ResearchQuestion,
    ResearchState,
)
from cri_intake.models.tallies import Tally
from cri_intake.models.thread import AskerSession, Message, Pause
from cri_intake.models.views import SavedView, TooManyViews, ViewNameTaken
from cri_intake.models.webhooks import Notice, Webhook

__all__ = [
    "Alarm",
    "AnotherMustErase",
    "AnswerRatedBefore",
    "ApiKey",
    "AskerSession",
    "Assignment",
    "Base",
    "Case",
    "CasesDiffer",
    "Clarification",
    "CountedForm",
    "CountryState",
    "DeliveryNote",
    "DeskCount",
    "Draft",
    "ErasureRequest",
    "HelpedCount",
    "Helper",
    "HelperCode",
    "HelperMayNot",
    "IdempotencyRecord",
    "Import",
    "KeptLongerBefore",
    "KeyUse",
    "KnownEntry",
    "KnownVersion",
    "Member",
    "Message",
    "Miss",
    "NoDanger",
    "NobodyAsks",
    "NotAnswered",
    "NotTriaged",
    "NotYours",
    "Notice",
    "PartnerOrganisation",
    "Pause",
    "QuestionIsClosed",
    "QuestionIsReleased",
    "Referral",
    "ReferralUnknown",
    "Release",
    "ResearchQuestion",
    "ResearchState",
    "Reveal",
    "SavedView",
    "SecondOfficerNeeded",
    "Tally",
    "ToldErasure",
    "TooManyViews",
    "ViewNameTaken",
    "Viewing",
    "Webhook",
    "Wish",
    "messaging",
]
