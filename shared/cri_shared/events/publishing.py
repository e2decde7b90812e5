"""Events that publishing publishes: the public database, entry by entry, and what to re-ask."""

import datetime as dt
from typing import Annotated

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
from cri_shared.events.research import Source
from cri_shared.privacy.classes import C0, C1


class LanguageVersion(Part):
    """The public question and answer in one language."""

    language: Annotated[LanguageTag, C0]
    question: Annotated[str, Field(min_length=1, max_length=500), C0]
    answer: Annotated[str, Field(min_length=1, max_length=20000, description="Markdown"), C0]
    translated_from: Annotated[LanguageTag | None, C0] = None
    stale: Annotated[bool, Field(description="the original has changed since"), C0] = False


class Change(Part):
    """One line of the visible history of an entry."""

    version: Annotated[int, C0]
    on: Annotated[dt.date, C0]
    note: Annotated[str, C0]
    language: LanguageTag


class PublicAccount(Part):
    """One of the versions that contradict each other, as readers see it."""

    text: Annotated[str, Field(min_length=1, max_length=20000), C0]
    language: LanguageTag
    information_date: Annotated[dt.date, C0]


class EntryFacts(Part):
    """An entry as the public sees it, whole."""

    entry_id: Annotated[str, C0]
    version: Annotated[int, Field(ge=1), C0]
    slug: Annotated[str, C0]
    country: Annotated[CountryCode, C0]
    region: Annotated[str | None, C0] = None
    topics: Annotated[tuple[TopicCode, ...], Field(min_length=1, max_length=3), C0]
    outcome: Outcome
    information_date: Annotated[dt.date, C0]
    review_by: Annotated[dt.date, C0]
    published_on: Annotated[dt.date, C0]
    languages: Annotated[tuple[LanguageVersion, ...], Field(min_length=1), C0]
    sources: tuple[Source, ...] = ()
    single_source: Annotated[bool, C0] = False
    tried: Annotated[str | None, C0] = None
    accounts: Annotated[
        tuple[PublicAccount, ...], Field(description="where the outcome is conflicting")
    ] = ()
    answered_by: Annotated[str | None, C0] = None
    changes: tuple[Change, ...] = ()


class EntryPublished(
    Event,
    subject="cri.publishing.entry.published.v1",
    heard_by=("search", "intake"),
    about="entry_id",
):
    """A new entry is public."""

    entry_id: Annotated[str, C0]
    entry: EntryFacts


class EntryRevised(
    Event,
    subject="cri.publishing.entry.revised.v1",
    heard_by=("search", "intake"),
    about="entry_id",
):
    """A public entry has a new version; `entry.changes` tells readers what changed."""

    entry_id: Annotated[str, C0]
    entry: EntryFacts


class EntryArchived(
    Event,
    subject="cri.publishing.entry.archived.v1",
    heard_by=("search", "intake"),
    about="entry_id",
):
    """An entry is too old to be found by default; its address still shows it, marked."""

    entry_id: Annotated[str, C0]
    version: Annotated[int, C0]


class EntryWithdrawn(
    Event,
    subject="cri.publishing.entry.withdrawn.v1",
    heard_by=("search", "intake"),
    about="entry_id",
):
    """A person took an entry back: it disappears everywhere at once."""

    entry_id: Annotated[str, C0]
    version: Annotated[int, C0]


class RefreshRequested(
    Event, subject="cri.publishing.refresh.requested.v1", heard_by=("research",)
):
    """An entry ages: its public question goes back to a partner under a new research id."""

    research_id: Annotated[str, C1]
    entry_id: Annotated[str, C1]
    question: Annotated[str, Field(min_length=1, max_length=500), C0]
    language: LanguageTag
    country: CountryCode
    region: Annotated[str | None, C1] = None
    topics: Annotated[tuple[TopicCode, ...], Field(min_length=1, max_length=3), C1]
    sensitivity: Sensitivity
    wanted_by: Annotated[dt.date, C1]


class QuestionCovered(
    Event,
    subject="cri.publishing.question.covered.v1",
    heard_by=("intake", "research"),
    about="entry_id",
):
    """Research questions whose answer stands in a public entry: past askers can be told of it."""

    entry_id: Annotated[str, C1]
    research_ids: Annotated[tuple[str, ...], Field(min_length=1), C1]
    slug: Annotated[str, C0]
    version: Annotated[int, Field(ge=1), C1]
    changed: Annotated[bool, Field(description="True: what they were told has changed"), C1] = False
