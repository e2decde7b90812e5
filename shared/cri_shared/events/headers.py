"""The headers of an event's message on NATS: CloudEvents 1.0 attributes, and what counts events."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from cri_shared.events.base import SUBJECT
from cri_shared.privacy.classes import C1

NUMBER = "cri-seq"
AFTER = "cri-after"
ERASED = "cri-erased"

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_EARLIER = rf"{SUBJECT}=[1-9]\d*"
_ID, _SUBJECT = "019cdf1c-2d40-7c3e-8a51-0f6d2b9e4a10", "cri.publishing.entry.revised.v1"
_ONE_LINE = r"^[^\r\n]+$"


def _without_defaults(schema: dict[str, Any]) -> None:
    """A header is there or not; it is never null."""
    for one in schema["properties"].values():
        one.pop("default", None)


class Envelope(BaseModel):
    """What a producer writes with an event, in the transaction that caused it."""

    model_config = ConfigDict(
        frozen=True, populate_by_name=True, json_schema_extra=_without_defaults
    )

    specversion: Annotated[
        Literal["1.0"], Field(alias="ce-specversion", description="version of CloudEvents"), C1
    ]
    id: Annotated[
        str,
        Field(
            alias="ce-id",
            pattern=f"^{_UUID}$",
            examples=[_ID],
            description="a new uuid7; the inbox knows it",
        ),
        C1,
    ]
    source: Annotated[
        str,
        Field(
            alias="ce-source",
            pattern="^/cri/[a-z]+$",
            examples=["/cri/intake"],
            description="who publishes it",
        ),
        C1,
    ]
    type: Annotated[
        str,
        Field(
            alias="ce-type", pattern=f"^{SUBJECT}$", examples=[_SUBJECT], description="the subject"
        ),
        C1,
    ]
    subject: Annotated[
        str,
        Field(
            alias="ce-subject",
            pattern=_ONE_LINE,
            examples=["e-1"],
            description="id of what it is about",
        ),
        C1,
    ]
    time: Annotated[
        str,
        Field(
            alias="ce-time",
            json_schema_extra={"format": "date-time"},
            description="when it happened, UTC",
        ),
        C1,
    ]
    content_type: Annotated[
        Literal["application/json"], Field(alias="content-type", description="of the body"), C1
    ]
    correlation: Annotated[
        str,
        Field(
            alias="correlation_id", pattern=_ONE_LINE, examples=["e-1"], description="as ce-subject"
        ),
        C1,
    ]
    traceparent: Annotated[
        str,
        Field(
            pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
            examples=[f"00-{'5e1c2f0a' * 4}-a1b2c3d4e5f60718-01"],
            description="W3C trace context; the trace is named after ce-subject",
        ),
        C1,
    ]
    message: Annotated[
        str,
        Field(
            alias="Nats-Msg-Id",
            pattern=rf"^{_UUID}(\.[1-9]\d*)?$",
            examples=[f"{_ID}.1"],
            description="ce-id; with `.n` the n-th copy that was asked for",
        ),
        C1,
    ]
    sequence: Annotated[
        Annotated[str, Field(pattern=r"^\d+$", examples=["1"])] | SkipJsonSchema[None],
        Field(alias="ce-sequence", description="version of what it is about, where that has one"),
        C1,
    ] = None


class Headers(Envelope):
    """What a hearer gets: the envelope, and what the producer's relay adds."""

    number: Annotated[
        str,
        Field(
            alias=NUMBER,
            pattern=r"^[1-9]\d*$",
            examples=["42"],
            description="number of the event under its subject, from 1, without gaps",
        ),
        C1,
    ]
    after: Annotated[
        Annotated[str, Field(pattern=f"^{_EARLIER}( {_EARLIER})*$", examples=[f"{_SUBJECT}=41"])]
        | SkipJsonSchema[None],
        Field(
            alias=AFTER,
            description="`subject=number` of the last events about the same thing before this one",
        ),
        C1,
    ] = None
    erased: Annotated[
        Literal["1"] | SkipJsonSchema[None],
        Field(
            alias=ERASED,
            description="the event is gone: its number remains, about itself, with no body",
        ),
        C1,
    ] = None
