"""A search in Meilisearch's language: what is asked, and what the answer says."""

import re
from collections.abc import Mapping
from typing import Any

from cri_shared.index.documents import OWN_FILTERS, version_of
from cri_shared.index.marks import END_OF_MARK, MARK, cut, marked
from cri_shared.index.port import AnyOf, Filters, Hit, Page, Query, Range
from cri_shared.index.text import query_languages

SNIPPET_WORDS = 40
_NAME = re.compile(r"[a-z_]+")
# A hit is written and read at every search, 20 at a time, and each fact stands in it twice. Its id
# says which entry it is of, and in which language.
FACTS = ("id",)
_SHOWN = {
    "attributesToRetrieve": FACTS,
    "attributesToHighlight": ("question", "answer"),
    "attributesToCrop": ("answer",),
    "cropLength": SNIPPET_WORDS,
    "cropMarker": "…",
    "highlightPreTag": MARK,
    "highlightPostTag": END_OF_MARK,
}
# Languages of ours that Meilisearch takes as a hint; it refuses any it does not know.
_HINTS = frozenset(
    "am ar de el en es fa fr hi hy it ka ne nl pt ro ru tr vi".split(" ")  # noqa: SIM905
)


def queries_of(query: Query, uid: str) -> list[dict[str, Any]]:
    """The page, then the counts of every chosen facet without its own filters."""
    common: dict[str, Any] = {
        "indexUid": uid,
        "q": query.text,
        "matchingStrategy": "frequency",
    }
    if query.text and (hints := _hints(query)):
        common["locales"] = hints
    own = {name: _own_filters(query, name) for name in query.facets}
    page = {
        **common,
        **_SHOWN,
        "filter": filter_expressions(query.filters),
        "facets": [name for name, used in own.items() if not used],
        "page": query.page,
        "hitsPerPage": query.per_page,
    }
    if query.sort:
        page["sort"] = [query.sort]
    return [page, *({**common, **counting} for counting in _counting(query, own))]


def _hints(query: Query) -> list[str]:
    """The languages of the words, the likeliest first; none where that one has no name there."""
    likely = query_languages(query.text, query.languages)
    return [tag for tag in likely if tag in _HINTS] if likely[0] in _HINTS else []


def _own_filters(query: Query, facet: str) -> tuple[str, ...]:
    """The filters in use that choose among the values of a facet."""
    own = OWN_FILTERS.get(facet, (facet,))
    return tuple(name for name in own if query.filters.get(name))


def _counting(query: Query, own: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """What to ask for the counts of chosen facets: one query for those that leave out the same."""
    together: dict[tuple[str, ...], list[str]] = {}
    for facet, used in own.items():
        if used:
            together.setdefault(used, []).append(facet)
    return [
        {
            "filter": filter_expressions(
                {name: wanted for name, wanted in query.filters.items() if name not in used}
            ),
            "facets": facets,
            "hitsPerPage": 0,
        }
        for used, facets in together.items()
    ]


def page_of(query: Query, results: list[dict[str, Any]]) -> Page:
    """What a search found, from the answers to its queries."""
    counted: dict[str, dict[str, int]] = {}
    for result in results:
        counted |= result.get("facetDistribution") or {}
    return Page(
        hits=_hits(results[0]["hits"]),
        total=int(results[0]["totalHits"]),
        facets={name: counted.get(name, {}) for name in query.facets},
        took_ms=sum(int(result["processingTimeMs"]) for result in results),
    )


def _hits(found: list[dict[str, Any]]) -> list[Hit]:
    shown = [each.get("_formatted") or {} for each in found]
    titles = marked([each.get("question") or "" for each in shown])
    snippets = marked([cut(each.get("answer") or "") for each in shown])
    each = zip(found, titles, snippets, strict=True)
    return [Hit(one["id"], *version_of(one["id"]), title, snippet) for one, title, snippet in each]


def filter_expressions(filters: Filters) -> list[str]:
    """The filters in Meilisearch's language, to be and-ed; no value can become part of it."""
    return [
        expression
        for name, wanted in filters.items()
        for expression in _conditions(_checked_name(name), wanted)
    ]


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a filter names a field of the index")
    return name


def _conditions(name: str, wanted: AnyOf | Range) -> list[str]:
    if isinstance(wanted, Mapping):
        signs = {"gte": ">=", "lte": "<="}
        return [f"{name} {signs[end]} {int(value)}" for end, value in wanted.items()]
    values = [wanted] if isinstance(wanted, str) else wanted
    return [f"{name} IN [{', '.join(_quoted(value) for value in values)}]"] if values else []


def _quoted(value: str | int) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The same without one member."""
    return {key: value for key, value in body.items() if key != name}
