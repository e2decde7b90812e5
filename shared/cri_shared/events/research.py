"""Events that research publishes: the course of a research question and its approved answer."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import (
    CountryCode,
    Event,
    LanguageTag,
    Outcome,
    Part,
    Region,
    ResearchId,
    Sensitivity,
    Topics,
)
from cri_shared.privacy.classes import C0, C1, C2

SourceKind = Annotated[
    Literal["visit", "phone", "interview", "web", "law", "document", "media", "experience"],
    Field(description="how it was found out"),
    C0,
]
RenewedEntry = Annotated[
    str | None, Field(description="the entry that was asked about anew, for a refresh"), C1
]
AssignmentId = Annotated[str, Field(description="the question as sent to one partner"), C1]


class Source(Part):
    """One source as the public may see it; who spoke stays with the partner."""

    kind: SourceKind
    label: Annotated[
        str, Field(min_length=1, max_length=300, description="what readers see of it"), C0
    ]
    publisher: Annotated[str | None, Field(description="who published it, if anybody"), C0] = None
    url: Annotated[str | None, Field(description="where it can be read"), C0] = None
    published_on: Annotated[dt.date | None, Field(description="the day it came out"), C0] = None
    consulted_on: Annotated[dt.date, Field(description="the day the partner used it"), C0]
    primary: Annotated[bool, Field(description="False: it tells what another source said"), C0] = (
        True
    )
    quotes: Annotated[int | None, Field(description="index of the source it repeats"), C0] = None


class Account(Part):
    """One partner's version where partners contradict each other."""

    text: Annotated[str, Field(description="what this partner found"), C2]
    language: LanguageTag
    information_date: Annotated[dt.date, Field(description="the day on which it was true"), C1]


class QuestionDispatched(
    Event, subject="cri.research.question.dispatched.v1", heard_by=("intake",)
):
    """A partner has the question and a due date."""

    research_id: ResearchId
    assignment_id: AssignmentId
    due_on: Annotated[dt.date, Field(description="the day the partner must answer by"), C1]


class QuestionReturned(Event, subject="cri.research.question.returned.v1", heard_by=("intake",)):
    """Research sends the question back to the desk."""

    research_id: ResearchId
    reason: Annotated[
        Literal["unsafe_text", "unclear"], Field(description="what is wrong with the text"), C1
    ]


class AssignmentDeclined(
    Event, subject="cri.research.assignment.declined.v1", heard_by=("intake",)
):
    """A partner cannot take this question; research looks for another one."""

    research_id: ResearchId
    assignment_id: AssignmentId
    reason: Annotated[
        Literal["no_capacity", "not_our_field", "unsafe", "other"],
        Field(description="what the partner chose"),
        C1,
    ]


class AssignmentOverdue(Event, subject="cri.research.assignment.overdue.v1", heard_by=("intake",)):
    """The due date passed without an answer."""

    research_id: ResearchId
    assignment_id: AssignmentId
    due_on: Annotated[dt.date, Field(description="the day the partner must answer by"), C1]


class ClarificationAsked(
    Event, subject="cri.research.clarification.asked.v1", heard_by=("intake",)
):
    """A partner needs to know more before it can answer."""

    research_id: ResearchId
    clarification_id: Annotated[str, Field(description="new; the reply names it"), C1]
    text: Annotated[
        str, Field(min_length=1, max_length=6000, description="what the partner asks"), C2
    ]


class AnswerApproved(
    Event, subject="cri.research.answer.approved.v1", heard_by=("intake", "publishing")
):
    """The coordinator approved an answer: intake delivers it, publishing drafts or renews."""

    research_id: ResearchId
    entry_id: RenewedEntry = None
    question: Annotated[
        str, Field(min_length=1, max_length=6000, description="the research question"), C2
    ]
    question_language: Annotated[LanguageTag, Field(description="the question's language, BCP 47")]
    country: CountryCode
    region: Region = None
    topics: Topics
    sensitivity: Sensitivity
    outcome: Outcome
    text: Annotated[str, Field(min_length=1, max_length=20000, description="the answer"), C2]
    language: LanguageTag
    information_date: Annotated[dt.date, Field(description="the day on which it was true"), C1]
    period_from: Annotated[dt.date | None, Field(description="true from this day on"), C1] = None
    period_to: Annotated[dt.date | None, Field(description="true until this day"), C1] = None
    sources: Annotated[tuple[Source, ...], Field(description="what the answer rests on")] = ()
    accounts: Annotated[
        tuple[Account, ...], Field(description="the versions, where the outcome is conflicting")
    ] = ()
    tried: Annotated[
        str | None, Field(description="where the partner looked, where it found nothing"), C2
    ] = None
    answered_by: Annotated[
        str | None, Field(description="the partner's name where it opted in, else None"), C0
    ] = None
    publishable: Annotated[bool, Field(description="False: the partner forbids it"), C1] = True
    approved_on: Annotated[dt.date, Field(description="the day of approval"), C1]


class QuestionUnanswered(
    Event, subject="cri.research.question.unanswered.v1", heard_by=("intake", "publishing")
):
    """Research ended without an answer, and says why."""

    research_id: ResearchId
    entry_id: RenewedEntry = None
    reason: Annotated[
        Literal["no_partner", "refused", "expired"], Field(description="why it ended"), C1
    ]


class CountryChanged(
    Event,
    subject="cri.research.country.changed.v1",
    heard_by=("intake", "search"),
    about="country",
):
    """Whether a country has a partner who can take questions at present."""

    country: Annotated[CountryCode, C0]
    partner_state: Annotated[
        Literal["available", "none"], Field(description="whether anybody can take a question"), C0
    ]
