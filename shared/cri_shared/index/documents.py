"""The documents of the index: one for each language version of a public entry."""

import re
from typing import Literal, NotRequired, TypedDict

Status = Literal["published", "due"]

SEARCHABLE = ("question", "keywords", "answer")
FACETS = ("country", "topic_groups", "topics", "language", "year", "outcome", "labels")
FILTERABLE = (
    *FACETS,
    "entry_id",
    "id",
    "information_date",
    "region",
    "review_by",
    "status",
)
SORTABLE = ("information_date",)

_ID = re.compile(r"[A-Za-z0-9_-]{1,511}")


class EntryDocument(TypedDict):
    """What publishing writes and search reads; C0 only.

    `id` is `document_id(entry_id, language)`; `answer` is plain text; `keywords` holds the names
    of country and topics in every interface language; `topics` are second-level codes and
    `topic_groups` first-level ones; days are integers `yyyymmdd`. An entry that is `due` for a
    new check ranks below an equally good one that is not.
    """

    id: str
    entry_id: str
    slug: str
    language: str
    question: str
    answer: str
    keywords: list[str]
    country: str
    region: NotRequired[str | None]
    topics: list[str]
    topic_groups: list[str]
    outcome: str
    labels: list[str]
    year: int
    information_date: int
    review_by: int
    status: Status


def document_id(entry_id: str, language: str) -> str:
    """The id of one language version; raises ValueError for a character the index refuses."""
    made = f"{entry_id}_{language}"
    if not _ID.fullmatch(made):
        raise ValueError("an index id holds only letters, digits, hyphens and underscores")
    return made
