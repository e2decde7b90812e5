"""Events that publishing publishes: the public database, entry by entry, and what to re-ask."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from cri_shared.events.base import (
    CountryCode,
    EntryId,
    Event,
    LanguageTag,
    Outcome,
    Part,
    Region,
    ResearchId,
    Sensitivity,
    Topics,
)
from cri_shared.events.research import Source
from cri_shared.privacy.classes import C0, C1

PublicEntryId = Annotated[EntryId, C0]
Slug = Annotated[str, Field(description="the entry's name in its address"), C0]
Version = Annotated[int, Field(ge=1, description="counts the public versions of the entry"), C0]


class LanguageVersion(Part):
    """The public question and answer in one language."""

    language: Annotated[LanguageTag, C0]
    question: Annotated[
        str, Field(min_length=1, max_length=500, description="as readers see it"), C0
    ]
    answer: Annotated[str, Field(min_length=1, max_length=20000, description="Markdown"), C0]
    translated_from: Annotated[
        LanguageTag | None, Field(description="None: written in this language"), C0
    ] = None
    stale: Annotated[bool, Field(description="the original has changed since"), C0] = False


class Change(Part):
    """One line of the visible history of an entry."""

    version: Annotated[int, Field(description="the version that the change made"), C0]
    on: Annotated[
        dt.date, Field(description="when it became public: a month, as its first day"), C0
    ]
    note: Annotated[str, Field(description="what changed, for readers"), C0]
    language: Annotated[LanguageTag, C0]


class PublicAccount(Part):
    """One of the versions that contradict each other, as readers see it."""

    text: Annotated[str, Field(min_length=1, max_length=20000, description="Markdown"), C0]
    language: Annotated[LanguageTag, C0]
    information_date: Annotated[dt.date, Field(description="the day on which it was true"), C0]


class EntryFacts(Part):
    """An entry as the public sees it, whole."""

    entry_id: PublicEntryId
    version: Version
    slug: Slug
    country: Annotated[CountryCode, C0]
    region: Annotated[Region, C0] = None
    topics: Annotated[Topics, C0]
    outcome: Outcome
    information_date: Annotated[dt.date, Field(description="the day on which it was true"), C0]
    review_by: Annotated[dt.date, Field(description="readers are warned after this day"), C0]
    published_on: Annotated[dt.date, Field(description="a month, as its first day"), C0]
    languages: Annotated[
        tuple[LanguageVersion, ...], Field(min_length=1, description="the original first"), C0
    ]
    sources: Annotated[tuple[Source, ...], Field(description="what the answer rests on")] = ()
    single_source: Annotated[
        bool, Field(description="True: nothing else bears the answer out"), C0
    ] = False
    tried: Annotated[
        str | None, Field(description="where the partner looked, where it found nothing"), C0
    ] = None
    accounts: Annotated[
        tuple[PublicAccount, ...], Field(description="where the outcome is conflicting")
    ] = ()
    answered_by: Annotated[
        str | None, Field(description="the partner's name where it opted in, else None"), C0
    ] = None
    changes: Annotated[tuple[Change, ...], Field(description="the visible history")] = ()

    @property
    def original_first(self) -> list[LanguageVersion]:
        """Its language versions; older events tell them in any order."""
        return sorted(self.languages, key=lambda version: version.translated_from is not None)


class EntryPublished(
    Event,
    subject="cri.publishing.entry.published.v1",
    heard_by=("search", "intake", "research"),
    about="entry_id",
):
    """A new entry is public."""

    entry_id: PublicEntryId
    entry: EntryFacts


class EntryRevised(
    Event,
    subject="cri.publishing.entry.revised.v1",
    heard_by=("search", "intake", "research"),
    about="entry_id",
):
    """A public entry has a new version, or must be checked sooner than it was said.

    `entry.changes` tells readers what changed. The same version a second time has an earlier
    `review_by`, and nothing else is new: its country has changed since.
    """

    entry_id: PublicEntryId
    entry: EntryFacts


class EntryArchived(
    Event,
    subject="cri.publishing.entry.archived.v1",
    heard_by=("search", "intake", "research"),
    about="entry_id",
):
    """An entry is too old to be found by default; its address still shows it, marked."""

    entry_id: PublicEntryId
    version: Annotated[int, Field(description="the last one of the entry"), C0]


class EntryWithdrawn(
    Event,
    subject="cri.publishing.entry.withdrawn.v1",
    heard_by=("search", "intake", "research"),
    about="entry_id",
):
    """A person took an entry back: it disappears everywhere at once."""

    entry_id: PublicEntryId
    version: Annotated[int, Field(description="the last one of the entry"), C0]


class RefreshRequested(
    Event, subject="cri.publishing.refresh.requested.v1", heard_by=("research",)
):
    """An entry ages: its public question goes back to a partner under a new research id."""

    research_id: Annotated[ResearchId, Field(description="new, for this refresh")]
    entry_id: EntryId
    question: Annotated[
        str, Field(min_length=1, max_length=500, description="as readers see it"), C0
    ]
    language: LanguageTag
    country: CountryCode
    region: Region = None
    topics: Topics
    sensitivity: Sensitivity
    wanted_by: Annotated[dt.date, Field(description="the day the answer is needed by"), C1]


class QuestionCovered(
    Event,
    subject="cri.publishing.question.covered.v1",
    heard_by=("intake", "research"),
    about="entry_id",
):
    """Research questions whose answer stands in a public entry: past askers can be told of it."""

    entry_id: EntryId
    research_ids: Annotated[
        tuple[str, ...], Field(min_length=1, description="the research questions it answers"), C1
    ]
    slug: Slug
    version: Annotated[Version, C1]
    changed: Annotated[bool, Field(description="True: what they were told has changed"), C1] = False

    @property
    def touches(self) -> tuple[str, ...]:
        return self.research_ids


ListingId = Annotated[str, Field(description="the contact or programme"), C0]
ListingVersion = Annotated[
    int, Field(ge=1, description="counts what readers were told of it; the newer one wins"), C0
]
HowChecked = Annotated[
    Literal["phone", "visit", "web"], Field(description="how it was checked on that day"), C0
]


class ListingText(Part):
    """What a contact or programme is, in one language."""

    language: Annotated[LanguageTag, C0]
    text: Annotated[str, Field(min_length=1, max_length=1500, description="what it offers"), C0]
    ask_for: Annotated[
        str | None, Field(description="the desk to ask for, never a person's name"), C0
    ] = None
    who_for: Annotated[str | None, Field(description="who can get it, and what they need"), C0] = (
        None
    )
    stale: Annotated[
        bool, Field(description="another language has changed since this was written"), C0
    ] = False


class ListingFacts(Part):
    """What readers are told of an organisation, office or programme in a country."""

    country: Annotated[CountryCode, C0]
    region: Annotated[Region, C0] = None
    name: Annotated[str, Field(min_length=1, max_length=200, description="as it says it"), C0]
    topics: Annotated[Topics, C0]
    spoken: Annotated[
        tuple[LanguageTag, ...], Field(description="the languages that are spoken there"), C0
    ] = ()
    texts: Annotated[
        tuple[ListingText, ...], Field(min_length=1, description="one for each language"), C0
    ]
    address: Annotated[str | None, Field(description="where one can go"), C0] = None
    phone: Annotated[str | None, Field(description="with the country's number"), C0] = None
    email: Annotated[str | None, Field(description="of the organisation, not of a person"), C0] = (
        None
    )
    url: Annotated[str | None, Field(description="its website"), C0] = None
    checked_on: Annotated[dt.date, Field(description="the day on which it was true"), C0]
    checked_how: HowChecked
    check_by: Annotated[dt.date, Field(description="readers are warned after this day"), C0]
    ends_on: Annotated[
        dt.date | None, Field(description="its last day, where that is known"), C0
    ] = None


class ContactFacts(ListingFacts):
    """An office or organisation that people can go to."""

    kind: Annotated[
        Literal["authority", "service", "organisation", "international", "embassy"],
        Field(description="what sort of place it is"),
        C0,
    ]


class ProgrammeFacts(ListingFacts):
    """Help that people can apply for."""

    kind: Annotated[
        Literal["money", "goods", "training", "business", "care"],
        Field(description="what sort of help it is"),
        C0,
    ]
    run_by: Annotated[str | None, Field(description="the organisation that gives it"), C0] = None


class ContactChanged(
    Event,
    subject="cri.publishing.contact.changed.v1",
    heard_by=("search",),
    about="contact_id",
):
    """A contact of a country is public, was checked again, has changed, or is so no more."""

    contact_id: ListingId
    version: ListingVersion
    contact: Annotated[
        ContactFacts | None, Field(description="None: readers must not see it any more")
    ] = None


class ProgrammeChanged(
    Event,
    subject="cri.publishing.programme.changed.v1",
    heard_by=("search",),
    about="programme_id",
):
    """A programme in a country is public, was checked again, has changed, or is so no more."""

    programme_id: ListingId
    version: ListingVersion
    programme: Annotated[
        ProgrammeFacts | None, Field(description="None: readers must not see it any more")
    ] = None
