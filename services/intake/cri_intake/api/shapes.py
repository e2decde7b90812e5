"""What the API answers: the shapes, for our own checks and for those who read its description."""

from typing import Annotated, Any, Literal

from cri_shared.events.base import Outcome
from cri_shared.events.research import Account, Source
from cri_shared.privacy.classes import C0, C1, C2, C3, K
from pydantic import BaseModel, ConfigDict, Field

from cri_intake.rules import Status

ID = "0d6c7a52-3c0e-4c0c-9a53-1d3b1f7c2a10"
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}), C1]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}), C1]
QuestionId = Annotated[str, Field(description="by which you ask for it again", examples=[ID]), C1]
CurrentStatus = Annotated[Status, Field(description="where the question is"), C1]


class QuestionRecorded(BaseModel):
    """A question that is safe with us."""

    question_id: QuestionId
    receipt: Annotated[
        str,
        Field(
            description="the asker's secret number: 18 digits, give it to nobody else",
            examples=["482 019 377 564 128 936"],
        ),
        K,
    ]
    status: CurrentStatus
    received_at: Moment
    follow_url: Annotated[
        str,
        Field(
            description="where the asker types the number",
            examples=["https://ask.cri.example/nl/follow"],
        ),
        C0,
    ]


class QuestionSummary(BaseModel):
    """Where one of your questions is."""

    question_id: QuestionId
    status: CurrentStatus
    country: Annotated[str, Field(examples=["AM"]), C1]
    topics: Annotated[list[str], Field(examples=[["health.medication"]]), C1]
    due_on: Annotated[Day | None, Field(description="when the partner should have answered"), C1]
    ending: Annotated[str | None, Field(description="why it ended without an answer"), C1]
    received_at: Moment
    changed_at: Moment
    handed_over: Annotated[bool, Field(description="its asker let you follow it"), C1]


class ErasureRequested(BaseModel):
    """Two officers will erase it."""

    status: Annotated[Literal["erasure_requested"], Field(description="what comes next"), C1]


class QuestionPage(BaseModel):
    """Fifty of your questions, newest first."""

    questions: list[QuestionSummary]
    next_cursor: Annotated[
        str | None, Field(description="send it as `cursor` for the next page; null on the last"), C1
    ]


class ThreadMessage(BaseModel):
    """One message between the asker's side and the helpdesk."""

    author: Annotated[
        Literal["asker", "helper", "helpdesk"],
        Field(description="asker: you, or who handed it to you; helper: an organisation, then you"),
        C1,
    ]
    text: Annotated[str, Field(examples=["Het kind is negen jaar oud."]), C3]
    sent_at: Moment


class Note(BaseModel):
    """A translation of the answer, or a word beside it."""

    kind: Annotated[Literal["translation", "cover"], C1]
    language: Annotated[str, Field(examples=["nl"]), C1]
    text: Annotated[str, Field(examples=["Ja, ze is gratis met een attest."]), C3]


class Answer(BaseModel):
    """The answer, once it is delivered."""

    outcome: Outcome
    text: Annotated[str, Field(examples=["Yes. It is free of charge with a certificate."]), C2]
    language: Annotated[str, Field(description="the language of `text`", examples=["en"]), C1]
    information_date: Annotated[Day, Field(description="the day on which it was true"), C1]
    period_from: Annotated[Day | None, C1]
    period_to: Annotated[Day | None, C1]
    sources: Annotated[list[Source], Field(description="what the answer rests on")]
    accounts: Annotated[
        list[Account], Field(description="each version, where the outcome is conflicting")
    ]
    tried: Annotated[str | None, Field(description="where was looked, if nothing was found"), C2]
    answered_by: Annotated[
        str | None, Field(description="the partner, if it wants to be named"), C0
    ]
    note: Note | None
    entry_url: Annotated[str | None, Field(description="the public entry made from it"), C0]
    changed_at: Annotated[Moment | None, Field(description="when that entry last changed"), C0]


class Question(QuestionSummary):
    """One of your questions, with its thread and its answer."""

    messages: list[ThreadMessage]
    answer: Annotated[Answer | None, Field(description="null until it is delivered")]


