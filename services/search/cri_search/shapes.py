"""An entry as programs read it, from the API and in the whole database."""

import datetime as dt
from typing import Annotated, Any, Literal

from cri_shared.errors import Kind, Refusal
from cri_shared.places.languages import PUBLIC_LANGUAGES
from cri_shared.privacy.classes import C0
from cri_shared.words import N_
from pydantic import BaseModel

from cri_search.queries.entries import Whole
from cri_search.rig import Rig
from cri_search.rules.asked import READER


class EntryIsWithdrawn(Refusal):
    """A person took the entry back; its content is gone."""

    kind = Kind.NOT_FOUND
    slug = "entry-withdrawn"
    message = N_("This answer was withdrawn.")

    @property
    def status(self) -> int:
        """Gone, and not to be looked for again."""
        return 410


class VersionOut(BaseModel):
    """The question and answer in one language; `answer` is Markdown."""

    language: Annotated[str, C0]
    url: Annotated[str, C0]
    question: Annotated[str, C0]
    answer: Annotated[str, C0]
    translated_from: Annotated[str | None, C0]
    stale: Annotated[bool, C0]


class EntryOut(BaseModel):
    """An entry, whole."""

    entry_id: Annotated[str, C0]
    version: Annotated[int, C0]
    state: Annotated[Literal["published", "archived"], C0]
    slug: Annotated[str, C0]
    country: Annotated[str, C0]
    region: Annotated[str | None, C0]
    topics: Annotated[list[str], C0]
    outcome: Annotated[str, C0]
    labels: Annotated[tuple[str, ...], C0]
    information_date: Annotated[dt.date, C0]
    review_by: Annotated[dt.date, C0]
    published_on: Annotated[dt.date, C0]
    single_source: Annotated[bool, C0]
    tried: Annotated[str | None, C0]
    answered_by: Annotated[str | None, C0]
    languages: list[VersionOut]
    sources: Annotated[list[dict[str, Any]], C0]
    accounts: Annotated[list[dict[str, Any]], C0]
    changes: Annotated[list[dict[str, Any]], C0]


def told(rig: Rig, whole: Whole) -> EntryOut:
    """An entry as programs read it."""
    known = whole.entry
    copied = {
        name: getattr(known, name)
        for name in EntryOut.model_fields
        if name not in ("labels", "languages")
    }
    versions = [
        VersionOut(
            language=version.language,
            url=address_of(rig, known.slug, version.language),
            question=version.question,
            answer=version.answer,
            translated_from=version.translated_from,
            stale=version.stale,
        )
        for version in whole.versions
    ]
    return EntryOut(**copied, labels=whole.labels, languages=versions)


def address_of(rig: Rig, slug: str, language: str) -> str:
    """Where people read an entry in a language."""
    base = rig.settings.public_url
    if language in PUBLIC_LANGUAGES:
        return f"{base}/{language}/entries/{slug}"
    return f"{base}/{READER}/entries/{slug}?language={language}"
