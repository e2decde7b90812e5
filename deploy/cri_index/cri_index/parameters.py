"""The parameters of a search: which there are, what they may hold, and their defaults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from cri_shared.index.text import language_of
from pydantic_core import to_json

from cri_index import filters
from cri_index.errors import ApiError, bad_request
from cri_index.highlight import Marks

LONGEST_QUERY = 2_000
MOST_QUERIES = 50
_LONGEST_REMEMBERED = 4_000  # bytes of what is asked beside the words

# The locales that Meilisearch 1.50 knows. sq, ps, so, ti and ku are not among them.
_LOCALES = (
    "af ak am ar az be bn bg ca cs da de el en eo et fi fr gu he hi hr hu hy id it jv ja kn ka km"
    " ko la lv lt ml mr mk my ne nl nb or pa fa pl pt ro ru si sk sl sn es sr sv ta te tl th tk tr"
    " uk ur uz vi yi zh zu"
)
LOCALES = frozenset(_LOCALES.split())
_THREE_LETTERS = {
    "ara": "ar", "deu": "de", "ell": "el", "eng": "en", "fas": "fa", "pes": "fa", "fra": "fr",
    "hin": "hi", "hye": "hy", "ita": "it", "kat": "ka", "nep": "ne", "nld": "nl", "pol": "pl",
    "por": "pt", "ron": "ro", "rus": "ru", "spa": "es", "srp": "sr", "tur": "tr", "amh": "am",
}  # fmt: skip


class SearchParameters(NamedTuple):
    """One checked search. `page` is None when the caller counts by `offset` and `limit`."""

    q: str = ""
    page: int | None = None
    per_page: int = 20
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    filter: filters.Filter | None = None
    sort: str | None = None
    all_words: bool = False
    locales: tuple[str, ...] = ()
    retrieve: tuple[str, ...] | None = None
    highlight: tuple[str, ...] = ()
    crop: Mapping[str, int] = MappingProxyType({})
    marks: Marks = Marks()

    def window(self, most: int) -> tuple[int, int]:
        """(offset, limit) of the hits to return; nothing lies beyond `most`."""
        if self.page is None:
            offset, limit = self.offset, self.limit
        else:
            offset = max(0, self.page - 1) * self.per_page
            limit = self.per_page if self.page else 0
        return offset, max(0, min(limit, most - offset))


def search_parameters(body: Any) -> SearchParameters:
    """Check one search as the API takes it; ApiError 400 for anything unknown or misshapen."""
    if not isinstance(body, dict):
        raise bad_request("bad_request", "Invalid value type: expected an object.")
    rest = to_json({name: value for name, value in body.items() if name != "q"})
    known = _remembered if len(rest) < _LONGEST_REMEMBERED else _read
    return known(rest)._replace(q=_Reader(body).words())


def _read(rest: bytes) -> SearchParameters:
    """The parameters but for the words: these are the same in one search after the other."""
    body = json.loads(rest)
    if not set(body) <= _NAMES:
        names = ", ".join(f"`{name}`" for name in sorted(_NAMES))
        raise bad_request("bad_request", f"Unknown field: expected one of {names}.")
    return _Reader(body).parameters()


_remembered = lru_cache(64)(_read)


def _invalid(name: str, wanted: str) -> ApiError:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return bad_request(f"invalid_search_{snake}", f"Invalid value at `.{name}`: {wanted}")


_NAMES = frozenset(
    (
        *("q", "page", "hitsPerPage", "offset", "limit", "facets", "filter", "sort", "locales"),
        *("matchingStrategy", "attributesToRetrieve", "attributesToHighlight", "attributesToCrop"),
        *("cropLength", "cropMarker", "highlightPreTag", "highlightPostTag"),
    )
)


class _Reader:
    """Reads typed values from the body; a missing or null value gives the default."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def parameters(self) -> SearchParameters:
        paged = any(self._body.get(name) is not None for name in ("page", "hitsPerPage"))
        return SearchParameters(
            page=self._count("page", 1) if paged else None,
            per_page=self._count("hitsPerPage", 20),
            offset=self._count("offset", 0),
            limit=self._count("limit", 20),
            facets=self._names("facets"),
            filter=filters.parse(self._body.get("filter")),
            sort=self._sort(),
            all_words=self._strategy() == "all",
            locales=self._locales(),
            retrieve=self._retrieve(),
            highlight=self._names("attributesToHighlight"),
            crop=self._crop(),
            marks=self._marks(),
        )

    def words(self) -> str:
        """What is sought."""
        return self._text("q", "", LONGEST_QUERY)

    def _checked(self, name: str, default: Any, fits: Callable[[Any], bool], wanted: str) -> Any:
        value = self._body.get(name)
        if value is None:
            return default
        if not fits(value):
            raise _invalid(name, wanted)
        return value

    def _text(self, name: str, default: str, longest: int) -> str:
        found: str = self._checked(
            name,
            default,
            lambda value: isinstance(value, str) and len(value) <= longest,
            f"expected a string of at most {longest} characters.",
        )
        return found

    def _count(self, name: str, default: int) -> int:
        found: int = self._checked(
            name,
            default,
            lambda value: type(value) is int and 0 <= value <= 1_000_000,
            "expected a positive integer.",
        )
        return found

    def _names(self, name: str) -> tuple[str, ...]:
        found = self._checked(
            name,
            [],
            lambda value: (
                isinstance(value, list)
                and len(value) <= 100
                and all(isinstance(each, str) for each in value)
            ),
            "expected an array of strings.",
        )
        return tuple(found)

    def _sort(self) -> str | None:
        keys = self._names("sort")
        if not keys:
            return None
        if len(keys) > 1 or keys[0].rpartition(":")[2] not in ("asc", "desc"):
            raise _invalid("sort", "cri-index sorts by one `<attribute>:asc` or `:desc`.")
        return keys[0]

    def _strategy(self) -> str:
        wanted = ("last", "all", "frequency")
        found: str = self._checked(
            "matchingStrategy", "last", wanted.__contains__, f"expected one of {wanted}."
        )
        return found

    def _locales(self) -> tuple[str, ...]:
        tags = [_THREE_LETTERS.get(tag, tag) for tag in self._names("locales")]
        if not set(tags) <= LOCALES:
            raise _invalid("locales", f"expected some of {', '.join(sorted(LOCALES))}.")
        return tuple(dict.fromkeys(language_of(tag) for tag in tags))

    def _retrieve(self) -> tuple[str, ...] | None:
        names = self._names("attributesToRetrieve")
        given = self._body.get("attributesToRetrieve") is not None
        return names if given and "*" not in names else None

    def _crop(self) -> dict[str, int]:
        usual = self._count("cropLength", 10)
        crops: dict[str, int] = {}
        for name in self._names("attributesToCrop"):
            attribute, _, length = name.partition(":")
            if length and not length.isdecimal():
                raise _invalid("attributesToCrop", "expected `<attribute>:<words>`.")
            crops[attribute] = int(length[:6]) if length else usual
        return crops

    def _marks(self) -> Marks:
        usual = Marks()
        return replace(
            usual,
            before=self._text("highlightPreTag", usual.before, 100),
            after=self._text("highlightPostTag", usual.after, 100),
            cut=self._text("cropMarker", usual.cut, 100),
        )
