"""What somebody asked for: words and filters, as they stand in an address."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from cri_shared.index.documents import READERS
from cri_shared.index.text import language_of, query_languages
from cri_shared.places import COUNTRIES, GROUPS, TOPICS

OUTCOMES = ("found", "partly", "conflicting", "not_found")
SORTS = ("relevance", "checked")
MAX_WORDS = 200  # characters
# The language in which an entry is shown where nobody says what they read.
READER = "en"
LAST_PAGE = 200
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")

FACETS = ("country", "topic_groups", "topics", "language", "year", "outcome")


@dataclass(frozen=True)
class Asked:
    """One search: `topic` holds topics and groups of topics; `sort` None is what suits."""

    q: str = ""
    country: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    checked_since: dt.date | None = None
    sort: str | None = None
    page: int = 1

    @property
    def by_date(self) -> bool:
        """Whether the most recently checked come first; so they do where there are no words."""
        return self.sort == "checked" or (self.sort is None and not self.q)

    @property
    def filtered(self) -> bool:
        """Whether anything but the words narrows the search."""
        return bool(
            self.country or self.topic or self.language or self.outcome or self.checked_since
        )

    def address(self, **changes: Any) -> str:
        """The query of an address that asks for this, with changes; the first page unless told."""
        changed = replace(self, **{"page": 1, **changes})
        return "?" + urlencode(
            [
                *([("q", changed.q)] if changed.q else []),
                *(("country", code) for code in changed.country),
                *(("topic", code) for code in changed.topic),
                *(("language", tag) for tag in changed.language),
                *(("outcome", code) for code in changed.outcome),
                *([("checked_since", changed.checked_since)] if changed.checked_since else []),
                *([("sort", changed.sort)] if changed.sort else []),
                *([("page", changed.page)] if changed.page > 1 else []),
            ]
        )

    def unfiltered(self) -> str:
        """The address with the words alone."""
        return Asked(q=self.q, sort=self.sort).address()

    def without(self, name: str, value: str) -> str:
        """The address without one value of one filter."""
        return self.address(**{name: tuple(v for v in getattr(self, name) if v != value)})

    def filters(self, reader: str) -> dict[str, Any]:
        """The filters of the index: every entry once, for a reader, unless a language is asked."""
        wanted: dict[str, Any] = {
            "country": self.country,
            "topics": topics_within(self.topic),
            "outcome": self.outcome,
        }
        if self.checked_since:
            wanted["information_date"] = {"gte": int(self.checked_since.strftime("%Y%m%d"))}
        if self.language:
            wanted["language"] = self.language
        else:
            wanted["readers"] = (reader,)
        return wanted


def asked_for(values: Mapping[str, list[str]]) -> Asked:
    """What an address asks for; whatever is not understood is as if it were not there."""

    def known(name: str, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v for v in values.get(name, ()) if v in codes))

    def last(name: str) -> str:
        return (values.get(name) or [""])[-1]

    return Asked(
        q=" ".join(last("q").split())[:MAX_WORDS],
        country=known("country", COUNTRIES),
        topic=known("topic", TOPICS.keys() | GROUPS.keys()),
        language=known("language", [v for v in values.get("language", ()) if is_language(v)]),
        outcome=known("outcome", OUTCOMES),
        checked_since=_day(last("checked_since")),
        sort=last("sort") if last("sort") in SORTS else None,
        page=min(int(page), LAST_PAGE) if (page := last("page")).isdecimal() and int(page) else 1,
    )


def is_language(tag: str) -> bool:
    """Whether a text has the form of a language tag of ours."""
    return _LANGUAGE.fullmatch(tag) is not None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def topics_within(codes: Iterable[str]) -> tuple[str, ...]:
    """The topics that codes stand for: a group is all its topics, unless some of them are named."""
    chosen = set(codes)
    narrowed = {TOPICS[code].parent for code in chosen if code in TOPICS}
    return tuple(
        code
        for code, topic in TOPICS.items()
        if code in chosen or (topic.parent in chosen and topic.parent not in narrowed)
    )


def searched_language(words: str, reader: str) -> str:
    """The language to search in: the reader's, unless the words give another away."""
    told = query_languages(words)
    if not words or language_of(reader) in told:
        return reader
    return next((tag for tag in READERS if language_of(tag) == told[0]), told[0])


def pages_around(page: int, pages: int) -> list[int | None]:
    """The numbers that a pager shows: the first, the last and those around; None is a gap."""
    shown = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    numbers: list[int | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number - before == 2:
            numbers.append(before + 1)
        elif number - before > 2:
            numbers.append(None)
        numbers.append(number)
    return numbers
