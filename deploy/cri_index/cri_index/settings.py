"""The settings of an index: what may be set, how it is checked, and what it means to the engine."""

import re
from collections.abc import Callable
from typing import Any

from cri_index.errors import ApiError, bad_request

Settings = dict[str, Any]

BUILT_IN_RULES = (
    "words",
    "typo",
    "proximity",
    "attributeRank",
    "sort",
    "wordPosition",
    "exactness",
)

# The name before Meilisearch 1.36 of attributeRank and wordPosition together.
OLDER_RULES = ("attribute",)

DEFAULTS: Settings = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "rankingRules": list(BUILT_IN_RULES),
    "stopWords": [],
    "nonSeparatorTokens": [],
    "separatorTokens": [],
    "dictionary": [],
    "synonyms": {},
    "distinctAttribute": None,
    "proximityPrecision": "byWord",
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": False,
    },
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "pagination": {"maxTotalHits": 1000},
    "embedders": {},
    "searchCutoffMs": None,
    "localizedAttributes": None,
    "facetSearch": True,
    "prefixSearch": "indexingTime",
}

_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")


def changed(current: Settings, patch: Any) -> Settings:
    """The settings after a PATCH: null resets, objects are merged one level deep.

    Raises ApiError 400 for a name or value that is unknown, or that this server cannot obey.
    """
    if not isinstance(patch, dict):
        raise bad_request("bad_request", "Invalid value type: expected an object.")
    settings = dict(current)
    for name, value in patch.items():
        if name not in DEFAULTS:
            raise bad_request("bad_request", f"Unknown field: expected one of {_known()}.")
        settings[name] = DEFAULTS[name] if value is None else _checked(name, settings[name], value)
    return settings


def needs_new_index(before: Settings, after: Settings) -> bool:
    """Whether documents must be indexed again to obey the new settings."""
    names = ("searchableAttributes", "filterableAttributes", "sortableAttributes", "rankingRules")
    return any(before[name] != after[name] for name in names)


def ranking_attribute(settings: Settings) -> str | None:
    """The numeric attribute of the custom rule `<attribute>:desc`, if there is one."""
    custom = _custom(settings["rankingRules"])
    return custom[0].removesuffix(":desc") if custom else None


def _custom(rules: list[str]) -> list[str]:
    return [rule for rule in rules if rule not in (*BUILT_IN_RULES, *OLDER_RULES)]


def _known() -> str:
    return ", ".join(f"`{name}`" for name in DEFAULTS)


def _refused(name: str, why: str) -> ApiError:
    snake = re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)
    return bad_request(f"invalid_settings_{snake}", f"Invalid value at `.{name}`: {why}")


def _checked(name: str, current: Any, value: Any) -> Any:
    check = _CHECKS.get(name)
    if check:
        return check(name, current, value)
    if value != DEFAULTS[name]:
        raise _refused(name, "cri-index supports only the default here.")
    return value


def _strings(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _refused(name, "expected an array of strings.")
    return value


def _attributes(name: str, _current: Any, value: Any) -> list[str]:
    found = _strings(name, value)
    for attribute in found:
        if not _ATTRIBUTE.fullmatch(attribute):
            raise _refused(name, "cri-index supports plain attribute names only.")
    return list(dict.fromkeys(found))


def _searchable(name: str, current: Any, value: Any) -> list[str]:
    return ["*"] if value == ["*"] else _attributes(name, current, value)


def _filterable(name: str, current: Any, value: Any) -> list[str]:
    return sorted(_attributes(name, current, value))


def _rules(name: str, _current: Any, value: Any) -> list[str]:
    rules = _strings(name, value)
    custom = _custom(rules)
    for rule in custom:
        attribute, _, direction = rule.rpartition(":")
        if direction != "desc" or not _ATTRIBUTE.fullmatch(attribute):
            raise _refused(name, "expected a built-in rule or `<attribute>:desc`.")
    if len(custom) > 1 or len(set(rules)) != len(rules):
        raise _refused(name, "cri-index supports each rule once and one custom rule.")
    return rules


def _stop_words(name: str, _current: Any, value: Any) -> list[str]:
    return sorted(set(_strings(name, value)))


def _synonyms(name: str, _current: Any, value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise _refused(name, "expected an object of arrays of strings.")
    for word, others in value.items():
        if any(" " in each for each in [word, *_strings(name, others)]):
            raise _refused(name, "cri-index supports synonyms of one word only.")
    return value


def _merged(name: str, current: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not set(value) <= set(DEFAULTS[name]):
        raise _refused(name, "expected an object without unknown fields.")
    resets = {key: DEFAULTS[name][key] for key, item in value.items() if item is None}
    return {**current, **value, **resets}


def _number(name: str, value: Any, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _refused(name, f"expected an integer from 0 to {most}.")


def _typos(name: str, current: Any, value: Any) -> dict[str, Any]:
    merged = _merged(name, current, value)
    sizes = {**current["minWordSizeForTypos"], **merged["minWordSizeForTypos"]}
    if set(sizes) != {"oneTypo", "twoTypos"}:
        raise _refused(name, "expected `oneTypo` and `twoTypos`.")
    for size in sizes.values():
        _number(name, size, 255)
    flags = (merged["enabled"], merged["disableOnNumbers"])
    if not all(isinstance(flag, bool) for flag in flags):
        raise _refused(name, "expected a boolean.")
    if merged["disableOnWords"] or merged["disableOnAttributes"]:
        raise _refused(name, "cri-index has no exceptions by word or attribute.")
    return {**merged, "minWordSizeForTypos": sizes}


def _faceting(name: str, current: Any, value: Any) -> dict[str, Any]:
    merged = _merged(name, current, value)
    _number(name, merged["maxValuesPerFacet"], 10_000)
    orders = merged["sortFacetValuesBy"]
    if not isinstance(orders, dict) or not set(orders.values()) <= {"alpha", "count"}:
        raise _refused(name, "expected `alpha` or `count` for each attribute.")
    return {**merged, "sortFacetValuesBy": {"*": "alpha", **orders}}


def _pagination(name: str, current: Any, value: Any) -> dict[str, Any]:
    merged = _merged(name, current, value)
    _number(name, merged["maxTotalHits"], 100_000)
    return merged


_CHECKS: dict[str, Callable[[str, Any, Any], Any]] = {
    "searchableAttributes": _searchable,
    "filterableAttributes": _filterable,
    "sortableAttributes": _filterable,
    "rankingRules": _rules,
    "stopWords": _stop_words,
    "synonyms": _synonyms,
    "typoTolerance": _typos,
    "faceting": _faceting,
    "pagination": _pagination,
}
