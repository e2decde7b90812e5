"""What every event is: a frozen fact with everything its hearers need, known by its subject."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from cri_shared.privacy.classes import C0, C1

SERVICES = ("intake", "research", "publishing", "search", "training")

ResearchId = Annotated[
    str, Field(description="the research question; nobody outside intake knows who asked it"), C1
]
EntryId = Annotated[str, Field(description="the public entry"), C1]
CountryCode = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{2}$",
        examples=["AM"],
        description="the country that it is about, ISO 3166-1",
    ),
    C1,
]
LanguageTag = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$",
        examples=["fa-AF"],
        description="the language it is written in, BCP 47",
    ),
    C1,
]
TopicCode = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z]+$", examples=["health.medication"]), C1]
Topics = Annotated[
    tuple[TopicCode, ...],
    Field(min_length=1, max_length=3, description="what it is about"),
    C1,
]
Region = Annotated[str | None, Field(description="the region, where it is not all the country"), C1]
Outcome = Annotated[
    Literal["found", "partly", "conflicting", "not_found"],
    Field(description="how far the partner got"),
    C0,
]
Sensitivity = Annotated[
    Literal["green", "amber", "red"], Field(description="how carefully it must be handled"), C1
]

SUBJECT = r"cri\.[a-z]+\.[a-z]+\.[a-z]+\.v\d+"  # a regular expression, without its ends
REGISTRY: dict[str, type["Event"]] = {}


class Part(BaseModel):
    """A piece of an event: frozen, and deaf to fields that a newer release added."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Event(Part):
    """A fact that one service publishes; declare it with its subject, hearers and aggregate.

    `about` names the field with the aggregate's id: events about the same one keep their order.
    A class without a subject is a shape that several producers fill, each under its own subject.
    """

    subject: ClassVar[str]
    producer: ClassVar[str]
    heard_by: ClassVar[tuple[str, ...]]
    about: ClassVar[str]

    def __init_subclass__(
        cls,
        *,
        subject: str | None = None,
        heard_by: tuple[str, ...] = (),
        about: str = "research_id",
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if subject is None:
            return
        if subject in REGISTRY:
            raise TypeError(f"event {subject} is declared twice")
        cls.subject, cls.heard_by, cls.about = subject, heard_by, about
        cls.producer = subject.split(".")[1]
        REGISTRY[subject] = cls

    @property
    def aggregate_id(self) -> str:
        """The id of what this event is about."""
        return str(getattr(self, type(self).about))

    @property
    def touches(self) -> tuple[str, ...]:
        """Ids of the other things that this also tells about; their traces lead to this one."""
        return ()


def subjects_heard(consumer: str, producer: str) -> list[str]:
    """The subjects of one producer that one consumer subscribes to, sorted."""
    return sorted(
        s for s, e in REGISTRY.items() if e.producer == producer and consumer in e.heard_by
    )


def producers_heard(consumer: str) -> list[str]:
    """The services whose events a consumer hears."""
    return [p for p in SERVICES if subjects_heard(consumer, p)]
