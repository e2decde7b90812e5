"""The leak check: nothing that identifies the asker may leave in an outgoing text. A hard block."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import re2
from rapidfuzz.distance import DamerauLevenshtein
from unidecode import unidecode

from cri_shared.privacy.detectors import FindingKind, detect
from cri_shared.privacy.detectors.words import Token, allowed, cities, fold, is_ordinary, tokens

_SIGNIFICANT_DIGITS = 7
_LONG_PLACE = 7
_NO_NAMES = frozenset(
    {
        "the",
        "and",
        "van",
        "den",
        "der",
        "het",
        "een",
        "les",
        "des",
        "mon",
        "son",
        "mr",
        "mrs",
        "ms",
        "mme",
        "dr",
        "familie",
        "family",
        "famille",
    }
)
_READ = ("en", "fr", "nl")
_MONTHS = (
    "jan",
    "feb fev",
    "mar maa mrt",
    "avr apr",
    "mai may mei",
    "juin jun",
    "juil jul",
    "aou aug",
    "sep",
    "oct okt",
    "nov",
    "dec",
)


@dataclass(frozen=True)
class CaseFacts:
    """What intake knows about one case and what must therefore never leave it. C3: never stored."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leak:
    """Characters `start` to `end` of the outgoing text repeat a fact of the case."""

    kind: str
    fragment: str
    start: int
    end: int


_FIELD_OF_KIND = {
    FindingKind.NAME: "names",
    FindingKind.PHONE: "phones",
    FindingKind.EMAIL: "emails",
    FindingKind.NUMBER: "numbers",
    FindingKind.IBAN: "numbers",
    FindingKind.ADDRESS: "addresses",
    FindingKind.DATE: "dates",
    FindingKind.URL: "other",
    FindingKind.HANDLE: "other",
}
_FIELD_OF_CONTACT = {"name": "names", "phone": "phones", "email": "emails", "reference": "numbers"}


def facts_from_text(original_text: str, language: str, contact: Mapping[str, str]) -> CaseFacts:
    """The facts of a case: what the detectors see in the original, and the contact fields.

    `contact` has the keys name, phone, email, reference; any other is compared word for word.
    Places are no facts: the research question needs them. Ages are left to the officer.
    """
    facts: dict[str, list[str]] = {}
    for finding in detect(original_text, language):
        if field := _FIELD_OF_KIND.get(finding.kind):
            facts.setdefault(field, []).append(finding.text)
    for key, value in contact.items():
        if value.strip():
            facts.setdefault(_FIELD_OF_CONTACT.get(key, "other"), []).append(value)
    return CaseFacts(**{field: tuple(values) for field, values in facts.items()})


def leaks(facts: CaseFacts, outgoing_text: str) -> list[Leak]:
    """Every place where `outgoing_text` repeats a fact, in reading order; empty means it may go.

    Names survive capitals, accents, other scripts, another order and a typo (none below five
    letters, one below eight, two from there); numbers are compared by their last seven digits.
    """
    found = {
        *_names(facts.names, outgoing_text),
        *_numbers((*facts.phones, *facts.numbers), outgoing_text),
        *_dates(facts.dates, outgoing_text),
        *_phrases("email", facts.emails, outgoing_text),
        *_phrases("address", facts.addresses, outgoing_text),
        *_phrases("other", facts.other, outgoing_text),
    }
    return sorted(found, key=lambda leak: (leak.start, leak.end, leak.kind))


def _names(names: Iterable[str], text: str) -> Iterator[Leak]:
    secret = {part for name in names for part in _parts(name)} - allowed() - _NO_NAMES
    for token in tokens(text):
        like_name = token.text[0].isupper() and not _opens_sentence(text, token)
        parts = _parts(token.text)
        if any(_same_name(name, part, token, like_name) for part in parts for name in secret):
            yield Leak("name", token.text, token.start, token.end)


def _parts(text: str) -> list[str]:
    parts = _pattern(r"[^a-z]+").split(fold(text.replace("\u200c", "")))
    return [part for part in parts if len(part) > 2]