class MessageAdded(BaseModel):
    """The question after your message."""

    status: CurrentStatus


_ROWS: list[Any] = [
    {
        "row": 1,
        "status": 201,
        "replayed": False,
        "question": {
            "question_id": ID,
            "receipt": "482 019 377 564 128 936",
            "status": "received",
            "received_at": "2026-11-25T10:00:00+00:00",
            "follow_url": "https://ask.cri.example/nl/follow",
        },
    },
    {
        "row": 2,
        "status": 422,
        "type": "invalid",
        "errors": [{"pointer": "/country", "message": "We do not work with this country."}],
    },
]


class RowError(BaseModel):
    """One thing that is wrong with a row."""

    pointer: Annotated[str, Field(examples=["/country"]), C1]
    message: Annotated[str, Field(examples=["We do not work with this country."]), C1]


class RowResult(BaseModel):
    """What became of a row."""

    model_config = ConfigDict(json_schema_extra={"examples": _ROWS})

    row: Annotated[int, Field(description="counted from 1"), C1]
    status: Annotated[int, Field(description="as if the row had come alone", examples=[201]), C1]
    replayed: Annotated[bool, Field(description="it was recorded before"), C1] = False
    question: Annotated[QuestionRecorded | None, Field(description="where status is 201")] = None
    type: Annotated[str | None, Field(description="the code of an error"), C1] = None
    detail: Annotated[str | None, C1] = None
    errors: list[RowError] = []


class BatchResults(BaseModel):
    """A result for each row, in order."""

    results: list[RowResult]


class WebhookOut(BaseModel):
    """Where you are told of changes."""

    webhook_id: Annotated[str, Field(description="by which you take it away", examples=[ID]), C1]
    url: Annotated[str, Field(examples=["https://cases.ngo.example/hooks/cri"]), C1]
    made_at: Moment
    off_at: Annotated[Moment | None, Field(description="when it was switched off"), C1]
    off_why: Annotated[
        Literal["failed", "gone", "operator"] | None,
        Field(description="failed for a day, you answered 410, or the helpdesk did it"),
        C1,
    ]


class WebhookMade(WebhookOut):
    """Your new webhook."""

    secret: Annotated[
        str,
        Field(
            description="signs its messages; keep it, it is not shown again",
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw6k0FvR0b5rM="],
        ),
        K,
    ]


class WebhookRemoved(BaseModel):
    """You are told of nothing more."""

    status: Annotated[Literal["removed"], Field(description="its secret signs nothing more"), C1]


class Delivery(BaseModel):
    """One message to your webhook."""

    message_id: Annotated[str, Field(description="its `webhook-id`", examples=[ID]), C1]
    question_id: Annotated[
        str | None, Field(description="null in a test message", examples=[ID]), C1
    ]
    status: Annotated[Status | Literal["test"], Field(description="what it told"), C1]
    made_at: Moment
    tries: Annotated[int, C1]
    answered: Annotated[int | None, Field(description="the status of your last answer"), C1]
    trouble: Annotated[
        Literal["no-address", "no-connection", "too-slow"] | None,
        Field(description="why there was no answer"),
        C1,
    ]
    delivered_at: Annotated[Moment | None, C1]


class CountryOut(BaseModel):
    """A country that a question may be about."""

    code: Annotated[str, Field(description="ISO 3166-1, two letters", examples=["AM"]), C0]
    names: Annotated[
        dict[str, str], Field(examples=[{"nl": "Armenië", "fr": "Arménie", "en": "Armenia"}]), C0
    ]
    languages: Annotated[list[str], Field(description="spoken there", examples=[["hy"]]), C0]


class TopicOut(BaseModel):
    """A topic, or a group of topics."""

    code: Annotated[str, Field(examples=["health.medication"]), C0]
    group: Annotated[str | None, Field(description="null for a group", examples=["health"]), C0]
    names: Annotated[
        dict[str, str],
        Field(examples=[{"nl": "Medicatie", "fr": "Médicaments", "en": "Medication"}]),
        C0,
    ]
