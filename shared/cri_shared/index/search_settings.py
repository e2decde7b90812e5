"""The settings of the index of entries, as code; a change of them is a new index name."""

from collections.abc import Mapping
from typing import Any

from cri_shared.index.documents import FILTERABLE, SEARCHABLE, SORTABLE
from cri_shared.index.text import stop_words, synonyms

INDEX = "entries_v1"
OLDEST = (1, 9)  # the Meilisearch that understands all of this
MOST_HITS = 2_000

# What an entry weighs by its status. Meilisearch sorts equally relevant hits by it; cri-index
# multiplies a score by log2(2 + weight), which takes a sixth off an entry that is due.
WEIGHTS: Mapping[str, float] = {"published": 1.0, "due": 0.5}
WEIGHT = "rank_weight"


def settings() -> dict[str, Any]:
    """What the engine is told; needs Meilisearch `OLDEST` or later."""
    return {
        "displayedAttributes": ["*"],
        "searchableAttributes": list(SEARCHABLE),
        "filterableAttributes": sorted(FILTERABLE),
        "sortableAttributes": sorted(SORTABLE),
        # "sort" first: who sorts by date wants dates in order. "attribute" is understood by every
        # release; from 1.36 on it stands for attributeRank and wordPosition.
        "rankingRules": [
            *("sort", "words", "typo", "proximity", "attribute"),
            f"{WEIGHT}:desc",
            "exactness",
        ],
        "stopWords": stop_words(),
        "synonyms": synonyms(),
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnNumbers": True,
        },
        "faceting": {"maxValuesPerFacet": 300, "sortFacetValuesBy": {"*": "count"}},
        "pagination": {"maxTotalHits": MOST_HITS},
    }


def outdated(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted settings that the engine does not have yet."""
    return {name: value for name, value in wanted.items() if not _same(value, found.get(name))}


def _same(wanted: Any, found: Any) -> bool:
    """Whether they mean the same: the engine adds defaults of its own."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _same(value, found[name]) for name, value in wanted.items()
        )
    return bool(wanted == found)
