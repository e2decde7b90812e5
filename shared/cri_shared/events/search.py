"""Events that search publishes: what readers say, as weekly counts or after the gate."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import CountryCode, EntryId, Event, LanguageTag
from cri_shared.events.publishing import ListingId
from cri_shared.privacy.classes import C1, C2

FEWEST = 5  # people, or searches, that a count tells of

Week = Annotated[dt.date, Field(description="the Monday with which the week began"), C1]
Count = Annotated[int, Field(ge=0), C1]
ReportId = Annotated[str, Field(description="of this report, random"), C1]
MistakeKind = Annotated[
    Literal["wrong", "contact", "unclear", "harm"],
    Field(description="what the reader chose: it can harm somebody, for example"),
    C1,
]
MistakeText = Annotated[
    str | None,
    Field(max_length=1000, description="in the reader's words, after the gate"),
    C2,
]
ReportedOn = Annotated[dt.date, Field(description="the day on which it was sent"), C1]


class EntryRated(
    Event, subject="cri.search.entry.rated.v1", heard_by=("publishing",), about="entry_id"
):
    """How useful readers found an entry in a week; only where at least five said so."""

    entry_id: EntryId
    week: Week
    useful: Annotated[Count, Field(description="readers who found it useful")]
    not_useful: Annotated[Count, Field(description="readers who did not")]


class MistakeReported(
    Event, subject="cri.search.mistake.reported.v1", heard_by=("publishing",), about="entry_id"
):
    """A reader says that something is wrong with an entry; nobody knows which reader."""

    entry_id: EntryId
    report_id: ReportId
    kind: MistakeKind
    text: MistakeText = None
    language: LanguageTag
    reported_on: ReportedOn


class ListingReported(
    Event, subject="cri.search.listing.reported.v1", heard_by=("publishing",), about="listing_id"
):
    """A reader says that something is wrong with a contact or programme; nobody knows who."""

    listing_id: ListingId
    report_id: ReportId
    kind: MistakeKind
    text: MistakeText = None
    language: LanguageTag
    reported_on: ReportedOn


class SearchMissed(
    Event, subject="cri.search.search.missed.v1", heard_by=("research",), about="country"
):
    """How often searches about a country found nothing in a week; five or more, never the words."""

    country: CountryCode
    topic: Annotated[
        str | None,
        Field(description="the topic or group of topics that was chosen, None: all"),
        C1,
    ] = None
    week: Week
    searches: Annotated[int, Field(ge=FEWEST, description="searches without a result"), C1]
