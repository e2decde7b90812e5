"""Events that intake publishes: released research questions, never what an asker wrote."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import (
    CountryCode,
    Event,
    LanguageTag,
    Region,
    ResearchId,
    Sensitivity,
    Topics,
)
from cri_shared.privacy.classes import C1, C2

Urgency = Annotated[
    Literal["normal", "soon", "urgent"], Field(description="how soon the asker needs it"), C1
]


class QuestionCleared(Event, subject="cri.intake.question.cleared.v1", heard_by=("research",)):
    """A person at the desk released a research question; only this text ever leaves intake."""

    research_id: ResearchId
    text: Annotated[
        str, Field(min_length=1, max_length=6000, description="written anew at the desk"), C2
    ]
    language: LanguageTag
    country: CountryCode
    region: Region = None
    topics: Topics
    needed_by: Annotated[
        dt.date | None, Field(description="the day after which it is of no use to the asker"), C1
    ] = None
    urgency: Urgency = "normal"
    sensitivity: Sensitivity = "green"


class QuestionWithdrawn(
    Event, subject="cri.intake.question.withdrawn.v1", heard_by=("research", "publishing")
):
    """The last linked asker no longer wants an answer."""

    research_id: ResearchId


class QuestionErased(
    Event, subject="cri.intake.question.erased.v1", heard_by=("research", "publishing")
):
    """The last linked asker erased the question: what is not public goes everywhere."""

    research_id: ResearchId


class ClarificationGiven(
    Event, subject="cri.intake.clarification.given.v1", heard_by=("research",)
):
    """What the helpdesk released in reply to a partner's question."""

    research_id: ResearchId
    clarification_id: Annotated[
        str, Field(description="the one of ClarificationAsked that this replies to"), C1
    ]
    text: Annotated[
        str, Field(min_length=1, max_length=6000, description="written anew at the desk"), C2
    ]


class AnswerDelivered(
    Event, subject="cri.intake.answer.delivered.v1", heard_by=("research", "publishing")
):
    """The answer lies behind the receipt of every linked asker."""

    research_id: ResearchId
    delivered_on: Annotated[dt.date, Field(description="the day of delivery"), C1]


class AnswerRated(Event, subject="cri.intake.answer.rated.v1", heard_by=("research", "publishing")):
    """One asker said whether the answer was useful."""

    research_id: ResearchId
    useful: Annotated[Literal["yes", "partly", "no"], Field(description="what the asker chose"), C1]
