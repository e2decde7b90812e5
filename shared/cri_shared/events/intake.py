"""Events that intake publishes: released research questions, never what an asker wrote."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import CountryCode, Event, LanguageTag, Sensitivity, TopicCode
from cri_shared.privacy.classes import C1, C2

Urgency = Annotated[Literal["normal", "soon", "urgent"], C1]


class QuestionCleared(Event, subject="cri.intake.question.cleared.v1", heard_by=("research",)):
    """A person at the desk released a research question; only this text ever leaves intake."""

    research_id: Annotated[str, C1]
    text: Annotated[str, Field(min_length=1, max_length=6000), C2]
    language: LanguageTag
    country: CountryCode
    region: Annotated[str | None, C1] = None
    topics: Annotated[tuple[TopicCode, ...], Field(min_length=1, max_length=3), C1]
    needed_by: Annotated[dt.date | None, C1] = None
    urgency: Urgency = "normal"
    sensitivity: Sensitivity = "green"


class QuestionWithdrawn(
    Event, subject="cri.intake.question.withdrawn.v1", heard_by=("research", "publishing")
):
    """The last linked asker no longer wants an answer."""

    research_id: Annotated[str, C1]


class ClarificationGiven(
    Event, subject="cri.intake.clarification.given.v1", heard_by=("research",)
):
    """What the helpdesk released in reply to a partner's question."""

    research_id: Annotated[str, C1]
    clarification_id: Annotated[str, C1]
    text: Annotated[str, Field(min_length=1, max_length=6000), C2]


class AnswerDelivered(
    Event, subject="cri.intake.answer.delivered.v1", heard_by=("research", "publishing")
):
    """The answer lies behind the receipt of every linked asker."""

    research_id: Annotated[str, C1]
    delivered_on: Annotated[dt.date, C1]


class AnswerRated(Event, subject="cri.intake.answer.rated.v1", heard_by=("research", "publishing")):
    """One asker said whether the answer was useful."""

    research_id: Annotated[str, C1]
    useful: Annotated[Literal["yes", "partly", "no"], C1]
