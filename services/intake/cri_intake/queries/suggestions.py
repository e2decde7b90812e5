"""Answers that exist already, found in intake's own copy: what is typed leaves no process."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from cri_shared.index.documents import keywords_of
from cri_shared.index.text import (
    analyse,
    fold,
    language_of,
    query_languages,
    stem,
    stop_words,
    synonyms,
)
from rapidfuzz.distance import OSA
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import CountryState, KnownEntry, KnownVersion
from cri_intake.rules import is_worth_showing, resemblance

_SHOWN = 3
_TYPO_FROM = 5  # letters from which a word may hold one wrong letter
_SHORTEST = 3
_ENOUGH_ACROSS = 0.25  # of the words, where few of them have a bridge to the other language


@dataclass(frozen=True)
class Suggestion:
    """A public answer that may be the one somebody is about to ask for."""

    entry_id: str
    slug: str
    question: str
    answer: str  # Markdown
    language: str
    information_date: dt.date | None


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(fold(word) for word in stop_words())


def telling(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The stems of those (word, stem) pairs that say what a text is about."""
    return (stem for word, stem in pairs if len(word) >= _SHORTEST and word not in _stop_words())


async def suggestions(
    session: AsyncSession, country: str, text: str, reader: str
) -> list[Suggestion]:
    """The public answers about a country that fit best: those that the reader can read first, then
    the best first, each in the reader's language where there is such a version."""
    rows = (
        select(KnownEntry, KnownVersion)
        .join(KnownVersion, KnownVersion.entry_id == KnownEntry.entry_id)
        .where(KnownEntry.country == country, KnownEntry.is_public.is_(True))
    )
    versions: dict[str, list[tuple[KnownEntry, KnownVersion]]] = {}
    for entry, version in (await session.execute(rows)).all():
        versions.setdefault(entry.entry_id, []).append((entry, version))
    scored = sorted(
        ((_score(text, reader, found), found) for found in versions.values()),
        key=lambda pair: (not _is_readable(pair[1], reader), -pair[0]),
    )
    return [_shown(found, reader) for score, found in scored if score > 0][:_SHOWN]


async def suggestion_of(session: AsyncSession, entry_id: str, reader: str) -> Suggestion | None:
    """One public answer, in the reader's language where there is such a version, or None."""
    rows = (
        select(KnownEntry, KnownVersion)
        .join(KnownVersion, KnownVersion.entry_id == KnownEntry.entry_id)
        .where(KnownEntry.entry_id == entry_id, KnownEntry.is_public.is_(True))
        .order_by(KnownVersion.language)
    )
    found = [(row[0], row[1]) for row in (await session.execute(rows)).all()]
    return _shown(found, reader) if found else None


def _score(text: str, reader: str, found: list[tuple[KnownEntry, KnownVersion]]) -> float:
    """The best likeness of any language version, 0 where none is worth showing."""
    languages = query_languages(text, (reader,))
    own = [each for _entry, each in found if language_of(each.language) in languages]
    best = max((_likeness(text, each) for each in own), default=0.0)
    if best or any(language_of(each.language) == languages[0] for each in own):
        return best
    return max(_likeness_across(text, languages[0], *pair) for pair in found)


def _likeness(text: str, version: KnownVersion) -> float:
    """The likeness of a version in the language of the text, 0 where it is not worth showing."""
    wanted = set(telling(zip(*analyse(text, version.language), strict=True)))
    wanted = {_mended(stem, version.question_stems) for stem in wanted}
    score = resemblance(wanted, version.question_stems, version.answer_stems)
    return score if is_worth_showing(score, wanted) else 0.0


def _likeness_across(text: str, language: str, entry: KnownEntry, version: KnownVersion) -> float:
    """The likeness of a version in another language, 0 where it is not worth showing.

    What bridges languages: names of medicines and papers, and of topics. A word that is written the
    same in both, such as the name of a town, counts half: it alone says where, and not what.
    """
    topics, there = _topic_words(tuple(entry.topics)), language_of(version.language)
    question, answer = set(version.question_stems), set(version.answer_stems)
    wanted: dict[str, float] = {}
    for word, stemmed in zip(*analyse(text, language), strict=True):
        if len(word) < _SHORTEST or word in _stop_words():
            continue
        same = {other for form in (word, stemmed) for other in _alike(language).get(form, ())}
        called = {stem(other, there) for other in same}
        as_it_is = {stemmed, stem(word, there)}
        if called & question or {word, stemmed} & topics:
            wanted[stemmed] = 1.0
        else:
            half = as_it_is & question or called & answer
            wanted[stemmed] = 0.5 if half else 0.25 if as_it_is & answer else 0.0
    found = sum(wanted.values())
    score = found / max(len(wanted), 1)
    return score if found >= 1 and score >= _ENOUGH_ACROSS else 0.0


@lru_cache(512)
def _topic_words(codes: tuple[str, ...]) -> frozenset[str]:
    """What topics and their groups are called in every language, as folded words and as stems."""
    lines = keywords_of("", codes)
    return frozenset(word for line in lines for word in analyse(line, "en")[0]) - _stop_words()


@cache
def _alike(language: str) -> dict[str, list[str]]:
    """A word, folded or as its stem in a language -> what it is called elsewhere."""
    known = synonyms()
    return {stem(word, language): others for word, others in known.items()} | {
        fold(word): others for word, others in known.items()
    }


def _mended(stem: str, known: list[str]) -> str:
    """The word of an entry that this one is a slip of the finger away from, or itself."""
    if len(stem) < _TYPO_FROM or stem in known:
        return stem
    near = (k for k in known if len(k) >= _TYPO_FROM and k[0] == stem[0])
    return next((k for k in near if OSA.distance(stem, k, score_cutoff=1) <= 1), stem)


def _is_readable(found: list[tuple[KnownEntry, KnownVersion]], reader: str) -> bool:
    return any(version.language == reader for _entry, version in found)


def _shown(found: list[tuple[KnownEntry, KnownVersion]], reader: str) -> Suggestion:
    entry, version = next((pair for pair in found if pair[1].language == reader), found[0])
    return Suggestion(
        entry.entry_id,
        entry.slug or "",
        version.question,
        version.answer,
        version.language,
        entry.information_date,
    )


async def countries_without_partner(session: AsyncSession) -> frozenset[str]:
    """The countries in which nobody can look for an answer at present."""
    none = select(CountryState.country).where(CountryState.partner_state == "none")
    return frozenset((await session.execute(none)).scalars())
