"""Events that training publishes: public facts about editions of workshops."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import Event, LanguageTag, Part
from cri_shared.privacy.classes import C0


class Sitting(Part):
    """One session of an edition."""

    starts_at: Annotated[dt.datetime, C0]
    ends_at: Annotated[dt.datetime, C0]


class EditionFacts(Part):
    """An edition as the programme shows it."""

    edition_id: Annotated[str, C0]
    version: Annotated[int, Field(ge=1), C0]
    title: Annotated[str, C0]
    language: LanguageTag
    town: Annotated[str | None, Field(description="None: online"), C0] = None
    sittings: Annotated[tuple[Sitting, ...], Field(min_length=1), C0]
    places: Annotated[Literal["free", "few", "waiting_list"], C0]
    url: Annotated[str, C0]


class EditionPublished(
    Event,
    subject="cri.training.edition.published.v1",
    heard_by=("search",),
    about="edition_id",
):
    """People can sign up for an edition."""

    edition_id: Annotated[str, C0]
    edition: EditionFacts


class EditionChanged(
    Event,
    subject="cri.training.edition.changed.v1",
    heard_by=("search",),
    about="edition_id",
):
    """The public facts of an edition changed."""

    edition_id: Annotated[str, C0]
    edition: EditionFacts


class EditionCancelled(
    Event,
    subject="cri.training.edition.cancelled.v1",
    heard_by=("search",),
    about="edition_id",
):
    """An edition will not be held."""

    edition_id: Annotated[str, C0]
    version: Annotated[int, C0]
