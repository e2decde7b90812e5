"""An entry as the public sees it, whole: for events and for the index."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from cri_shared import clock
from cri_shared.events.publishing import Change, EntryFacts, LanguageVersion, PublicAccount
from cri_shared.events.research import Source as PublicSource
from cri_shared.index.documents import EntryDocument, document_id, keywords_of, readers_of
from cri_shared.web.markdown import to_plain

from cri_publishing.content import draft_of_plain
from cri_publishing.models import Entry, EntryStatus, Version
from cri_publishing.rules.draft import Draft, Source
from cri_publishing.rules.life import by_month


def facts_of(entry: Entry, versions: Sequence[Version]) -> EntryFacts:
    """The public facts of an entry from its published versions, oldest first."""
    draft = draft_of(versions[-1])
    if entry.slug is None or entry.review_by is None or entry.published_on is None:
        raise ValueError("an entry without a publication has no public facts")
    return EntryFacts(
        entry_id=entry.entry_id,
        version=entry.version,
        slug=entry.slug,
        country=draft.country,
        region=draft.region or None,
        topics=draft.topics,
        outcome=draft.outcome,
        information_date=draft.information_date,
        review_by=entry.review_by,
        published_on=by_month(entry.published_on),
        languages=tuple(_language_versions(draft)),
        sources=tuple(_public(source) for source in draft.sources),
        single_source=draft.is_single_source() and bool(draft.sources),
        tried=draft.tried or None,
        accounts=tuple(_accounts(draft)),
        answered_by=draft.answered_by or None,
        changes=tuple(changes_of(versions)),
    )


def draft_of(version: Version) -> Draft:
    """What a published version says; raises `ValueError` for one that is not public."""
    if version.content is None:
        raise ValueError("this version is not public")
    return draft_of_plain(version.content)


def changes_of(versions: Sequence[Version]) -> list[Change]:
    """What readers are told of each change, oldest first."""
    return [
        Change(
            version=version.number,
            on=by_month(clock.belgian(version.published_at).date()),
            note=draft.change_note,
            language=draft.note_language,
        )
        for version in versions
        if version.published_at and (draft := draft_of(version)).change_note
    ]


def _language_versions(draft: Draft) -> list[LanguageVersion]:
    original = draft.original
    return [
        LanguageVersion(
            language=text.language,
            question=text.question,
            answer=text.answer,
            translated_from=None if text is original else original.language,
            stale=draft.is_stale(text),
        )
        for text in draft.texts
    ]


def _public(source: Source) -> PublicSource:
    if source.consulted_on is None:
        raise ValueError("a public source has the day on which it was consulted")
    return PublicSource(
        kind=source.kind,
        label=source.label,
        publisher=source.publisher or None,
        url=source.url or None,
        published_on=source.published_on,
        consulted_on=source.consulted_on,
        primary=source.primary,
        quotes=source.quotes,
    )


def _accounts(draft: Draft) -> list[PublicAccount]:
    if draft.outcome != "conflicting":
        return []
    return [
        PublicAccount(text=a.text, language=a.language, information_date=a.information_date)
        for a in draft.accounts
        if a.information_date is not None
    ]


class Standing(NamedTuple):
    """What the index is told of an entry beside what its version says."""

    entry_id: str
    slug: str | None
    status: str
    review_by: dt.date | None


def documents_of(entry: Standing, draft: Draft) -> list[EntryDocument]:
    """The index's documents of a public entry, one for each language version."""
    labels = ["single_source"] if draft.is_single_source() and draft.sources else []
    readers = readers_of([text.language for text in draft.texts])
    return [
        {
            "id": document_id(entry.entry_id, text.language),
            "entry_id": entry.entry_id,
            "slug": entry.slug or "",
            "language": text.language,
            "readers": readers[text.language],
            "question": text.question,
            "answer": _words_of(draft, text.answer),
            "keywords": keywords_of(draft.country, draft.topics),
            "country": draft.country,
            "region": draft.region or None,
            "topics": list(draft.topics),
            "topic_groups": [*dict.fromkeys(code.split(".")[0] for code in draft.topics)],
            "outcome": draft.outcome,
            "labels": [*labels, *(["stale"] if draft.is_stale(text) else [])],
            "year": draft.information_date.year,
            "information_date": int(f"{draft.information_date:%Y%m%d}"),
            "review_by": int(f"{entry.review_by:%Y%m%d}"),
            "status": "due" if entry.status == EntryStatus.DUE else "published",
        }
        for text in draft.texts
    ]


def _words_of(draft: Draft, answer: str) -> str:
    accounts = draft.accounts if draft.outcome == "conflicting" else ()
    return "\n".join(to_plain(text) for text in (answer, *(one.text for one in accounts)))
