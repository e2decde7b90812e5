"""Entries as readers see them: as a card in a list, or whole."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.index.documents import best_language
from cri_shared.places import is_right_to_left
from cri_shared.web.markdown import to_html, to_plain
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from cri_search.models import Entry, EntryText
from cri_search.rules.standing import State, is_due, labels_of
from cri_search.rules.texts import excerpt, isolated, short_and_long


def shown(safe: str, language: str) -> Markup:
    """Safe HTML in a language, where numbers keep their direction among right-to-left letters."""
    return Markup(isolated(safe) if is_right_to_left(language) else safe)


@dataclass(frozen=True)
class Card:
    """An entry in a list, in the language version that the reader gets."""

    entry_id: str
    slug: str
    language: str
    question: str
    country: str
    topics: tuple[str, ...]
    information_date: dt.date
    changed_on: dt.date
    labels: tuple[str, ...]
    excerpt_html: str = ""

    @property
    def excerpt_shown(self) -> Markup:
        """The beginning of the answer, where the list asked for it."""
        return shown(self.excerpt_html, self.language)

    @property
    def question_html(self) -> Markup:
        """The question as a list shows it."""
        return shown(str(escape(self.question)), self.language)


@dataclass(frozen=True)
class Version:
    """The public question and answer in one language: the answer as its short form and the rest."""

    language: str
    question: str
    answer: str
    translated_from: str | None
    stale: bool

    @property
    def question_html(self) -> Markup:
        """The question as a heading shows it."""
        return shown(str(escape(self.question)), self.language)

    @property
    def short(self) -> Markup:
        """The short answer, safe HTML; empty where the answer has none."""
        return shown(to_html(short_and_long(self.answer)[0]), self.language)

    @property
    def details(self) -> Markup:
        """What follows the short answer, safe HTML."""
        return shown(to_html(short_and_long(self.answer)[1]), self.language)

    @property
    def summary(self) -> str:
        """The beginning of the answer, for those who only read a line; plain text."""
        return to_plain(short_and_long(self.answer)[0] or self.answer)


@dataclass(frozen=True)
class Whole:
    """An entry with everything its page shows; `shown` is the version the reader gets."""

    entry: Entry
    versions: tuple[Version, ...]
    shown: Version
    labels: tuple[str, ...]
    due: bool

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The sources; days are days, and `repeats` is the number of the source it quotes."""
        return [
            {
                **source,
                "published_on": _day(source["published_on"]),
                "consulted_on": _day(source["consulted_on"]),
                "repeats": None if source["quotes"] is None else source["quotes"] + 1,
            }
            for source in self.entry.sources
        ]

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """What each side says where they contradict each other; `html` is safe."""
        return [
            {
                **account,
                "html": shown(to_html(account["text"]), account["language"]),
                "information_date": _day(account["information_date"]),
            }
            for account in self.entry.accounts
        ]

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The visible history, newest first."""
        dated = [{**change, "on": _day(change["on"])} for change in self.entry.changes]
        return sorted(dated, key=lambda change: change["version"], reverse=True)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


async def cards(session: AsyncSession, reader: str, ids: Sequence[str]) -> list[Card]:
    """Entries as cards for a reader, in the order of their ids."""
    rows = select(Entry).where(Entry.entry_id.in_(ids))
    found = {entry.entry_id: entry for entry in (await session.execute(rows)).scalars()}
    questions = await questions_of(session, ids)
    return [_card(found[one], reader, questions[one]) for one in ids if one in questions]


async def questions_of(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """Entry -> language -> question, the original first."""
    rows = (
        select(EntryText.entry_id, EntryText.language, EntryText.question)
        .where(EntryText.entry_id.in_(list(ids)))
        .order_by(EntryText.position)
    )
    questions: dict[str, dict[str, str]] = {}
    for entry_id, language, question in (await session.execute(rows)).all():
        questions.setdefault(entry_id, {})[language] = question
    return questions


def _card(entry: Entry, reader: str, questions: dict[str, str]) -> Card:
    language = best_language(reader, list(questions))
    assert entry.country
    assert entry.information_date
    assert entry.changed_on
    return Card(
        entry_id=entry.entry_id,
        slug=entry.slug,
        language=language,
        question=questions[language],
        country=entry.country,
        topics=tuple(entry.topics),
        information_date=entry.information_date,
        changed_on=entry.changed_on,
        labels=_labels(entry),
    )


def _labels(entry: Entry) -> tuple[str, ...]:
    return labels_of(
        entry.outcome or "found",
        single_source=entry.single_source,
        due=entry.review_by is not None and is_due(entry.review_by, clock.today()),
        archived=entry.state == State.ARCHIVED,
    )


async def entry_at(session: AsyncSession, slug: str) -> Entry:
    """The entry at an address, a tombstone included; raises NotFound."""
    rows = select(Entry).where(Entry.slug == slug, Entry.version > 0)
    found = list((await session.execute(rows.order_by(Entry.version.desc()))).scalars())
    # An address may have been given again after a withdrawal: what is public goes first.
    found.sort(key=lambda entry: entry.state == State.WITHDRAWN)
    if not found:
        raise NotFound
    return found[0]


async def entry_of(session: AsyncSession, entry_id: str) -> Entry:
    """The entry of an id, a tombstone included; raises NotFound."""
    entry = await session.get(Entry, entry_id)
    if entry is None or not (entry.version or entry.state == State.WITHDRAWN):
        raise NotFound
    return entry


async def whole(
    session: AsyncSession, entry: Entry, reader: str, language: str | None = None
) -> Whole:
    """A public entry with its versions; shows `language` where asked and there, else the best."""
    found = await wholes(session, [entry], reader, language)
    if not found:
        raise NotFound
    return found[0]


async def wholes(
    session: AsyncSession, entries: Sequence[Entry], reader: str, language: str | None = None
) -> list[Whole]:
    """The same for several, in their order; an entry without any text is left out."""
    texts = select(EntryText).where(EntryText.entry_id.in_([entry.entry_id for entry in entries]))
    versions: dict[str, dict[str, Version]] = {}
    for text in (await session.execute(texts.order_by(EntryText.position))).scalars():
        versions.setdefault(text.entry_id, {})[text.language] = Version(
            text.language, text.question, text.answer, text.translated_from, text.stale
        )
    return [
        _whole(entry, versions[entry.entry_id], reader, language)
        for entry in entries
        if entry.entry_id in versions
    ]


def _whole(entry: Entry, versions: dict[str, Version], reader: str, language: str | None) -> Whole:
    best = language if language in versions else best_language(reader, list(versions))
    labels = _labels(entry)
    return Whole(entry, tuple(versions.values()), versions[best], labels, "due" in labels)


async def excerpts(
    copy: AsyncSession | AsyncConnection, wanted: dict[str, str]
) -> dict[str, tuple[str, str]]:
    """Entry -> (question, beginning of the answer as safe HTML) in a wanted language each."""
    text = (EntryText.entry_id, EntryText.language, EntryText.question, EntryText.answer)
    rows = select(*text).where(EntryText.entry_id.in_(list(wanted)))
    return {
        entry_id: (question, excerpt(to_plain(answer)))
        for entry_id, language, question, answer in await copy.execute(rows)
        if language == wanted[entry_id]
    }