def _opens_sentence(text: str, token: Token) -> bool:
    before = text[max(0, token.start - 4) : token.start].rstrip()
    return not before or before[-1] in ".!?:"


def _same_name(name: str, part: str, token: Token, like_name: bool) -> bool:
    if name == part:
        # "Blessing" and "Alpha" are names and words: as a word they are written small.
        return not _is_word(name) or token.text[0].isupper()
    limit = 0 if len(name) < 5 else 1 if len(name) < 8 else 2
    if DamerauLevenshtein.distance(name, part, score_cutoff=limit) > limit:
        return False
    return not _is_another_word(part, like_name)


def _is_another_word(part: str, like_name: bool) -> bool:
    """Whether this is a word of its own: "price" is no mistyped "Prince".

    A capital inside a sentence takes that excuse away, but for a longer place name: "Mykolaiv" is
    no mistyped "Mykolajiv". Short ones are no excuse, some town is near to any short name.
    """
    if part in allowed() or (len(part) >= _LONG_PLACE and part in cities()):
        return True
    return not like_name and _is_word(part)


def _is_word(word: str) -> bool:
    return any(is_ordinary(word, language) for language in _READ)


def _numbers(numbers: Iterable[str], text: str) -> Iterator[Leak]:
    secret = {digits[-_SIGNIFICANT_DIGITS:] for number in numbers if (digits := _digits(number))}
    for match in _pattern(r"\p{Nd}(?:[^\p{L}\p{N}]{0,3}\p{Nd}){4,}").finditer(text):
        run = _digits(match.group())
        if any(len(digits) >= 5 and digits in run for digits in secret):
            yield Leak("number", match.group(), *match.span())


def _digits(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())


def _dates(dates: Iterable[str], text: str) -> Iterator[Leak]:
    secret = [day for date in dates if (day := _day(date))]
    if not secret:
        return
    for finding in detect(text, "en"):
        day = _day(finding.text) if finding.kind == FindingKind.DATE else None
        if day and any(_same_day(day, other) for other in secret):
            yield Leak("date", finding.text, finding.start, finding.end)


def _day(text: str) -> tuple[int, int, int] | None:
    """(year or 0, month, day) of a date in any of the usual ways to write it."""
    folded = fold(text)
    numbers = [int(number) for number in _pattern(r"\d+").findall(folded)]
    month = next((at for at, names in enumerate(_MONTHS, 1) if _named(names, folded)), None)
    if month is not None and numbers:
        year = next((number for number in numbers if number > 31), 0)
        return year, month, next((number for number in numbers if number <= 31), 0)
    if len(numbers) != 3:
        return None
    year, month, day = numbers if numbers[0] > 31 else (numbers[2], numbers[1], numbers[0])
    return _century(year), month, day


def _century(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year <= 30 else 1900)


def _named(names: str, folded: str) -> bool:
    words = _pattern(r"[a-z]+").findall(folded)
    return any(word.startswith(name) for name in names.split() for word in words)


def _same_day(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    years = {one[0], other[0]} - {0}
    swapped = (one[2], one[1]) == other[1:] and bool(one[0] and other[0])
    return len(years) <= 1 and (one[1:] == other[1:] or swapped)


def _phrases(kind: str, phrases: Iterable[str], text: str) -> Iterator[Leak]:
    """Places where a phrase stands, whatever its case, accents and punctuation."""
    folded, origin = _squeezed(text)
    for phrase in phrases:
        wanted, _ = _squeezed(phrase)
        at = folded.find(wanted) if wanted else -1
        while at >= 0:
            start, end = origin[at], origin[at + len(wanted) - 1] + 1
            yield Leak(kind, text[start:end], start, end)
            at = folded.find(wanted, at + 1)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text, folded, and for each the character it came from."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for letter in unidecode(character.casefold()).lower():
            if letter.isalnum():
                letters.append(letter)
                origin.append(at)
    return "".join(letters), origin


@cache
def _pattern(pattern: str) -> re2._Regexp:
    return re2.compile(pattern)
