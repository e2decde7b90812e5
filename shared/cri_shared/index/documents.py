"""The documents of the index: one for each language version of a public entry."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Literal, NotRequired, TypedDict

from cri_shared.index.text import analyse, stop_words
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.places.languages import locale_of
from cri_shared.privacy.classes import C0

Status = Literal["published", "due"]

SEARCHABLE = ("question", "keywords", "answer")
FACETS = ("country", "topic_groups", "topics", "language", "year", "outcome", "labels")
FILTERABLE = (
    *FACETS,
    "entry_id",
    "id",
    "information_date",
    "readers",
    "region",
    "review_by",
    "status",
)
# Whose values a facet counts without: its own, and those that choose among the same things.
OWN_FILTERS = {
    "language": ("language", "readers"),
    "topic_groups": ("topic_groups", "topics"),
    "topics": ("topic_groups", "topics"),
}
SORTABLE = ("information_date",)

# The languages that readers may have: a reader of any of them finds every entry exactly once.
READERS = ("nl", "fr", "en", "ar", "ru", "es", "sq", "fa-AF", "de")
# What a reader gets where there is no version in their own language.
_FALLBACK = ("en", "fr", "nl")

_ID = re.compile(r"[A-Za-z0-9_-]{1,511}")


class EntryDocument(TypedDict):
    """What publishing writes and search reads.

    `id` is `document_id(entry_id, language)`; `answer` is plain text; `keywords` are
    `keywords_of(country, topics)`; `topics` are second-level codes and
    `topic_groups` first-level ones; days are integers `yyyymmdd`. An entry that is `due` for a
    new check ranks below an equally good one that is not. `readers` are the reader's languages
    for which this is the version to show: `readers_of(...)[language]`.
    """

    id: Annotated[str, C0]
    entry_id: Annotated[str, C0]
    slug: Annotated[str, C0]
    language: Annotated[str, C0]
    readers: Annotated[list[str], C0]
    question: Annotated[str, C0]
    answer: Annotated[str, C0]
    keywords: Annotated[list[str], C0]
    country: Annotated[str, C0]
    region: NotRequired[Annotated[str | None, C0]]
    topics: Annotated[list[str], C0]
    topic_groups: Annotated[list[str], C0]
    outcome: Annotated[str, C0]
    labels: Annotated[list[str], C0]
    year: Annotated[int, C0]
    information_date: Annotated[int, C0]
    review_by: Annotated[int, C0]
    status: Annotated[Status, C0]


def document_id(entry_id: str, language: str) -> str:
    """The id of one language version; raises ValueError for a character the index refuses."""
    made = f"{entry_id}_{language}"
    if not _ID.fullmatch(made):
        raise ValueError("an index id holds only letters, digits, hyphens and underscores")
    return made


def version_of(identity: str) -> tuple[str, str]:
    """The entry and the language of which this is the `document_id`: no language has a `_`."""
    entry_id, _, language = identity.rpartition("_")
    return entry_id, language


def keywords_of(country: str, topics: Sequence[str]) -> list[str]:
    """What finds an entry by its country and topics: of each, and of their groups, one line.

    A line holds the names, then their stems. Each name is stemmed in its own language: an index
    stems a document in the document's, which knows nothing of another's articles, endings and
    plurals. A stem that is a word of the names already, says nothing or has less than three letters
    is left out. The lines are few, and entries share them: an index need analyse each only once.
    """
    return [line for code in _codes(country, topics) if (line := _line(code))]


def names_of(country: str, topics: Iterable[str]) -> list[str]:
    """What country and topics (with their groups) are called, in whatever language we know it.

    They have names in the languages of all readers; countries also in those spoken there.
    """
    return list(dict.fromkeys(name for code in _codes(country, topics) for name, _ in _names(code)))


_STOP_WORDS = frozenset(stop_words())


def _codes(country: str, topics: Iterable[str]) -> Iterable[str]:
    """The codes of a country, of topics and of their groups, each once."""
    parents = ((code, TOPICS[code].parent) for code in topics)
    return dict.fromkeys((country, *(code for pair in parents for code in pair if code)))


@lru_cache(512)
def _line(code: str) -> str:
    words: set[str] = set(_STOP_WORDS)
    stems: dict[str, None] = {}
    for name, language in _names(code):
        folded, stemmed = analyse(name, language)
        words.update(folded)
        stems.update(dict.fromkeys(stemmed))
    names = dict.fromkeys(name for name, _ in _names(code))
    return ", ".join((*names, *(each for each in stems if each not in words and len(each) > 2)))


@lru_cache(512)
def _names(code: str) -> tuple[tuple[str, str], ...]:
    """(name, its language) of a country, a topic or a group; some stand there twice."""
    topic = TOPICS.get(code) or GROUPS.get(code)
    if topic:
        return tuple((name, language) for language, name in topic.names.items())
    return _names_of_country(code)


def _names_of_country(country: str) -> tuple[tuple[str, str], ...]:
    known = COUNTRIES.get(country)
    ours = [(name, language) for language, name in known.names.items()] if known else []
    tags = (*READERS, *(known.languages if known else ()))
    others = [(name, tag) for tag in tags if (name := _name_in(country, tag))]
    return (*ours, *others)


def _name_in(country: str, tag: str) -> str | None:
    locale = locale_of(tag)
    name = locale.territories.get(country) if locale else None
    return str(name) if name else None


def best_language(reader: str, languages: Sequence[str]) -> str:
    """The language version that a reader of `reader` gets; `languages` begin with the original."""
    wishes = (reader, *_FALLBACK)
    return next((wish for wish in wishes if wish in languages), languages[0])


def readers_of(languages: Sequence[str]) -> dict[str, list[str]]:
    """Language version -> the readers to whom it is shown; `languages` begin with the original."""
    return {language: [*readers] for language, readers in _readers_of(tuple(languages)).items()}


@lru_cache(512)
def _readers_of(languages: tuple[str, ...]) -> dict[str, list[str]]:
    everyone = dict.fromkeys((*READERS, *languages))
    return {
        language: [reader for reader in everyone if best_language(reader, languages) == language]
        for language in languages
    }
