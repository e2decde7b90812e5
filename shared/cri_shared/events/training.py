"""Events that training publishes: public facts of editions, and counts of what is hard to say."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from cri_shared.events.base import CountryCode, Event, LanguageTag, Part, TopicCode
from cri_shared.privacy.classes import C0, C1

FEWEST = 5  # people that a count tells of

EditionId = Annotated[str, Field(description="one holding of a workshop"), C0]
ObstacleCode = Annotated[
    str, Field(max_length=60, description="the name of an obstacle in the code book"), C1
]
Version = Annotated[
    int, Field(ge=1, description="counts the changes; of two, the higher one is true"), C0
]


class Sitting(Part):
    """One session of an edition."""

    starts_at: Annotated[AwareDatetime, Field(description="when it begins"), C0]
    ends_at: Annotated[AwareDatetime, Field(description="when it ends"), C0]


class EditionFacts(Part):
    """An edition as the programme shows it."""

    edition_id: EditionId
    version: Version
    title: Annotated[str, Field(description="as the programme shows it"), C0]
    language: Annotated[LanguageTag, Field(description="the language it is held in, BCP 47"), C0]
    town: Annotated[str | None, Field(description="where it is held; None: online"), C0] = None
    sittings: Annotated[
        tuple[Sitting, ...], Field(min_length=1, description="in the order of time"), C0
    ]
    places: Annotated[
        Literal["free", "few", "waiting_list"],
        Field(description="what who signs up can expect"),
        C0,
    ]
    takes_sign_ups: Annotated[
        bool, Field(description="whether one can sign up now, be it for the waiting list"), C0
    ] = True
    url: Annotated[str, Field(description="its public page"), C0]


class EditionPublished(
    Event,
    subject="cri.training.edition.published.v1",
    heard_by=("search",),
    about="edition_id",
):
    """People can sign up for an edition."""

    edition_id: EditionId
    edition: EditionFacts


class EditionChanged(
    Event,
    subject="cri.training.edition.changed.v1",
    heard_by=("search",),
    about="edition_id",
):
    """The public facts of an edition changed."""

    edition_id: EditionId
    edition: EditionFacts


class EditionCancelled(
    Event,
    subject="cri.training.edition.cancelled.v1",
    heard_by=("search",),
    about="edition_id",
):
    """An edition will not be held."""

    edition_id: EditionId
    version: Annotated[int, Field(description="the last one of the edition"), C0]


class ObstacleCounted(
    Event, subject="cri.training.obstacle.counted.v1", heard_by=("research",), about="code"
):
    """How many people said, in a quarter, that something makes it hard to talk about return.

    Told once a quarter is over and every text of it is settled, and again where the number changed
    by five or more; never what anybody wrote.
    """

    code: ObstacleCode
    country: Annotated[
        CountryCode | None, Field(description="where it is about one country, ISO 3166-1"), C1
    ] = None
    topic: Annotated[TopicCode | None, Field(description="where it is about one topic"), C1] = None
    period: Annotated[dt.date, Field(description="the first day of the quarter"), C1]
    count: Annotated[int, Field(ge=FEWEST, description="people who said so"), C1]
    replaces: Annotated[
        tuple[ObstacleCode, ...],
        Field(description="codes that were merged into this one: their numbers are part of it"),
        C1,
    ] = ()
