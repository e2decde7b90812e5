"""A text as a row of words: which announces a name, which are well-known places, given names."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.lists import (
    allowed,
    before_names,
    countries,
    given_names,
    large_cities,
    plain,
    trunk,
    trunks,
)
from cri_shared.privacy.detectors.vocabulary import LATIN, bare, known_as

_JOINERS = "՛՜՞"  # stand inside an Armenian word
_LETTER = rf"[\p{{L}}\p{{M}}\x{{200c}}{_JOINERS}]"
_WORD = rf"{_LETTER}+(?:[’'\-]{_LETTER}+)*"
_ELISION = r"^(?i:l|d|qu|n|s|j|m|t|c)[’']"
_ANNOUNCING = ("relation", "village", "title", "introduction")  # the stronger come last
_LIGHT = frozenset(' .:,՝«"“(/\t')
_SENTENCE_ENDS = ".!?:؟。։።፤"
_LONGEST_PLACE = 4  # words
_LONGEST_UNIT = 3
_SHORTEST_TRUNK, _SHORTEST_LATIN_TRUNK = 4, 5


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text."""

    start: int
    end: int
    text: str


def tokens(text: str) -> list[Token]:
    """The words of a text in every script, in reading order."""
    return [
        Token(match.start(), match.end(), match.group())
        for match in expression(_WORD).finditer(text)
    ]


class Reading:
    """A text in one language, word by word; every question is asked with a word's position."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self.language = language
        self.code = known_as(language)
        self.tokens = tokens(text)
        self.cores = [_core(token.text) for token in self.tokens]
        self.plain = [plain(core) for core in self.cores]
        self._announced = dict(self._announcements())
        self._well_known = set(self._well_known_places())

    def __len__(self) -> int:
        return len(self.tokens)

    def announced(self, at: int) -> str:
        """What stands before a word and announces it (a heading of before_names.txt), or ""."""
        return self._announced.get(at, "")

    def is_strongly_announced(self, at: int) -> bool:
        """Whether a title or an introduction stands before a word."""
        return self.announced(at) in ("title", "introduction")

    def is_title(self, at: int) -> bool:
        """Whether this word is itself a title."""
        return self._is("title", at)

    def is_particle(self, at: int) -> bool:
        """Whether this word goes with the name that it begins: "van", "el"."""
        return self._is("particle", at)

    def is_in_place(self, at: int) -> bool:
        """Whether a word for being somewhere stands before this one."""
        return at > 0 and self._is("in_place", at - 1)

    def _is(self, sort: str, at: int) -> bool:
        return (self.plain[at],) in before_names(self.code)[sort]

    def announces(self, at: int) -> bool:
        """Whether this word is one that stands before names."""
        return any(self._is(sort, at) for sort in _ANNOUNCING)

    def is_well_known(self, at: int) -> bool:
        """Whether a word belongs to the name of a country or a large city."""
        return at in self._well_known

    def cities(self) -> list[int]:
        """Where words begin that belong to the name of a large city, and to no country's."""
        return [
            self.tokens[at].start
            for at in sorted(self._well_known)
            if self.plain[at] not in allowed()
        ]

    def is_named(self, at: int) -> bool:
        """Whether this is somebody's given name somewhere, however it ends."""
        return _is_given_name(self.plain[at], self.code)

    def before(self, at: int) -> str:
        """The word before this one."""
        return self.plain[at - 1] if at else ""

    def adjoins_next(self, at: int) -> bool:
        """Whether only a space stands between a word and the next."""
        return at + 1 < len(self) and self._between(at) == " "

    def is_unit(self, at: int) -> bool:
        """Whether this belongs to the number before it: "9ter", "500mg"."""
        token = self.tokens[at]
        before = self._text[token.start - 1 : token.start]
        return before.isdecimal() and len(token.text) <= _LONGEST_UNIT

    def starts_sentence(self, at: int) -> bool:
        """Whether a word is the first of a sentence, where capitals mean nothing."""
        start = self.tokens[at].start
        before = self._text[max(0, start - 8) : start].rstrip(" \t\n\"'(«»“”¿¡-")
        return not before or before[-1] in _SENTENCE_ENDS

    def _between(self, at: int) -> str:
        return self._text[self.tokens[at].end : self.tokens[at + 1].start]

    def _announcements(self) -> Iterator[tuple[int, str]]:
        for sort in _ANNOUNCING:
            phrases = before_names(self.code)[sort]
            for length in {len(phrase) for phrase in phrases}:
                for at in range(len(self) - length):
                    between = self._between(at + length - 1)
                    is_near = len(between) <= 3 and _LIGHT.issuperset(between)
                    if is_near and tuple(self.plain[at : at + length]) in phrases:
                        yield at + length, sort

    def _well_known_places(self) -> Iterator[int]:
        for at in range(len(self)):
            for length in range(min(_LONGEST_PLACE, len(self) - at), 0, -1):
                if self._is_place(at, length):
                    yield from range(at, at + length)
                    break

    def _is_place(self, at: int, length: int) -> bool:
        if length > 1:
            first, *others = self.plain[at : at + length]
            return any(
                (name := " ".join([start, *others])) in large_cities() or name in countries()
                for start in {first, *bare(first, self.code)}
            )
        word = self.plain[at]
        if len(word) < 4 and not self.cores[at].isupper():
            return False
        if self.is_named(at) and not self.is_in_place(at):
            return False
        return _is_place_word(word, self.code)


@lru_cache(maxsize=50_000)
def _core(word: str) -> str:
    """A word without a French article or an Armenian question mark."""
    without: str = expression(_ELISION).sub("", word)
    return without.translate(dict.fromkeys(map(ord, _JOINERS)))


def has_case(word: str) -> bool:
    """Whether the script has capitals in its sentences; Georgian has some, but not there."""
    first = word[:1]
    return first.lower() != first.upper() and not "ა" <= first <= "ჿ"


@lru_cache(maxsize=50_000)
def _is_given_name(word: str, code: str) -> bool:
    if word in given_names():
        return True
    return code not in LATIN and any(
        len(stem) > 3 and stem in given_names() for stem in bare(word, code)
    )


@lru_cache(maxsize=50_000)
def _is_place_word(word: str, code: str) -> bool:
    """Whether a word names a large place in one of its forms: "Ереване" is one of "Ереван"."""
    if word in large_cities() or word in allowed():
        return True
    if code in LATIN:
        return False
    return any(
        stem in large_cities() or stem in allowed() or trunk(stem) in trunks()
        for stem in (word, *bare(word, code))
        if len(trunk(stem)) >= (_SHORTEST_LATIN_TRUNK if stem.isascii() else _SHORTEST_TRUNK)
    )
