"""Ordinary words: the dictionaries of many languages, and what endings make of their words."""

from collections.abc import Iterator
from functools import cache, lru_cache

import simplemma
from wordfreq import zipf_frequency

from cri_shared.privacy.detectors.endings import ENDINGS, FRONTS, MAKES_WORDS, MEDICINES
from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.lists import fold, words_of

# Zipf frequencies: 3.0 is once in a million words.
ORDINARY = 3.0
COMMON = 3.6
FAIRLY_COMMON = 4.5
VERY_ORDINARY = 5.0

LATIN = ("en", "fr", "nl")
_DICTIONARIES = frozenset(
    (
        *(
            "ar",
            "bg",
            "cs",
            "de",
            "el",
            "en",
            "es",
            "et",
            "fa",
            "fi",
            "fr",
            "hbs",
            "he",
            "hi",
            "hu",
        ),
        *("hy", "id", "it", "ka", "lt", "lv", "mk", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq"),
        *("sv", "sw", "tr", "uk"),
    )
)
_FREQUENCIES = frozenset(
    (
        *("ar", "bg", "bn", "cs", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "it"),
        *("mk", "nl", "pl", "pt", "ro", "ru", "sh", "sv", "tr", "uk", "ur"),
    )
)
_ALIASES = {"prs": "fa", "ary": "ar", "arz": "ar", "apc": "ar"}
_DICTIONARY_NAMES = {"sr": "hbs", "bs": "hbs", "hr": "hbs"}
_FREQUENCY_NAMES = {"sr": "sh", "bs": "sh", "hr": "sh"}

_PARTS = r"[’'\-\x{200c}]"
_SHORTEST_DRUG = 8
_LONGEST = 40  # letters of a word that is worth taking apart
_SHORTEST_MADE = 6


def known_as(language: str) -> str:
    """The tag under which word lists know a language ("fa" for fa-AF)."""
    return _ALIASES.get(language, language.split("-")[0])


@lru_cache(maxsize=50_000)
def is_ordinary(word: str, language: str) -> bool:
    """Whether a lower-case word is an ordinary word of the language, however it ends."""
    parts = [part for part in expression(_PARTS).split(word) if part]
    if len(parts) > 1 and all(len(part) < 3 or is_ordinary(part, language) for part in parts):
        return True
    code = known_as(language)
    if is_listed(word, code) or (
        len(word) >= _SHORTEST_DRUG and expression(MEDICINES).search(fold(word))
    ):
        return True
    makes_words = MAKES_WORDS.get(code)
    if makes_words and len(word) >= _SHORTEST_MADE and expression(makes_words).search(word):
        return True
    if code == "nl":
        return _is_compound(word)
    return any(is_listed(form, code) for form in _forms(word, code))


@lru_cache(maxsize=50_000)
def is_listed(word: str, code: str) -> bool:
    """Whether exactly this word is in a list of the language."""
    if word in words_of(code):
        return True
    dictionary = _DICTIONARY_NAMES.get(code, code)
    if dictionary in _DICTIONARIES and simplemma.is_known(word, dictionary, low_memory=True):
        return True
    return code not in LATIN and frequency(word, code) >= ORDINARY


def has_frequencies(code: str) -> bool:
    """Whether it is known how often the words of a language are used."""
    return _FREQUENCY_NAMES.get(code, code) in _FREQUENCIES


def frequency(word: str, language: str) -> float:
    """Zipf frequency, 0 where no list knows the language.

    The small lists end at 3.0, below which no rule makes a difference.
    """
    code = known_as(language)
    code = _FREQUENCY_NAMES.get(code, code)
    if code not in _FREQUENCIES:
        return 0.0
    return float(zipf_frequency(word, code, wordlist="small"))


@cache
def endings(code: str) -> tuple[str, ...]:
    """The endings of a language's words, longest first."""
    return tuple(sorted(ENDINGS.get(code, ("", ()))[0].split(), key=len, reverse=True))


def bare(word: str, code: str) -> Iterator[str]:
    """The word without what a language writes at its front, at its end, or at both."""
    fronts = [f for f in FRONTS.get(code, "").split() if word.startswith(f)]
    for front in ("", *fronts):
        rest = word.removeprefix(front)
        if front and len(rest) > 1:
            yield rest
        for ending in endings(code):
            if rest.endswith(ending) and len(rest) - len(ending) >= 2:
                yield rest.removesuffix(ending)


def _forms(word: str, code: str) -> Iterator[str]:
    if not (4 if code not in FRONTS else 1) <= len(word) <= _LONGEST:
        return
    for stem in bare(word, code):
        for ending in ENDINGS.get(code, ("", ("",)))[1]:
            yield stem + ending


def _is_compound(word: str) -> bool:
    """Dutch writes two words as one: "naaiatelier"."""
    for at in range(3, len(word) - 4) if 10 <= len(word) <= _LONGEST else ():
        head, tail = word[:at], word[at:]
        if is_listed(tail, "nl") and (
            is_listed(head, "nl")
            or (head[-1] == "s" and len(head) > 4 and is_listed(head[:-1], "nl"))
        ):
            return True
    return False
