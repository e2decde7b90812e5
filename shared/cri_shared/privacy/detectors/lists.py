"""Lists of words: which identify nobody, which are given names, which stand before a name.

Those that libraries know are packed beforehand (`making`).
"""

import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

from unidecode import unidecode

from cri_shared.privacy.detectors.packed import Packed

_VOWELS = "aeiouyаеиоуыэюяйьії'აეიოუ"
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
def countries() -> Packed:
    """Names of countries, in many languages."""
    return Packed("countries")


@cache
def allowed() -> Packed:
    """Words that identify nobody: of countries, their languages, and the maintained list."""
    return Packed("allowed")


@cache
def allowed_folded() -> Packed:
    """Words of countries, capitals and all else that identifies nobody, in Latin letters."""
    return Packed("allowed_folded")


@cache
def large_cities() -> Packed:
    """Names, in many languages and scripts, of cities of 100,000 people and of capitals."""
    return Packed("large_cities")


@cache
def trunks() -> Packed:
    """Trunks of the names of large cities and of words that identify nobody."""
    return Packed("trunks")


@cache
def cities() -> Packed:
    """Folded names of the world's towns of 15,000 people and more, in many languages."""
    return Packed("cities")


@cache
def given_names() -> Packed:
    """Given names of the countries that people return to, from the lists of Faker and our own."""
    return Packed("given_names")


def trunk(name: str) -> str:
    """A name without the vowels at its end, which languages change."""
    return name.rstrip(_VOWELS)


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
