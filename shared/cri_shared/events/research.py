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
    Sensitivity,
    TopicCode,
)
from cri_shared.privacy.classes import C0, C1, C2

SourceKind = Annotated[
    Literal["visit", "phone", "interview", "web", "law", "document", "media", "experience"], C0
]


class Source(Part):
    """One source as the public may see it; who spoke stays with the partner."""

    kind: SourceKind
    label: Annotated[str, Field(min_length=1, max_length=300), C0]
    publisher: Annotated[str | None, C0] = None
    url: Annotated[str | None, C0] = None
    published_on: Annotated[dt.date | None, C0] = None
    consulted_on: Annotated[dt.date, C0]
    primary: Annotated[bool, C0] = True
    quotes: Annotated[int | None, Field(description="index of the source it repeats"), C0] = None


class Account(Part):
    """One partner's version where partners contradict each other."""

    text: Annotated[str, C2]
    language: LanguageTag
    information_date: Annotated[dt.date, C1]


class QuestionDispatched(
    Event, subject="cri.research.question.dispatched.v1", heard_by=("intake",)
):
    """A partner has the question and a due date."""

    research_id: Annotated[str, C1]
    assignment_id: Annotated[str, C1]
    due_on: Annotated[dt.date, C1]


class QuestionReturned(Event, subject="cri.research.question.returned.v1", heard_by=("intake",)):
    """Research sends the question back to the desk."""

    research_id: Annotated[str, C1]
    reason: Annotated[Literal["unsafe_text", "unclear"], C1]


class AssignmentDeclined(
    Event, subject="cri.research.assignment.declined.v1", heard_by=("intake",)
):
    """A partner cannot take this question; research looks for another one."""

    research_id: Annotated[str, C1]
    assignment_id: Annotated[str, C1]
    reason: Annotated[Literal["no_capacity", "not_our_field", "unsafe", "other"], C1]


class AssignmentOverdue(Event, subject="cri.research.assignment.overdue.v1", heard_by=("intake",)):
    """The due date passed without an answer."""

    research_id: Annotated[str, C1]
    assignment_id: Annotated[str, C1]
    due_on: Annotated[dt.date, C1]


class ClarificationAsked(
    Event, subject="cri.research.clarification.asked.v1", heard_by=("intake",)
):
    """A partner needs to know more before it can answer."""

    research_id: Annotated[str, C1]
    clarification_id: Annotated[str, C1]
    text: Annotated[str, Field(min_length=1, max_length=6000), C2]


class AnswerApproved(
    Event, subject="cri.research.answer.approved.v1", heard_by=("intake", "publishing")
):
    """The coordinator approved an answer: intake delivers it, publishing drafts or renews."""

    research_id: Annotated[str, C1]
    entry_id: Annotated[str | None, C1] = None
    question: Annotated[str, Field(min_length=1, max_length=6000), C2]
    question_language: LanguageTag
    country: CountryCode
    region: Annotated[str | None, C1] = None
    topics: Annotated[tuple[TopicCode, ...], Field(min_length=1, max_length=3), C1]
    sensitivity: Sensitivity
    outcome: Outcome
    text: Annotated[str, Field(min_length=1, max_length=20000), C2]
    language: LanguageTag
    information_date: Annotated[dt.date, C1]
    period_from: Annotated[dt.date | None, C1] = None
    period_to: Annotated[dt.date | None, C1] = None
    sources: tuple[Source, ...] = ()
    accounts: tuple[Account, ...] = ()
    tried: Annotated[str | None, C2] = None
    answered_by: Annotated[
        str | None, Field(description="the partner's name where it opted in, else None"), C0
    ] = None
    publishable: Annotated[bool, Field(description="False: the partner forbids it"), C1] = True
    approved_on: Annotated[dt.date, C1]


class QuestionUnanswered(
    Event, subject="cri.research.question.unanswered.v1", heard_by=("intake", "publishing")
):
    """Research ended without an answer, and says why."""

    research_id: Annotated[str, C1]
    entry_id: Annotated[str | None, C1] = None
    reason: Annotated[Literal["no_partner", "refused", "expired"], C1]


class CountryChanged(
    Event,
    subject="cri.research.country.changed.v1",
    heard_by=("intake", "search"),
    about="country",
):
    """Whether a country has a partner who can take questions at present."""

    country: CountryCode
    partner_state: Annotated[Literal["available", "none"], C0]
